"""Celery beat runs the task every hour, in addition to the host's own schedule."""

import json
import subprocess
import sys

import pytest

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
