"""A clock that is set forward and back: every report counts once, and the log says what happened."""

import datetime as dt
import json
import subprocess
from pathlib import Path

from tests.server.processes import make_command, run_receiver
from tests.worker.client import get, post
from tests.worker.reports import OTHER_UUID, UUID, example_report

DAY = dt.timedelta(days=1)
# A clock that a file sets: days from now.
ENTRY = """
import { readFileSync } from "node:fs";
import { createReceiver } from "usage-receiver/receiver";
import { project } from "%s/project.ts";

const RealDate = Date;
const readShift = () => Number(readFileSync("%s", "utf8")) * 86_400_000;
globalThis.Date = class extends RealDate {
  constructor(...values) {
    super(...(values.length > 0 ? values : [RealDate.now() + readShift()]));
  }
  static now() {
    return RealDate.now() + readShift();
  }
};
export const receiver = createReceiver(project);
"""


def test_a_clock_that_is_set_loses_and_doubles_no_report(tmp_path: Path) -> None:
    data, shift, entry = (tmp_path / name for name in ("data", "shift", "entry.ts"))
    project = json.loads(make_command(data)[-1])["project"]
    entry.write_text(ENTRY % (project, shift))
    shift.write_text("0")
    mine, other = example_report(), {**example_report(), "uuid": OTHER_UUID}
    third = {**mine, "uuid": OTHER_UUID.replace("5f0c", "6f0c")}

    def count() -> str:
        command = make_command(data, command="count", entry=str(entry))
        return subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout

    with run_receiver(data, entry=str(entry), cron=None) as receiver:
        assert post(receiver, other).status_code == 204
        # Forward: it looks like a new week, and the report is dated in ten years.
        shift.write_text("3650")
        assert post(receiver, mine).status_code == 204
        assert post(receiver, mine).status_code == 429
        # Back, as after a power cut: everything is in the future.
        shift.write_text("-20000")
        assert post(receiver, mine).status_code == 429
        assert post(receiver, third).status_code == 204
        assert "report: kept dates in the future" in count()
        # Right again.
        shift.write_text("0")
        assert post(receiver, mine).status_code == 429
        for number in range(2):
            shift.write_text(f"{number}")
            later = {**mine, "uuid": f"{number}{OTHER_UUID[1:]}"}
            assert post(receiver, later).status_code == 204
        done = count()
        assert get(receiver, "/health").status_code == 200
        rows = dict(receiver.query("SELECT uuid, received FROM reports"))
        errors = receiver.read_messages("error")

    now = dt.datetime.now(dt.UTC)
    assert {UUID, OTHER_UUID} <= set(rows)
    for key in (UUID, OTHER_UUID):
        assert now - DAY < dt.datetime.fromisoformat(rows[key]) < now + DAY
    assert "future" in done
    assert errors == []
