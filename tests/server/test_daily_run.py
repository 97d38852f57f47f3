"""When the daily run is due, and what happens if the server did not run then."""

import json
import subprocess
from pathlib import Path

import pytest
import requests

from tests.server.serving import serve
from tests.support.waiting import wait_until
from usage_receiver import node, tree

DONE = "counted the active installations of"


def find_last_due(cron: str, now: str) -> str:
    """Run `findLastDue` of the receiver."""
    module = (tree.WORKER / "src" / "daily" / "due.ts").as_uri()
    code = (
        f"const {{ findLastDue }} = await import({json.dumps(module)});"
        f"console.log(findLastDue({json.dumps(cron)}, new Date({json.dumps(now)})).toISOString());"
    )
    done = subprocess.run(
        (node.NODE, "--input-type=module", "--eval", code),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-05-18T03:16:59.999Z", "2026-05-17T03:17:00.000Z"),
        ("2026-05-18T03:17:00.000Z", "2026-05-18T03:17:00.000Z"),
        ("2026-05-18T23:59:59.999Z", "2026-05-18T03:17:00.000Z"),
        ("2027-01-01T00:00:00.000Z", "2026-12-31T03:17:00.000Z"),
    ],
)
def test_a_run_is_due_at_its_time_of_day_in_utc(now: str, due: str) -> None:
    assert find_last_due("17 3 * * *", now) == due


@pytest.mark.parametrize("cron", ["17 * * * *", "60 3 * * *", "17 3 * * 1", ""])
def test_a_cron_that_does_not_run_once_a_day_is_an_error(cron: str) -> None:
    assert '"MINUTE HOUR * * *"' in find_last_due(cron, "2026-05-18T00:00:00Z")


def test_a_missed_run_is_made_up_for_at_start_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serve(data) as first:
        wait_until(lambda: DONE in first.read_log())

    with serve(data) as second:
        # The thread answers this after a run that began before.
        requests.get(f"{second.url}/operator/installations", timeout=20)
        assert DONE not in second.read_log()
