"""docs/statistics.md and docs/grafana.json: what they tell their readers is true."""

import csv
import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import pages
from tests.support.needs import needs
from tests.worker.conftest import DUE
from tests.worker.population import DAY, PUBLISHED, generate, put
from worker.local import toolchain
from worker.local.harness import Harness

DOCS = Path(__file__).parents[2] / "docs"
DASHBOARD: dict[str, Any] = json.loads(
    (DOCS / "grafana.json").read_text(encoding="utf-8")
)
VERSIONS, COMMITS, SHARE = pages.commands("docs/statistics.md")
(QUERY,) = (it.text for it in pages.blocks("docs/statistics.md", "sql"))


def told(worker: Harness, period: str) -> dict[str, Any]:
    answer = requests.get(f"{worker.url}/stats?period={period}", timeout=30)
    it: dict[str, Any] = answer.json()
    return it


def lines(worker: Harness, recipe: str) -> list[list[str]]:
    done = subprocess.run(
        ("sh", "-eu", "-c", recipe),
        env={**os.environ, "STATS": worker.url, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


@needs("sh", "jq", "curl")
def test_the_first_recipe_tells_how_many_run_which_version(counted: Harness) -> None:
    cells = told(counted, "30d")["fields"]["version"]["cells"]

    assert cells
    assert lines(counted, VERSIONS) == [
        [str(it["installs"]), it["value"]] for it in cells
    ]


@needs("sh", "jq", "curl")
def test_the_second_tells_of_betas_by_commit(worker: Harness) -> None:
    assert lines(worker, COMMITS) == []
    put(worker, generate(2, 900, DUE - 6 * DAY, DUE))
    worker.run_cron(DUE)
    cells = told(worker, "7d")["betas"]["fields"]["commit"]["cells"]

    assert cells
    assert lines(worker, COMMITS) == [
        [str(it["installs"]), it["value"] or "unknown"] for it in cells
    ]


@needs("sh", "jq", "curl")
def test_the_third_follows_a_version_from_month_to_month(counted: Harness) -> None:
    months = lines(counted, SHARE)

    assert [month for month, _, _ in months] == [
        *(f"2025-{it:02}" for it in range(7, 13)),
        *(f"2026-{it:02}" for it in range(1, 6)),
    ]
    for month, total, share in months:
        it = told(counted, month)
        version = [
            cell["installs"]
            for cell in it["fields"]["version"]["cells"]
            if cell["value"] == "2.15.0"
        ]
        assert total == str(it["total"] or "withheld")
        assert share == str(version[0] if version else "withheld")


@pytest.mark.parametrize("seed", range(4))
def test_the_query_makes_the_lines_of_the_sheet_from_the_counts(
    worker: Harness, seed: int
) -> None:
    """The rule a second time, in SQL, on populations large and small."""
    put(worker, generate(seed, (9, 60, 150, 700)[seed], DUE - 200 * DAY, DUE))
    worker.run_cron(DUE)

    periods = told(worker, "30d")["periods"]
    assert len(periods) > 9
    for period in periods:
        sheet = requests.get(f"{worker.url}/stats.csv?period={period}", timeout=30)
        _, *expected = csv.DictReader(io.StringIO(sheet.text))
        if told(worker, period)["total"] is None:
            expected = []
        found = worker.query(QUERY, period)
        assert {
            (it["field"], spelt(it["field"], it["value"]), it["installs"])
            for it in found
        } == {
            (it["field"], it["value"], int(it["installs"]) if it["installs"] else None)
            for it in expected
        }
        assert len(found) == len(expected)


def spelt(field: str, value: str) -> str:
    """A value of the counts, as the sheet has it."""
    it = json.loads(value)
    if it is None:
        return "(unknown)"
    if field.startswith(("multi_", "feature_")) and it in (0, 1):
        return "true" if it else "false"
    return str(it)


def targets() -> Iterator[dict[str, Any]]:
    for panel in DASHBOARD["panels"]:
        yield from panel["targets"]


def selected(document: Any, selector: str) -> Any:  # noqa: ANN401  # JSON
    for part in selector.split(".") if selector else ():
        document = document[part]
    return document


def test_every_panel_of_the_dashboard_finds_what_it_shows(worker: Harness) -> None:
    put(worker, generate(2, 900, DUE - 25 * DAY, DUE))
    worker.run_cron(DUE)

    for target in targets():
        url = target["url"].replace("${stats}", worker.url).replace("${period}", "30d")
        found = selected(requests.get(url, timeout=30).json(), target["root_selector"])

        for row in found if isinstance(found, list) else [found]:
            for column in target["columns"]:
                assert column["selector"] in row
        assert found, target["root_selector"]


def test_the_dashboard_shows_every_published_field() -> None:
    selectors = {target["root_selector"] for target in targets()}

    assert {
        f"fields.{name}.cells" if rule is True else f"betas.fields.{name}.cells"
        for name, rule in PUBLISHED.items()
    } <= selectors


def test_the_dashboards_form_is_grafanas_own(tmp_path: Path) -> None:
    """As Grafana's published types have it."""
    types = toolchain.PACKAGES / "@grafana" / "schema" / "dist" / "types" / "index.d.ts"
    (tmp_path / "dashboard.ts").write_text(
        'import type { Dashboard } from "@grafana/schema";\n'
        f"export const dashboard: Dashboard = {json.dumps(DASHBOARD)};\n",
        encoding="utf-8",
    )
    (tmp_path / "tsconfig.json").write_text(
        json.dumps(
            {
                "compilerOptions": {
                    "strict": True,
                    "noEmit": True,
                    "skipLibCheck": True,
                    "module": "ESNext",
                    "moduleResolution": "Bundler",
                    "types": [],
                    "paths": {"@grafana/schema": [str(types)]},
                },
                "files": ["dashboard.ts"],
            }
        ),
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
