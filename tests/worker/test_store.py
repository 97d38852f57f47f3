"""The tables and indexes of the real database after every migration."""

import pytest

from tests.worker.reports import FIELDS, PUBLISHED
from worker.local.harness import Harness


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("reports", {"id", "received", *FIELDS}),
        ("installations", {"uuid", "received", *PUBLISHED}),
    ],
)
def test_the_columns_are_the_contracts_fields(
    worker: Harness, table: str, expected: set[str]
) -> None:
    """All of them in a report; in the latest, only what may be published."""
    columns = worker.query("SELECT name FROM pragma_table_info(?1)", table)

    assert {column["name"] for column in columns} == expected


def test_one_index_answers_whether_an_installation_has_reported(
    worker: Harness,
) -> None:
    plan = worker.query(
        "EXPLAIN QUERY PLAN SELECT 1 FROM reports WHERE uuid = ?1 AND received > ?2",
        *("a", "b"),
    )

    assert "COVERING INDEX idx_reports_uuid_received" in plan[0]["detail"]


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
