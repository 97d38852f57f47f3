"""The real database after every migration, and the latest report of each installation."""

import sqlite3

import pytest

from tests.worker.client import post
from tests.worker.database import backdate, select_all
from tests.worker.reports import FIELDS, PUBLISHED, Report
from usage_receiver import configuration
from worker.local.harness import Harness

MIGRATIONS = configuration.PAPERLESS_NGX / "migrations"


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        ("reports", ["id", *FIELDS]),
        ("installations", ["first_received", "excluded", *PUBLISHED]),
    ],
)
def test_the_columns_are_the_fields_that_the_table_is_for(
    worker: Harness, table: str, fields: list[str]
) -> None:
    """All fields in a report; in the latest, only those that may be published."""
    columns = worker.query("SELECT name FROM pragma_table_info(?1)", table)

    names = {column["name"] for column in columns}
    assert names == {"received", "uuid", *fields}, (
        f"projects/paperless-ngx/migrations: add a migration that gives {table} a "
        "column for each of these fields."
    )


def test_one_index_answers_whether_an_installation_has_reported(
    worker: Harness,
) -> None:
    (step,) = worker.query(
        "EXPLAIN QUERY PLAN SELECT 1 FROM reports WHERE uuid = 'a' AND received > 'b'"
    )

    assert "COVERING INDEX idx_reports_uuid_received" in step["detail"]


# The "useful queries" of the spec; its `commit` needs quotes (decision S1).
QUERIES = (
    "SELECT COUNT(DISTINCT uuid) FROM reports WHERE channel = 'beta'",
    """SELECT "commit", COUNT(DISTINCT uuid) AS installs FROM reports
       WHERE channel = 'beta' GROUP BY "commit" ORDER BY installs DESC""",
    "SELECT arch, COUNT(DISTINCT uuid) AS installs FROM reports GROUP BY arch",
    "SELECT install_type, COUNT(DISTINCT uuid) FROM reports GROUP BY install_type",
    "SELECT database, COUNT(DISTINCT uuid) FROM reports GROUP BY database",
)


@pytest.mark.parametrize("query", QUERIES)
def test_the_specs_queries_run_unchanged(worker: Harness, query: str) -> None:
    assert isinstance(worker.query(query), list)


def test_a_later_report_replaces_every_field_of_the_latest(
    worker: Harness, report: Report
) -> None:
    """A field that the later report leaves out is no longer known."""
    post(worker, report)
    backdate(worker)
    worker.query("UPDATE installations SET first_received = '2020'")
    del report["database"]
    post(worker, {**report, "version": "3.0.0"})

    _, later = select_all(worker)
    (latest,) = select_all(worker, "installations")
    assert (latest["version"], latest["database"]) == ("3.0.0", None)
    first, excluded = latest.pop("first_received"), latest.pop("excluded")
    assert latest == {name: later[name] for name in latest}
    assert (first, excluded) == ("2020", 0)


def test_a_refused_report_leaves_the_latest_unchanged(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    before = select_all(worker, "installations")

    assert post(worker, {**report, "version": "3.0.0"}).status_code == 429
    assert select_all(worker, "installations") == before


def test_the_second_migration_finds_the_latest_of_earlier_reports() -> None:
    first, second, *_ = sorted(MIGRATIONS.glob("*.sql"))
    latest = [
        ("2026-03-01T00:00:00.000Z", "a", "2.0.0"),
        ("2026-02-01T00:00:00.000Z", "b", "3.0.0"),
    ]
    database = sqlite3.connect(":memory:")
    database.executescript(first.read_text(encoding="utf-8"))
    database.executemany(
        "INSERT INTO reports (received, uuid, version) VALUES (?, ?, ?)",
        [latest[0], ("2026-01-01T00:00:00.000Z", "a", "1.0.0"), latest[1]],
    )
    database.executescript(second.read_text(encoding="utf-8"))
    rows = database.execute("SELECT received, uuid, version FROM installations")

    assert rows.fetchall() == latest
    database.close()
