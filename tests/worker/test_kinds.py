"""Every report kind is stored in its own tables, counted once and forgotten with the others.

The receiver accepts the kind of paperless-ngx and a second one, which consists of the
schema, the tables and the declaration in `second_kind`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from paperless_report import contract
from tests.worker.client import get, post
from tests.worker.clock import DAY, DUE
from tests.worker.database import clear, select_all
from tests.worker.entry_points import run_entry_point
from tests.worker.population import store_identical
from tests.worker.reports import UUID, Report
from tests.worker.statistics import publish
from worker.local.harness import Harness

FOLDER = Path(__file__).with_name("second_kind")
SCHEMAS: Mapping[str, dict[str, Any]] = {
    "report": contract.load_schema(),
    "language": json.loads((FOLDER / "language.schema.json").read_text("utf-8")),
}
TABLES = {
    "report": ("reports", "installations"),
    "language": ("languages", "language_latest"),
}
every_kind = pytest.mark.parametrize("kind", SCHEMAS)


@pytest.fixture(scope="module")
def two_kinds_runtime() -> Iterator[Harness]:
    tables = (FOLDER / "language.sql").read_text("utf-8")
    with run_entry_point(FOLDER / "worker.ts", tables) as worker:
        yield worker


@pytest.fixture
def two_kinds(two_kinds_runtime: Harness) -> Harness:
    """The receiver of both kinds, with empty tables."""
    clear(two_kinds_runtime)
    return two_kinds_runtime


def example(kind: str) -> Report:
    """A report with every field, made from the examples of the schema."""
    properties = SCHEMAS[kind]["properties"]
    return {name: properties[name]["examples"][0] for name in properties} | {
        "uuid": UUID
    }


def stored(worker: Harness) -> dict[str, list[Report]]:
    """The rows of each table that holds reports, if it has any."""
    rows = {
        table: select_all(worker, table) for pair in TABLES.values() for table in pair
    }
    return {table: rows[table] for table in rows if rows[table]}


def test_every_kind_that_the_client_can_send_is_tried() -> None:
    assert set(contract.list_kinds()) <= set(SCHEMAS)


@every_kind
def test_the_schema_is_served_unchanged(two_kinds: Harness, kind: str) -> None:
    assert get(two_kinds, f"/{kind}.schema.json").json() == SCHEMAS[kind]


@every_kind
def test_a_report_is_stored_whole_and_as_the_latest(
    two_kinds: Harness, kind: str
) -> None:
    assert post(two_kinds, example(kind), f"/{kind}").status_code == 204

    table, latest_table = TABLES[kind]
    rows = stored(two_kinds)
    assert set(rows) == {table, latest_table}
    (whole,), (latest,) = rows[table], rows[latest_table]
    assert {name: whole[name] for name in whole if name not in {"id", "received"}} == (
        example(kind)
    )
    properties = SCHEMAS[kind]["properties"]
    published = {name for name in properties if "x-published" in properties[name]}
    assert latest == {
        **{name: whole[name] for name in {"uuid", "received", *published}},
        "first_received": whole["received"],
        "excluded": 0,
    }


@every_kind
def test_one_report_counts_in_seven_days_and_blocks_no_other_kind(
    two_kinds: Harness, kind: str
) -> None:
    for each in SCHEMAS:
        assert post(two_kinds, example(each), f"/{each}").status_code == 204

    assert post(two_kinds, example(kind), f"/{kind}").status_code == 429


def test_a_kind_refuses_the_values_that_its_own_schema_does_not_list(
    two_kinds: Harness,
) -> None:
    invalid = {**example("language"), "language": "tlh"}

    response = post(two_kinds, invalid, "/language")

    assert response.status_code == 400
    assert response.json()["detail"] == "language is not valid."
    assert stored(two_kinds) == {}


def test_one_request_forgets_an_installation_in_every_kind(two_kinds: Harness) -> None:
    for kind in SCHEMAS:
        post(two_kinds, example(kind), f"/{kind}")
    assert len(stored(two_kinds)) == 2 * len(SCHEMAS)

    assert post(two_kinds, {"uuid": UUID}, "/forget").status_code == 204
    assert stored(two_kinds) == {}


def test_every_kind_is_purged_and_logged(two_kinds: Harness) -> None:
    for kind in SCHEMAS:
        post(two_kinds, example(kind), f"/{kind}")
    two_kinds.read_log()

    assert two_kinds.run_cron(DUE + 3660 * DAY) == "ok"
    assert stored(two_kinds) == {}
    lines = [line.split(",")[0] for line in two_kinds.read_log()]
    assert {f"{kind}: purged 1" for kind in TABLES} <= set(lines)


def test_the_statistics_count_the_kind_that_the_project_names(
    two_kinds: Harness,
) -> None:
    store_identical(two_kinds, 20, DUE - DAY, arch="x86_64")
    post(two_kinds, example("language"), "/language")

    edition = publish(two_kinds)["30d"]

    assert edition["total"] == 20
    assert "language" not in edition["fields"]
