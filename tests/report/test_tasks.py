"""Celery beat runs the task every hour, in addition to the host's own schedule."""

import json
import logging
import subprocess
import sys

import pytest
from pytest_django.fixtures import Settings

from paperless_report.errors import Problem, ReportingError
from paperless_report.reporter import Reporter
from paperless_report.results import Outcome, Result
from paperless_report.wire.answers import Cause, Failure
from tests.support.pages import ROOT

# A host whose settings have a schedule, in a process without other Celery apps.
HOST = """
import json
from celery import Celery
app = Celery(changes={"beat_schedule": {"Empty trash": {"task": "empty_trash"}}})
if %(was_finalized)s:
    app.finalize()
import paperless_report.tasks
app.finalize()
schedule = app.conf.beat_schedule
print(json.dumps([
    *sorted(schedule),
    schedule["Report usage"]["schedule"].total_seconds(),
    schedule["Report usage"]["options"],
    schedule["Report usage"]["task"] in app.tasks,
]))
"""


@pytest.mark.parametrize("was_finalized", [False, True])
def test_importing_the_module_adds_an_entry_to_the_hosts_schedule(
    *, was_finalized: bool
) -> None:
    """Another module may have used a task, which finalizes the app, when it was imported."""
    done = subprocess.run(
        (sys.executable, "-c", HOST % {"was_finalized": was_finalized}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [
        *("Empty trash", "Report usage"),
        3600,
        {"expires": 3600},
        True,
    ]


@pytest.mark.usefixtures("one_reporter")
@pytest.mark.parametrize(
    ("outcome", "lines"),
    [
        (Outcome(Result.SENT), []),
        (Outcome(Result.NOT_DUE), []),
        (Outcome(Result.NOT_ON), []),
        (
            Outcome(Result.FAILED, failure=Failure(Cause.NOTHING_LISTENS)),
            [
                (
                    "No usage report was sent. Could not reach the reporting endpoint. "
                    "Reason: nothing listens at the endpoint's address."
                )
            ],
        ),
        (
            # The endpoint's own words may repeat what was sent.
            Outcome(Result.FAILED, failure=Failure(Cause.REFUSED, "secret")),
            [
                (
                    "No usage report was sent. Could not reach the reporting endpoint. "
                    "Reason: the endpoint refused the request; the history has its answer."
                )
            ],
        ),
        (
            Outcome(Result.FAILED, problem=ReportingError(Problem.NO_ENDPOINT)),
            ["No usage report was sent. No reporting endpoint is configured."],
        ),
        (
            Outcome(Result.NEEDS_CONSENT),
            [
                (
                    "No usage report was sent. This version would send more than you agreed "
                    "to. Nothing is sent until you run: manage.py usage_reporting on"
                )
            ],
        ),
    ],
)
def test_a_run_that_fails_logs_one_line_that_says_why(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    outcome: Outcome,
    lines: list[str],
) -> None:
    from paperless_report.tasks import report_usage  # noqa: PLC0415  # adds an entry

    monkeypatch.setattr(Reporter, "run", lambda _: outcome)

    report_usage()

    ours = [it for it in caplog.records if it.name == "paperless_report.tasks"]
    assert [it.getMessage() for it in ours] == lines
    assert {it.levelno for it in ours} <= {logging.WARNING}


@pytest.mark.usefixtures("one_reporter")
def test_settings_with_a_fault_are_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    from paperless_report.tasks import report_usage  # noqa: PLC0415  # adds an entry

    settings.USAGE_REPORTING_PROJECT = "no.such.project"

    report_usage()

    assert "No usage report was sent. The setting USAGE_REPORTING_PROJECT" in (
        caplog.text
    )
