"""Printernizer's recorded requests and answers."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.projects.printernizer.client import (
    change,
    delete,
    example_report,
    send,
    submit,
)
from tests.projects.printernizer.recorded import RECORDINGS
from tests.projects.printernizer.responses import (
    ACCEPTED,
    LIMITED,
    MORE_REPORTS,
    NOT_AUTHENTICATED,
    REPORTS,
    REQUESTS,
    Answer,
    ReportCase,
    RequestCase,
    deleted,
)
from tests.support import pages
from tests.support.raw_http import send_raw
from tests.worker.database import select_all
from worker.local.harness import Harness

pytestmark = pytest.mark.both

DEVIATIONS_PAGE = "docs/explanation/deviations.md"
INSTALLATION = RECORDINGS[0].installation


def read_answer(status: int, body: bytes, *headers: tuple[str, str]) -> Answer:
    """The answer without its `submission_id`, which must be a positive integer."""
    content = json.loads(body)
    if "submission_id" in content:
        number = content.pop("submission_id")
        assert type(number) is int
        assert number > 0
    return Answer(status, content, dict(headers))


def test_every_recorded_request_gets_the_recorded_answer(keyed: Harness) -> None:
    now = dt.datetime.now(dt.UTC)

    answers = [send_raw(keyed.url, it.build(now)) for it in RECORDINGS]

    for answer in answers:
        assert read_answer(answer.status, answer.body) == ACCEPTED
        assert answer.headers["content-type"] == "application/json"
        assert list(json.loads(answer.body)) == ["status", "submission_id", "message"]
    stored = {
        row["installation.installation_id"]
        for row in select_all(keyed, "installations")
    }
    assert stored == {it.installation for it in RECORDINGS}


@pytest.mark.parametrize("case", [*REPORTS, *MORE_REPORTS], ids=lambda case: case.name)
def test_a_changed_report_gets_the_recorded_answer(
    keyed: Harness, case: ReportCase
) -> None:
    response = submit(keyed, change(example_report(), case.path, case.value))

    assert read_answer(response.status_code, response.content) == case.expected
    assert response.headers["Content-Type"] == "application/json"
    assert len(select_all(keyed, "installations")) == (response.status_code == 200)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
def test_any_other_request_gets_the_recorded_answer(
    keyed: Harness, case: RequestCase
) -> None:
    body = json.dumps(example_report()).encode() if case.body is None else case.body
    headers = {"Content-Type": "application/json", **case.headers}

    response = send(keyed, case.method, case.path, case.key, body, headers)

    kept = [(name, response.headers[name]) for name in case.expected.headers]
    answer = read_answer(response.status_code, response.content, *kept)
    assert answer == case.expected
    assert response.headers["Content-Type"] == "application/json"
    assert select_all(keyed, "installations") == []


def test_the_page_lists_the_deviations_of_single_requests() -> None:
    changed = {it.name for it in (*REPORTS, *REQUESTS) if it.changed is not None}

    assert set(pages.column(DEVIATIONS_PAGE, "request to Printernizer")) == changed


def test_times_with_t_and_a_zone_are_accepted(keyed: Harness) -> None:
    report = example_report()
    for path in ("submission_timestamp", "period.start", "period.end"):
        report = change(report, path, "2026-11-26T00:32:49.881347Z")

    assert submit(keyed, report).status_code == 200


def test_the_eleventh_report_in_an_hour_is_refused(keyed: Harness) -> None:
    reports = [change(example_report(), "usage_stats.job_count", n) for n in range(11)]

    responses = [submit(keyed, report) for report in reports]

    assert [it.status_code for it in responses] == [*[200] * 10, 429]
    assert read_answer(429, responses[-1].content) == LIMITED
    assert 0 < int(responses[-1].headers["Retry-After"]) <= 3600
    (row,) = select_all(keyed, "installations")
    assert row["usage_stats.job_count"] == 9


def test_simultaneous_reports_do_not_exceed_the_limit(keyed: Harness) -> None:
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(submit, [keyed] * 20, [example_report()] * 20))

    assert sorted(it.status_code for it in responses) == [*[200] * 10, *[429] * 10]


def test_the_hour_begins_with_the_first_report(keyed: Harness) -> None:
    for _ in range(10):
        submit(keyed, example_report())
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1, seconds=1)
    keyed.query(
        "UPDATE installations SET hour_start = ?1",
        begun.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )

    statuses = [submit(keyed, example_report()).status_code for _ in range(11)]

    assert statuses == [*[200] * 10, 429]


def test_a_deletion_ends_the_hour_too(keyed: Harness) -> None:
    for _ in range(11):
        submit(keyed, example_report())

    first, second = (delete(keyed, INSTALLATION) for _ in range(2))

    assert read_answer(first.status_code, first.content) == deleted(1)
    assert read_answer(second.status_code, second.content) == deleted(0)
    assert submit(keyed, example_report()).status_code == 200


def test_a_deletion_needs_the_key_and_a_whole_id(keyed: Harness) -> None:
    submit(keyed, example_report())

    refused = delete(keyed, INSTALLATION, key=None)
    unknown = [delete(keyed, it) for it in ("%", "_" * 36, INSTALLATION[:-1])]

    assert read_answer(refused.status_code, refused.content) == NOT_AUTHENTICATED
    assert {
        read_answer(it.status_code, it.content) == deleted(0) for it in unknown
    } == {True}
    assert len(select_all(keyed, "installations")) == 1


def test_an_id_is_the_same_in_upper_case(keyed: Harness) -> None:
    path = "installation.installation_id"
    submit(keyed, change(example_report(), path, INSTALLATION.upper()))

    assert select_all(keyed, "installations")[0][path] == INSTALLATION
    assert delete(keyed, INSTALLATION.upper()).json()["deleted_count"] == 1


def test_without_a_secret_no_key_is_needed(receiver: Harness) -> None:
    keys = (None, "", "anything")

    assert {submit(receiver, example_report(), key).status_code for key in keys} == {
        200
    }


def test_no_page_of_another_origin_may_send_a_report(keyed: Harness) -> None:
    response = send(keyed, "OPTIONS", "/submit", headers={"Origin": "https://x.test"})

    names = {name.lower() for name in response.headers}
    assert not [name for name in names if name.startswith("access-control-")]


def test_every_time_is_stored_as_a_day(keyed: Harness) -> None:
    submit(keyed, example_report())

    (row,) = select_all(keyed, "installations")
    del row["hour_start"]  # of the receiver's own clock
    assert not [name for name in row if ":" in str(row[name])]
    end, start = (dt.date.fromisoformat(row[f"period.{it}"]) for it in ("end", "start"))
    assert end - start == dt.timedelta(days=7)
    assert (
        row["submission_timestamp"]
        >= row["period.end"]
        >= row["installation.first_seen"]
    )
