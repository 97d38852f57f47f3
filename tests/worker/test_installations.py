"""`installations`: the latest report of each, whatever came before it."""

import sqlite3

import pytest

from paperless_report import contract
from tests.worker.conftest import UUID
from tests.worker.faults import fault
from tests.worker.wire import post
from worker.local import toolchain
from worker.local.harness import Harness

Report = dict[str, object]
MIGRATIONS = toolchain.WORKER / "migrations"
KEPT = [
    name for name, it in contract.load_fields().items() if "x-published" in it.schema
]


def kept(worker: Harness) -> list[dict[str, object]]:
    return worker.query("SELECT * FROM installations")


def latest(worker: Harness) -> list[dict[str, object]]:
    """The same, made from every report."""
    columns = ", ".join(f'"{name}"' for name in KEPT)
    return worker.query(
        f"SELECT uuid, MAX(received) AS received, {columns} FROM reports GROUP BY uuid"  # noqa: S608  # the contract's own names
    )


def test_a_first_report_is_kept(worker: Harness, report: Report) -> None:
    post(worker, report)

    assert kept(worker) == latest(worker)
    assert [it["uuid"] for it in kept(worker)] == [UUID]


def test_a_later_report_takes_its_place_field_by_field(
    worker: Harness, report: Report
) -> None:
    """A field that it leaves out is not known any more."""
    post(worker, report)
    worker.query("UPDATE reports SET received = '2020-01-01T00:00:00.000Z'")
    post(
        worker,
        {
            **{name: report[name] for name in contract.load_schema()["required"]},
            "version": "3.0.0",
        },
    )

    (row,) = kept(worker)
    assert row["version"] == "3.0.0"
    assert row["database"] is None
    assert kept(worker) == latest(worker)


def test_a_refused_report_leaves_it_as_it_is(worker: Harness, report: Report) -> None:
    post(worker, report)
    before = kept(worker)

    assert post(worker, {**report, "version": "3.0.0"}).status_code == 429
    assert kept(worker) == before


@pytest.mark.parametrize("event", ["INSERT", "UPDATE"])
def test_if_it_cannot_be_kept_the_report_is_not_stored(
    worker: Harness, report: Report, event: str
) -> None:
    if event == "UPDATE":
        post(worker, report)
        worker.query("UPDATE reports SET received = '2020-01-01T00:00:00.000Z'")
    before = kept(worker), worker.query("SELECT * FROM reports")

    with fault(worker, f"latest {event.lower()} refused"):
        assert post(worker, report).status_code == 503

    assert (kept(worker), worker.query("SELECT * FROM reports")) == before
    assert post(worker, report).status_code == 204


def test_the_migration_takes_over_what_was_reported_before_it() -> None:
    first, second, *_ = sorted(MIGRATIONS.glob("*.sql"))
    with sqlite3.connect(":memory:") as database:
        database.executescript(first.read_text(encoding="utf-8"))
        database.executemany(
            "INSERT INTO reports (received, uuid, version) VALUES (?, ?, ?)",
            [
                ("2026-03-01T00:00:00.000Z", "a", "2.0.0"),
                ("2026-01-01T00:00:00.000Z", "a", "1.0.0"),
                ("2026-02-01T00:00:00.000Z", "b", "3.0.0"),
            ],
        )
        database.executescript(second.read_text(encoding="utf-8"))
        rows = database.execute("SELECT uuid, received, version FROM installations")
        found = rows.fetchall()
    database.close()

    assert found == [
        ("a", "2026-03-01T00:00:00.000Z", "2.0.0"),
        ("b", "2026-02-01T00:00:00.000Z", "3.0.0"),
    ]
