"""The Grafana dashboard of each project gets what its panels show, from a receiver with data."""

import datetime as dt
import itertools
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from paperless_report import contract
from tests.clients.receiver import read_as_operator, run_receiver
from tests.projects.usage import USAGE, Rows
from tests.worker.client import get
from tests.worker.clock import DAY
from tests.worker.database import split_statements
from usage_receiver import configuration, generate
from worker.local import toolchain
from worker.local.harness import Harness

Json = dict[str, Any]

PROJECTS = configuration.PAPERLESS_NGX.parent
DASHBOARDS: dict[str, Json] = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(PROJECTS.glob("*/grafana.json"))
}
OPERATOR = "/operator/"
INSTALLATIONS = 100
START = dt.datetime.now(dt.UTC)
# What the data source puts in place of its macros; the tests may run until after midnight.
RANGE = {
    "${__timeFrom:date:YYYY-MM-DD}": f"{START - 90 * DAY:%Y-%m-%d}",
    "${__timeTo:date:iso}": f"{START + 9 * DAY:%Y-%m-%dT%H:%M:%SZ}",
}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str, bool, int, type(None)),
    "number": (int, type(None)),
    "timestamp": (str,),
}


@dataclass(frozen=True)
class Query:
    """A query of a panel, with one value for each variable."""

    path: str
    panel: Json
    target: Json


def list_queries(project: str) -> Iterator[Query]:
    """List what the panels of a dashboard ask, for every value of its variables."""
    variables = {
        f"${{{it['name']}}}": [option["value"] for option in it["options"]]
        for it in DASHBOARDS[project]["templating"]["list"]
        if it["type"] == "custom"
    }
    choices = [
        dict(zip(variables, values, strict=True))
        for values in itertools.product(*variables.values())
    ]
    for panel in DASHBOARDS[project]["panels"]:
        for target in panel.get("targets", ()):
            paths = (replace_all(target["url"], {**RANGE, **it}) for it in choices)
            for path in dict.fromkeys(paths):
                yield Query(path, panel, target)


def replace_all(text: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text


def escape(name: str) -> str:
    """*name* as one part of a selector."""
    return name.replace(".", r"\.")


def select(document: Any, selector: str) -> Any:  # noqa: ANN401  # JSON
    """The part of *document* that the data source's *selector* names."""
    for part in re.split(r"(?<!\\)\.", selector) if selector else ():
        document = document[part.replace("\\.", ".")]
    return document


def fill(receiver: Harness, project: str) -> None:
    """Store facts of many installations, and run the daily count of the next two days."""
    sample = generate.make_sample(PROJECTS / project, INSTALLATIONS)
    for statement in split_statements(sample["sql"]):
        receiver.query(statement)
    if project in USAGE:
        USAGE[project].send(receiver)
    now = dt.datetime.now(dt.UTC)
    for days in (1, 2):
        assert receiver.run_cron(now + days * DAY) == "ok"


@pytest.fixture(scope="module", params=DASHBOARDS)
def project(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def filled(project: str) -> Iterator[Harness]:
    """The receiver of the project, with an operator's secret and counted data."""
    with run_receiver(project) as receiver:
        fill(receiver, project)
        yield receiver


def test_every_panel_gets_the_rows_and_columns_that_it_shows(
    filled: Harness, project: str
) -> None:
    for query in list_queries(project):
        document = read_as_operator(filled, query.path)
        selected = select(document, query.target["root_selector"])
        rows = selected if isinstance(selected, list) else [selected]

        assert rows, query.path
        for row in rows:
            for column in query.target["columns"]:
                value = row[column["selector"]]
                assert isinstance(value, TYPES[column["type"]]), (query.path, row)
        if query.target["format"] == "timeseries":
            assert_drawable(rows, query)


def test_panels_of_counters_show_what_was_sent(filled: Harness, project: str) -> None:
    shown: defaultdict[str, Rows] = defaultdict(set)
    for query in list_queries(project):
        if query.path.startswith(f"{OPERATOR}counters"):
            columns = [
                it["selector"]
                for it in query.target["columns"]
                if it["type"] != "timestamp"
            ]
            rows = read_as_operator(filled, query.path)
            shown[query.panel["title"]] |= {
                tuple(row[it] for it in columns) for row in rows
            }

    assert shown == (USAGE[project].rows if project in USAGE else {})


def test_the_operator_sees_how_many_installations_are_active(filled: Harness) -> None:
    active = read_as_operator(filled, f"{OPERATOR}installations")

    # Some reports of paperless-ngx are a little more than a week apart: how many depends
    # on the time of the day.
    assert max(row["active_7"] for row in active) >= 0.7 * INSTALLATIONS


def assert_drawable(rows: Iterable[Json], query: Query) -> None:
    """Series are drawn only from rows in the order of their times."""
    (time,) = (
        it["selector"] for it in query.target["columns"] if it["type"] == "timestamp"
    )
    times = [dt.datetime.fromisoformat(row[time]) for row in rows]
    assert times == sorted(times), query.path


def test_only_the_operators_panels_need_the_secret(
    filled: Harness, project: str
) -> None:
    for query in list_queries(project):
        status = get(filled, query.path).status_code

        assert status == (401 if query.path.startswith(OPERATOR) else 200), query.path


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_with_exact_numbers_warns_of_publishing_it(name: str) -> None:
    for query in list_queries(name):
        assert ("Do not publish" in query.panel["description"]) == (
            query.path.startswith(OPERATOR)
        )


@pytest.mark.parametrize("name", DASHBOARDS)
def test_queries_hold_neither_a_host_nor_a_secret(name: str) -> None:
    for query in list_queries(name):
        assert re.fullmatch(r"/[a-z/]+(\.json)?(\?[A-Za-z0-9_.,:&=-]+)?", query.path)
        assert query.target["url_options"] == {"method": "GET"}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_dashboard_shows_every_published_field(name: str) -> None:
    api = json.loads((PROJECTS / name / "openapi.json").read_text(encoding="utf-8"))
    selectors = {it.target["root_selector"] for it in list_queries(name)}
    (schema,) = (
        it for it in api["components"]["schemas"].values() if "x-installation-id" in it
    )
    fields = contract.parse_fields(schema)
    roots = {
        name: "fields" if rule is True else "betas.fields"
        for name, field in fields.items()
        if (rule := field.schema.get("x-published"))
    }

    assert roots
    assert {f"{roots[it]}.{escape(it)}.cells" for it in roots} <= selectors


def test_the_dashboards_match_grafanas_published_types(tmp_path: Path) -> None:
    types = toolchain.PACKAGES / "@grafana" / "schema" / "dist" / "types" / "index.d.ts"
    (tmp_path / "dashboards.ts").write_text(
        'import type { Dashboard } from "@grafana/schema";\n'
        f"export const dashboards: Dashboard[] = {json.dumps([*DASHBOARDS.values()])};\n",
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
        json.dumps({"compilerOptions": options, "files": ["dashboards.ts"]}),
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
