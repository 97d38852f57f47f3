"""What each request costs in round trips and billed rows, as D1 reports them."""

import uuid

import pytest

from paperless_report import contract
from tests.worker.client import get, post
from tests.worker.d1_usage import billed_rows, round_trips
from tests.worker.database import refresh_installations
from tests.worker.reports import Report
from worker.local.harness import Harness

OWN_REPORTS = 10


@pytest.fixture
def crowded(instrumented: Harness, report: Report) -> Harness:
    """The Worker with thousands of other reports and ten old ones of this installation."""
    instrumented.query(
        """INSERT INTO reports (received, uuid)
           WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
           SELECT '2026-01-01T00:00:00.000Z', printf('%032x', i * 2654435761) FROM n"""
    )
    instrumented.query(
        """INSERT INTO reports (received, uuid)
           WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
           SELECT printf('2020-01-%02dT00:00:00.000Z', i), ?1 FROM n""",
        *(str(report["uuid"]), OWN_REPORTS),
    )
    refresh_installations(instrumented)
    return instrumented


@pytest.mark.cloudflare
@pytest.mark.parametrize(
    ("earlier", "status", "rows"),
    [
        pytest.param("none", 204, (2, 3), id="accepted, of a new installation"),
        pytest.param("old", 204, (2, 3), id="accepted, of a known installation"),
        pytest.param("recent", 429, (2, 0), id="refused"),
    ],
)
def test_a_report_is_one_round_trip_that_reads_two_rows_and_writes_up_to_three(
    crowded: Harness, report: Report, earlier: str, status: int, rows: tuple[int, int]
) -> None:
    if earlier == "none":
        report["uuid"] = str(uuid.uuid4())
    if earlier == "recent":
        post(crowded, report)

    response = post(crowded, report)

    assert response.status_code == status
    assert len(round_trips(response)) == 1
    assert billed_rows(response) == rows


@pytest.mark.parametrize("content", [b"{", {"uuid": "x"}])
@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_an_invalid_request_does_not_reach_the_database(
    instrumented: Harness, path: str, content: object
) -> None:
    response = post(instrumented, content, path)

    assert response.status_code == 400
    assert round_trips(response) == []


@pytest.mark.cloudflare
def test_forgetting_is_one_round_trip_that_reads_only_what_it_deletes(
    crowded: Harness, report: Report
) -> None:
    response = post(crowded, {"uuid": report["uuid"]}, "/forget")

    assert response.status_code == 204
    assert len(round_trips(response)) == 1
    assert billed_rows(response)[0] <= 2 * OWN_REPORTS + 1


@pytest.mark.cloudflare
def test_health_reads_one_row_of_each_table(crowded: Harness) -> None:
    response = get(crowded, "/health")

    assert response.status_code == 200
    assert len(round_trips(response)) == 1
    # Each kind has two tables, and the receiver has five of its own.
    assert billed_rows(response) == (2 * len(contract.list_kinds()) + 5, 0)
