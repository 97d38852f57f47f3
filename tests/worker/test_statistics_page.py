"""The recipes of docs/statistics.md and the Grafana dashboard work as described."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support import pages
from tests.support.needs import needs
from tests.worker.client import get
from tests.worker.clock import DAY, DUE
from tests.worker.population import generate_reports, store
from tests.worker.reports import PUBLISHED
from tests.worker.statistics import get_statistics
from worker.local import toolchain
from worker.local.harness import Harness

DASHBOARD: dict[str, Any] = json.loads(
    (pages.ROOT / "projects" / "paperless-ngx" / "grafana.json").read_text(
        encoding="utf-8"
    )
)
VERSIONS, COMMITS, SHARE = pages.commands("docs/statistics.md")
needs_recipe_tools = needs("sh", "jq", "curl")


def run_recipe(worker: Harness, recipe: str) -> list[list[str]]:
    """The columns of every line that *recipe* prints."""
    done = subprocess.run(
        ("sh", "-eu", "-c", recipe),
        env={**os.environ, "STATS": worker.url, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


@needs_recipe_tools
def test_the_first_recipe_lists_versions(counted: Harness) -> None:
    cells = get_statistics(counted)["fields"]["version"]["cells"]

    assert cells
    assert run_recipe(counted, VERSIONS) == [
        [str(cell["installs"]), cell["value"]] for cell in cells
    ]


@needs_recipe_tools
def test_the_second_recipe_lists_betas_by_commit(worker: Harness) -> None:
    assert run_recipe(worker, COMMITS) == []
    store(worker, generate_reports(2, 900, DUE - 6 * DAY, DUE - DAY))
    worker.run_cron(DUE)
    betas = get_statistics(worker, "/stats?period=7d")["betas"]
    cells = betas["fields"]["commit"]["cells"]

    assert cells
    assert run_recipe(worker, COMMITS) == [
        [str(cell["installs"]), cell["value"] or "unknown"] for cell in cells
    ]


@needs_recipe_tools
def test_the_third_recipe_follows_a_version_from_month_to_month(
    counted: Harness,
) -> None:
    lines = run_recipe(counted, SHARE)

    assert [month for month, _, _ in lines] == [
        *(f"2025-{number:02}" for number in range(7, 13)),
        *(f"2026-{number:02}" for number in range(1, 5)),
    ]
    for month, total, share in lines:
        statistics = get_statistics(counted, f"/stats?period={month}")
        cells = statistics["fields"]["version"]["cells"]
        installs = {cell["value"]: cell["installs"] for cell in cells}
        assert total == str(statistics["total"] or "withheld")
        assert share == str(installs.get("2.15.0", "withheld"))


def targets() -> Iterator[dict[str, Any]]:
    for panel in DASHBOARD["panels"]:
        yield from panel["targets"]


def select(document: Any, selector: str) -> Any:  # noqa: ANN401  # JSON
    """The part of *document* that Grafana's *selector* names."""
    for part in selector.split(".") if selector else ():
        document = document[part]
    return document


def test_every_panel_of_the_dashboard_finds_what_it_shows(worker: Harness) -> None:
    store(worker, generate_reports(2, 900, DUE - 25 * DAY, DUE))
    worker.run_cron(DUE)

    for target in targets():
        path = target["url"].removeprefix("${stats}").replace("${period}", "30d")
        selected = select(get(worker, path).json(), target["root_selector"])

        assert selected, target["root_selector"]
        for row in selected if isinstance(selected, list) else [selected]:
            assert {column["selector"] for column in target["columns"]} <= set(row)


def test_the_dashboard_shows_every_published_field() -> None:
    selectors = {target["root_selector"] for target in targets()}

    assert {
        f"fields.{name}.cells" if rule is True else f"betas.fields.{name}.cells"
        for name, rule in PUBLISHED.items()
    } <= selectors


def test_the_dashboard_matches_grafanas_published_types(tmp_path: Path) -> None:
    types = toolchain.PACKAGES / "@grafana" / "schema" / "dist" / "types" / "index.d.ts"
    (tmp_path / "dashboard.ts").write_text(
        'import type { Dashboard } from "@grafana/schema";\n'
        f"export const dashboard: Dashboard = {json.dumps(DASHBOARD)};\n",
        encoding="utf-8",
    )
    options = {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "types": [],
        "module": "ESNext",
        "moduleResolution": "Bundler",
        "paths": {"@grafana/schema": [str(types)]},
    }
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": options, "files": ["dashboard.ts"]}),
        encoding="utf-8",
    )

    tsc = toolchain.PACKAGES / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        (toolchain.NODE, tsc, "--project", tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
