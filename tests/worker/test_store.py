"""What the real database is after every migration."""

import pytest

from paperless_report import contract
from worker.local.harness import Harness


def test_the_columns_are_the_contracts_fields(worker: Harness) -> None:
    columns = worker.query("SELECT name FROM pragma_table_info('reports')")

    assert {it["name"] for it in columns} == {"id", "received", *contract.load_fields()}


def test_the_latest_report_keeps_what_may_be_published_and_no_more(
    worker: Harness,
) -> None:
    columns = worker.query("SELECT name FROM pragma_table_info('installations')")
    published = {
        name
        for name, field in contract.load_fields().items()
        if "x-published" in field.schema
    }

    assert {it["name"] for it in columns} == {"uuid", "received", *published}


def test_one_index_serves_the_dedupe(worker: Harness) -> None:
    plan = worker.query(
        "EXPLAIN QUERY PLAN SELECT 1 FROM reports WHERE uuid = ?1 AND received > ?2",
        "a",
        "b",
    )

    assert "COVERING INDEX idx_reports_uuid_received" in plan[0]["detail"]


# The spec's "useful queries"; its `commit` is quoted (decision S1).
QUERIES = (
    "SELECT COUNT(DISTINCT uuid) FROM reports WHERE channel = 'beta'",
    """SELECT "commit", COUNT(DISTINCT uuid) AS installs FROM reports
       WHERE channel = 'beta' GROUP BY "commit" ORDER BY installs DESC""",
    "SELECT arch, COUNT(DISTINCT uuid) AS installs FROM reports GROUP BY arch",
    "SELECT install_type, COUNT(DISTINCT uuid) FROM reports GROUP BY install_type",
    "SELECT database, COUNT(DISTINCT uuid) FROM reports GROUP BY database",
)


@pytest.mark.parametrize("query", QUERIES)
def test_the_specs_queries_run_as_they_are(worker: Harness, query: str) -> None:
    assert isinstance(worker.query(query), list)
