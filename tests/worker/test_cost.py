"""What a request costs, by D1's own account: rows are what is billed."""

import json
import uuid
from typing import Any

import pytest
import requests

from paperless_report import contract
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
DAY_MS = 86_400_000


def trips(answer: requests.Response) -> list[list[dict[str, Any]]]:
    """D1's account of each statement of each round trip."""
    told: list[list[dict[str, Any]]] = json.loads(answer.headers["D1-Trips"])
    return told


def rows(answer: requests.Response) -> tuple[int, int]:
    """Rows read and rows written, in all."""
    statements = [it for trip in trips(answer) for it in trip]
    return (
        sum(it["rows_read"] for it in statements),
        sum(it["rows_written"] for it in statements),
    )


@pytest.fixture
def crowded(observed: Harness, report: Report) -> Harness:
    """With thousands of other reports, and ten of this installation's before."""
    observed.query(
        """INSERT INTO reports (received, uuid)
           WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
           SELECT '2026-01-01T00:00:00.000Z', printf('%032x', i * 2654435761) FROM n"""
    )
    observed.query(
        """INSERT INTO reports (received, uuid)
           WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
           SELECT printf('2020-01-%02dT00:00:00.000Z', i), ?1 FROM n""",
        str(report["uuid"]),
    )
    observed.query(
        "INSERT INTO installations (received, uuid) SELECT MAX(received), uuid"
        " FROM reports GROUP BY uuid"
    )
    return observed


def test_an_accepted_report_is_one_round_trip_three_rows_written(
    crowded: Harness, report: Report
) -> None:
    for mine in (report, {**report, "uuid": str(uuid.uuid4())}):
        answer = post(crowded, mine)

        assert answer.status_code == 204
        assert len(trips(answer)) == 1
        assert rows(answer) == (2, 3)


def test_a_refused_report_is_one_round_trip_two_rows_read_none_written(
    crowded: Harness, report: Report
) -> None:
    post(crowded, report)

    answer = post(crowded, report)

    assert answer.status_code == 429
    assert len(trips(answer)) == 1
    assert rows(answer) == (2, 0)


@pytest.mark.parametrize("content", [b"{", {"uuid": "x"}])
@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_what_is_not_valid_never_reaches_the_database(
    crowded: Harness, path: str, content: object
) -> None:
    answer = post(crowded, content, path)

    assert answer.status_code == 400
    assert trips(answer) == []


def test_forgetting_is_one_round_trip_and_reads_only_what_it_deletes(
    crowded: Harness, report: Report
) -> None:
    answer = post(crowded, {"uuid": report["uuid"]}, "/forget")

    assert answer.status_code == 204
    assert len(trips(answer)) == 1
    assert rows(answer)[0] <= 2 * 10 + 1


def test_health_reads_one_row_of_each_table(crowded: Harness) -> None:
    answer = requests.get(f"{crowded.url}/health", timeout=30)

    assert answer.status_code == 200
    assert len(trips(answer)) == 1
    assert rows(answer) == (2 * len(contract.list_kinds()), 0)
