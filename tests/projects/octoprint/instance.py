"""An OctoPrint that reports with the client here, and whose clock a test sets."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from projects.octoprint.client import Tracking, build_project
from tests.projects.octoprint.client import PONG
from tests.support.endpoint import Arrived, Endpoint

START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUARTER = dt.timedelta(minutes=15)


def build_environment(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What OctoPrint's detector finds where its own plugin sends *facts*."""
    names = ("pi_model", "octopi_version", "octopiuptodate_build")
    pi = {it.removeprefix("pi_"): facts[it] for it in names if it in facts}
    return {
        "os": {"id": facts["os"], "platform": facts["platform"], "bits": facts["bits"]},
        "python": {"version": facts["python"], "pip": facts["pip"]},
        "hardware": {it: facts[it] for it in ("cores", "freq", "ram")},
        **({"plugins": {"pi_support": pi}} if pi else {}),
    }


@dataclass
class Instance:
    """One OctoPrint.

    Attributes:
        folder: The folder of its state.
        endpoint: Where its events go.
        now: What its clock says.
        facts: What it knows about itself, as its own plugin sends it.
        is_online: Whether it has found the internet.
    """

    folder: Path
    endpoint: Endpoint
    now: dt.datetime = START
    facts: dict[str, Any] = field(default_factory=lambda: dict(PONG))
    is_online: bool = True

    def open(self, **changes: Any) -> Tracking:  # noqa: ANN401  # as Tracking takes them
        """Return a client, as each start of OctoPrint has one."""
        project = build_project(
            self.folder,
            version=lambda: self.facts["version"],
            server=f"{self.endpoint.url}/track/{{id}}/{{event}}/",
            environment=lambda: build_environment(self.facts),
            plugins=lambda: [
                it.split(":")[0] for it in self.facts["plugins"].split(",") if it
            ],
            achievements=lambda: self.facts["achievements"].split(","),
        )
        arguments = {"is_online": lambda: self.is_online, "clock": lambda: self.now}
        return Tracking(project, **arguments | changes)

    def open_on(self, **changes: Any) -> Tracking:  # noqa: ANN401  # as Tracking takes them
        """Return a client whose admin has just said yes."""
        tracking = self.open(**changes)
        tracking.reporter.turn_on()
        return tracking

    def wait(self, time: dt.timedelta) -> None:
        self.now += time

    @property
    def sent(self) -> list[str]:
        """The events that were sent, in their order."""
        return [read_event(it) for it in self.endpoint.arrived]


def read_event(request: Arrived) -> str:
    """Return the name of the event in the path of a request."""
    return urlsplit(request.path).path.split("/")[3]


def read_fields(request: Arrived) -> dict[str, str]:
    """Return the fields of a request, from its query or its form."""
    text = urlsplit(request.path).query or request.body.decode()
    return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
