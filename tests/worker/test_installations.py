"""The table `installations` holds the latest report of each installation."""

import sqlite3

from tests.worker.client import post
from tests.worker.database import backdate, select_all
from tests.worker.reports import PUBLISHED, UUID, Report
from worker.local import toolchain
from worker.local.harness import Harness

MIGRATIONS = toolchain.WORKER / "migrations"


def latest_reports(worker: Harness) -> list[dict[str, object]]:
    """What the table ought to hold, made from every report."""
    columns = ", ".join(f'"{name}"' for name in PUBLISHED)
    return worker.query(
        f"SELECT uuid, MAX(received) AS received, {columns} FROM reports GROUP BY uuid"  # noqa: S608  # the contract's own names
    )


def test_a_first_report_is_the_latest(worker: Harness, report: Report) -> None:
    post(worker, report)

    installations = select_all(worker, "installations")
    assert [row["uuid"] for row in installations] == [UUID]
    assert installations == latest_reports(worker)


def test_a_later_report_replaces_every_field(worker: Harness, report: Report) -> None:
    """A field that the later report leaves out is no longer known."""
    post(worker, report)
    backdate(worker)
    del report["database"]
    post(worker, {**report, "version": "3.0.0"})

    (row,) = select_all(worker, "installations")
    assert (row["version"], row["database"]) == ("3.0.0", None)
    assert [row] == latest_reports(worker)


def test_a_refused_report_changes_nothing(worker: Harness, report: Report) -> None:
    post(worker, report)
    before = select_all(worker, "installations")

    assert post(worker, {**report, "version": "3.0.0"}).status_code == 429
    assert select_all(worker, "installations") == before


def test_the_migration_fills_the_table_from_earlier_reports() -> None:
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
        rows = database.execute(
            "SELECT uuid, received, version FROM installations"
        ).fetchall()
    database.close()

    assert rows == [
        ("a", "2026-03-01T00:00:00.000Z", "2.0.0"),
        ("b", "2026-02-01T00:00:00.000Z", "3.0.0"),
    ]
