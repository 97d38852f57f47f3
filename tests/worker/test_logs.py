"""No log line holds anything about a person, an installation or a report."""

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.worker.client import Server, post
from tests.worker.clock import DUE
from tests.worker.failing_database import failing
from tests.worker.reports import Report
from worker.local import serve
from worker.local.harness import Harness

# One canary for each part of a request. The first is an ID in a report that is accepted.
ID = "c0ffee00-cafe-4bad-8bad-c0ffeec0ffee"
ADDRESS = "203.0.113.99"
CANARIES = (ID, ADDRESS, "9.87.654", "canary-in-a-field", "canary-in-a-header")
HEADERS = {
    "CF-Connecting-IP": ADDRESS,
    "X-Forwarded-For": ADDRESS,
    "User-Agent": "canary-in-a-header",
    "Cookie": "canary-in-a-header",
    "Referer": "https://example.org/canary-in-a-header",
}


BROKEN_STATEMENTS = (
    *("no reports table", "insert undone", "read after insert", "delete undone"),
)


def send_every_kind_of_request(worker: Server, report: Report) -> set[int]:
    """Send valid and invalid requests to known and unknown paths; return the statuses."""
    mine = {**report, "uuid": ID, "version": "9.87.654", "x": "canary-in-a-field"}
    bodies: tuple[object, ...] = (
        *(mine, mine, {**mine, "uuid": ID.upper()}, {**mine, "arch": ID + " "}),
        *({**mine, "version": "canary-in-a-field"}, [ID], ID, f"{{{ID}".encode()),
        *({**mine, "padding": ID * 200}, f'{{"uuid":"{ID}\\ud800"}}'.encode()),
    )
    return {
        post(worker, body, path, **HEADERS).status_code
        for path in ("/report", "/forget", "/nothing")
        for body in bodies
    }


@pytest.mark.both
def test_the_worker_logs_only_lines_of_a_few_known_forms(
    worker: Harness, report: Report
) -> None:
    worker.read_log()

    statuses = send_every_kind_of_request(worker, report)
    for failure in BROKEN_STATEMENTS:
        send_every_kind_of_request(worker, report)
        post(worker, {**report, "uuid": ID})
        with failing(worker, failure):
            statuses |= send_every_kind_of_request(worker, report)
    worker.run_cron(DUE)

    assert statuses == {204, 400, 404, 429, 503}
    lines = worker.read_log()
    assert {line.partition(":")[0] for line in lines} == {"report", "forget"}
    for line in lines:
        assert re.fullmatch(
            r"[a-z]+: the database failed: (D1_ERROR|SQLITE_[A-Z]+)"
            r"( (D1_ERROR|SQLITE_[A-Z]+))*"
            r"|report: counted the active installations of [0-9-]+"
            r"|report: counted for [0-9a-z, -]+"
            r"|[a-z]+: purged \d+, older than \d+ days",
            line,
        )


@pytest.mark.slow
def test_the_runtime_prints_nothing_of_a_request(
    tmp_path: Path, report: Report
) -> None:
    log = io.StringIO()
    serve.migrate(tmp_path)

    with serve.run_server(tmp_path, 0, log) as (url, _):
        statuses = send_every_kind_of_request(SimpleNamespace(url=url), report)

    printed = log.getvalue()
    assert statuses == {204, 400, 404, 429}
    assert "POST /report" in printed
    for canary in CANARIES:
        assert canary.lower() not in printed.lower()
