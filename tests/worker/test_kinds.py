"""Every kind of report that has a contract is accepted, counted once and forgotten."""

import pytest

from paperless_report import contract
from tests.worker.client import post
from tests.worker.clock import DAY, DUE
from tests.worker.database import select_all, tables
from tests.worker.reports import UUID, Report, example_report
from worker.local.harness import Harness

KINDS = contract.list_kinds()
every_kind = pytest.mark.parametrize("kind", KINDS)


def stored(worker: Harness) -> dict[str, list[Report]]:
    """The rows of each table that holds rows of installations."""
    rows = {table: select_all(worker, table) for table in tables(worker)}
    return {
        table: rows[table] for table in rows if rows[table] and "uuid" in rows[table][0]
    }


@every_kind
def test_a_report_is_stored_whole_and_as_the_latest(worker: Harness, kind: str) -> None:
    assert post(worker, example_report(kind), f"/{kind}").status_code == 204

    (whole,), (latest,) = sorted(
        stored(worker).values(), key=lambda rows: -len(rows[0])
    )
    received = whole.pop("received")
    whole.pop("id")
    assert whole == example_report(kind)
    fields = contract.parse_fields(contract.load_schema(kind))
    published = {
        name: whole[name]
        for name, field in fields.items()
        if "x-published" in field.schema
    }
    assert latest == {"uuid": UUID, "received": received, **published}


@every_kind
def test_one_report_counts_in_seven_days_and_blocks_no_other_kind(
    worker: Harness, kind: str
) -> None:
    for each in KINDS:
        assert post(worker, example_report(each), f"/{each}").status_code == 204

    assert post(worker, example_report(kind), f"/{kind}").status_code == 429


def test_all_kinds_are_forgotten_at_once(worker: Harness) -> None:
    for kind in KINDS:
        post(worker, example_report(kind), f"/{kind}")
    assert len(stored(worker)) == 2 * len(KINDS)

    assert post(worker, {"uuid": UUID}, "/forget").status_code == 204
    assert stored(worker) == {}


def test_all_kinds_are_purged(worker: Harness) -> None:
    for kind in KINDS:
        post(worker, example_report(kind), f"/{kind}")

    assert worker.run_cron(DUE + 3660 * DAY) == "ok"
    assert stored(worker) == {}
