"""What OctoPrint's receiver publishes of the stored facts, and what it does not."""

import datetime as dt

from tests.projects.octoprint.client import ID, PONG, track
from tests.worker.client import get
from tests.worker.clock import DAY
from worker.local.harness import Harness

INSTANCES = 40


def report_yesterday(receiver: Harness, first_day: dt.date) -> None:
    """Store the facts of some instances that were last there yesterday."""
    for number in range(INSTANCES):
        track(receiver, "pong", PONG, identifier=f"{number:08x}{ID[8:]}")
    receiver.query(
        "UPDATE instances SET first_day = ?1, last_day = ?2",
        *(str(first_day), str(dt.datetime.now(dt.UTC).date() - DAY)),
    )


def test_facts_become_published_statistics(receiver: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    report_yesterday(receiver, now.date() - 3 * DAY)
    track(receiver, "print_done", {"origin": "local", "elapsed": 60})

    assert receiver.run_cron(now) == "ok", receiver.read_log()

    statistics = get(receiver, "/stats").json()
    assert abs(statistics["total"] - INSTANCES) < 5
    fields = {
        name: [cell["value"] for cell in field["cells"]]
        for name, field in statistics["fields"].items()
    }
    assert fields == {
        "version": ["1.11.8"],
        "os": ["linux"],
        "bits": [64],
        "python": ["3.11.7"],
        "pip": ["23.2.1"],
        "cores": [4],
        "ram": ["4"],
        "pi_model": ["Raspberry Pi 4 Model B"],
        "octopi_version": ["1.0.0"],
        "octopiuptodate_build": ["20241029104213"],
        # By identifier; one that the contract does not list may be any text.
        "plugins": ["bedlevelvisualizer", "octolapse", "other"],
        "achievements": ["sprint", "the_wizard"],
        "country": ["DE"],
    }
    page = get(receiver, "/")
    assert "OctoPrint" in page.text
    assert "unknownversion" not in page.text
    assert "print_done" not in page.text


def test_an_instance_of_one_day_does_not_count(receiver: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    report_yesterday(receiver, now.date() - DAY)

    assert receiver.run_cron(now) == "ok", receiver.read_log()

    assert get(receiver, "/stats").json()["total"] is None
