"""OctoPrint: a printer that is on for a few hours a day, and tells each event at once.

A real instance pings every 15 minutes, also if it is on day and night. Here one is on for one to
four hours on most days, so that the number of pings stays feasible.
"""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from projects.octoprint.client import Tracking
from projects.octoprint.declaration import GROUPS, build_project
from projects.octoprint.tracking_requests import TrackingFormat
from tests.life.client_model import Entry, Labels, Outgoing, Rules, Sums, Waiting
from tests.life.clock import Clock
from tests.life.plan import (
    DAY,
    HOUR,
    SECOND,
    Life,
    Network,
    Persona,
    Step,
    Verb,
    plan_choices,
)
from tests.life.program import Installation
from tests.life.receiver_model import Declared, LatestStorage
from tests.life.systems.system import Facts, System

if TYPE_CHECKING:
    from tests.life.twin import Twin

_VERSIONS = ("1.10.3", "1.11.6", "1.11.8", "1.12.0")
_PING = dt.timedelta(minutes=15)
_GIB = 2**30
_PI = "Raspberry Pi 4 Model B"
_COUNT = {"count": "count"}
_PRINT = {"count": "count", "seconds": "elapsed"}
_LISTS = ("plugins", "achievements")
_NOT_COUNTED = ("ping", "startup")
# What the event bus says, and what it is counted as: the event, its labels and its sums.
_USES: tuple[tuple[str, dict[str, Any], str, Labels, dict[str, int]], ...] = (
    (
        "PrintStarted",
        {"origin": "local", "path": "canary.gcode"},
        "print_started",
        (("origin", "local"),),
        {"count": 1},
    ),
    (
        "PrintDone",
        {"origin": "local", "time": 3600.7},
        "print_done",
        (("origin", "local"),),
        {"count": 1, "elapsed": 3600},
    ),
    (
        "PrintDone",
        {"origin": "sdcard", "time": 0},
        "print_done",
        (("origin", "sdcard"),),
        {"count": 1},
    ),
    (
        "PrintCancelled",
        {"origin": "local", "time": 60},
        "print_cancelled",
        (("origin", "local"),),
        {"count": 1, "elapsed": 60},
    ),
    (
        "PrintFailed",
        {"origin": "local", "time": 61, "reason": "error"},
        "print_failed",
        (("origin", "local"), ("reason", "error")),
        {"count": 1, "elapsed": 61},
    ),
    (
        "plugin_pluginmanager_install_plugin",
        {"id": "octolapse", "version": "1.2"},
        "install_plugin",
        (("plugin", "octolapse"),),
        {"count": 1},
    ),
    (
        "plugin_softwareupdate_update_succeeded",
        {"target": "octoprint", "to_version": "1.11.8", "from_version": "1.11.6"},
        "update_successful",
        (("target", "octoprint"), ("to_version", "1.11.8")),
        {"count": 1},
    ),
    (
        "plugin_pi_support_throttle_state",
        {
            "current_issue": True,
            "current_undervoltage": True,
            "current_overheat": False,
        },
        "system_throttled",
        (("throttled_voltage_now", True), ("throttled_overheat_now", False)),
        {"count": 1},
    ),
    (
        "SlicingStarted",
        {"slicer": "cura"},
        "slicing_started",
        (("slicer", "cura"),),
        {"count": 1},
    ),
    (
        "Error",
        {"error": "Too many consecutive timeouts", "reason": "timeout"},
        "commerror",
        (("reason", "timeout"),),
        {"count": 1},
    ),
)


class _PatientFormat(TrackingFormat):
    """A busy machine is not the client's fault."""

    timeout_seconds = 60


def _build(waiting: Waiting) -> list[Outgoing]:
    """Write a request for each event, and one for the facts, if they are due."""
    now, off = waiting.now, waiting.events_off
    facts = dict(waiting.facts)
    if "achievement_unlocked" in off:
        facts["achievements"] = None
    requests = []
    for entry in waiting.logged:
        without_lists = {it: facts[it] for it in facts if it not in _LISTS}
        stored = {"ping": {}, "startup": without_lists}.get(entry.event)
        counts = Counter(
            {(entry.event, entry.labels, name): value for name, value in entry.sums}
        )
        counted: dict[dt.datetime | None, Sums] = {}
        if entry.event not in _NOT_COUNTED:
            counted[None] = counts
        requests.append(Outgoing(stored, counted, logged=(entry,)))
    if waiting.is_due and "pong" not in off and not _is_quiet(waiting.own, now):
        requests.append(Outgoing(facts))
    return requests


def _is_quiet(own: Mapping[str, Any], now: dt.datetime) -> bool:
    """Whether it sends nothing of itself, because nothing was printed for a day.

    A process knows of its own prints, and of those that were reported before it asked first.
    """
    last = own.get("sent_print" if own.get("is_command") else "last_print")
    return bool(own["quiet"]) and not (last and now - last <= DAY)


class OctoPrint(System):
    """OctoPrint."""

    name = "octoprint"
    key = "id"
    kind = "track"
    second = True
    rules = Rules(period=DAY, build=_build, log_for=dt.timedelta(minutes=10))
    retention_days = 366
    groups = GROUPS
    forbidden = ("canary",)
    events: ClassVar[Mapping[str, Declared]] = {
        "print_started": Declared(_COUNT, (("origin",),)),
        "print_done": Declared(_PRINT, (("origin",),)),
        "print_cancelled": Declared(_PRINT, (("origin",),)),
        "print_failed": Declared(_PRINT, (("origin",), ("reason",))),
        "install_plugin": Declared(_COUNT, (("plugin",),)),
        "update_successful": Declared(_COUNT, (("target", "to_version"),)),
        "system_throttled": Declared(
            _COUNT, (("throttled_voltage_now", "throttled_overheat_now"),)
        ),
        "slicing_started": Declared(_COUNT, (("slicer",),)),
        "commerror": Declared(_COUNT, (("reason",),)),
        "shutdown": Declared(_COUNT, ()),
    }

    def make_facts(self, chance: random.Random) -> Facts:
        is_pi = chance.random() < 0.7
        return {
            "version": chance.choice(_VERSIONS[:2]),
            "os": "linux" if is_pi else chance.choice(("linux", "windows", "macos")),
            "bits": chance.choice((32, 64)),
            "python": chance.choice(("3.9.2", "3.11.7")),
            "pip": "23.2.1",
            "cores": chance.choice((4, 8, 64)),
            "ram": chance.choice((1, 4, 16)) * _GIB - 4096,
            "pi_model": f"{_PI} Rev 1.{chance.randint(1, 5)}" if is_pi else None,
            # One of its own, so that a trace of it can be found.
            "plugins": ["Octolapse", f"own_{chance.getrandbits(64):016x}"],
            "achievements": chance.choice(([], ["the_wizard"])),
            "checks": chance.random() < 0.5,
            "quiet": chance.random() < 0.15,
        }

    def plan(self, life: Life, facts: Facts) -> Iterator[Step]:
        chance = life.chance
        yield from plan_choices(life, life.between(life.begin, life.begin + DAY))
        later = list(_VERSIONS[_VERSIONS.index(facts["version"]) + 1 :])
        day = life.begin
        while day < life.end:
            if chance.random() < 0.75:
                yield from self._plan_day(life, day)
            if later and chance.random() < 0.25:
                yield life.step(
                    day + DAY - SECOND, Verb.UPGRADE, {"version": later.pop(0)}
                )
            day += DAY
        if life.persona is Persona.PLAIN and chance.random() < 0.3:
            name = chance.choice([*GROUPS])
            off = life.between(life.begin + DAY, life.begin + 3 * DAY)
            yield life.step(off, Verb.GROUP, (name, False))
            yield life.step(off + 2 * DAY, Verb.GROUP, (name, True))

    def _plan_day(self, life: Life, day: dt.datetime) -> Iterator[Step]:
        """Make the steps of a day on which it is on for one to four hours."""
        chance = life.chance
        start = life.between(day, day + 19 * HOUR)
        stop = start + chance.randint(3600, 4 * 3600) * SECOND
        yield life.step(start, Verb.START)
        at = start + _PING
        while at < stop:
            yield life.step(at, Verb.TICK)
            at += _PING
        for _ in range(chance.randint(0, 6)):
            at = life.between(start + SECOND, stop - SECOND)
            yield life.step(at, Verb.USE, chance.randrange(len(_USES)))
        if chance.random() < 0.25:
            yield life.step(stop, Verb.CRASH, chance.randrange(len(_USES)))
        else:
            yield life.step(stop, Verb.STOP)

    def make_client(self, installation: Installation, clock: Clock) -> Tracking:
        facts, relay = installation.facts, installation.relay
        project = build_project(
            installation.folder,
            version=lambda: facts["version"],
            server=installation.endpoint,
            environment=lambda: _detect(facts),
            plugins=lambda: facts["plugins"],
            achievements=lambda: facts["achievements"],
        )
        return Tracking(
            replace(project, format=_PatientFormat()),
            is_online=lambda: (
                not (facts["checks"] and relay and relay.state is Network.DOWN)
            ),
            quiet_without_prints=facts["quiet"],
            clock=clock.read,
        )

    def make_storage(self) -> LatestStorage:
        return LatestStorage(
            (
                *("version", "os", "bits", "python", "pip", "cores", "ram", "pi_model"),
                *("octopi_version", "octopiuptodate_build", "plugins"),
                *("achievements", "country"),
            )
        )

    def find_token(self, facts: Facts) -> str:
        return str(facts["plugins"][-1])

    def to_row(self, facts: Facts) -> Facts:
        model = facts["pi_model"]
        return {
            **dict.fromkeys(("octopi_version", "octopiuptodate_build", "country")),
            **{it: facts[it] for it in ("version", "os", "bits", "python", "pip")},
            "cores": min(facts["cores"], 16),
            "ram": str(round(facts["ram"] / _GIB)),
            "pi_model": model and _PI,
            "plugins": [it.lower() for it in facts["plugins"]],
            "achievements": facts["achievements"],
        }

    def list_own(self, facts: Facts) -> Facts:
        return {"quiet": facts["quiet"]}

    def use(self, client: Tracking, what: int) -> None:
        name, payload, *_ = _USES[what]
        client.on_event(name, payload)

    def count(self, twin: "Twin", what: int, now: dt.datetime) -> None:
        _, _, event, labels, sums = _USES[what]
        if event.startswith("print_"):
            twin.model.own["last_print"] = now
        self._record(twin, Entry(now, event, labels, tuple(sums.items())))

    def start(self, twin: "Twin", step: Step) -> None:
        own = twin.model.own
        own["is_command"] = False
        own["last_print"] = own.get("sent_print")
        twin.real.client.on_startup()
        self._live(twin, step, "startup")
        self.tick(twin, step)

    def stop(self, twin: "Twin", step: Step) -> None:
        twin.real.client.on_shutdown()
        self._live(twin, step, "shutdown")
        self._deliver(twin, step)

    def tick(self, twin: "Twin", step: Step) -> None:
        twin.real.client.tick()
        self._live(twin, step, "ping")
        self._deliver(twin, step)

    def after_use(self, twin: "Twin", step: Step) -> None:
        twin.real.client.deliver()
        self._deliver(twin, step)

    def _live(self, twin: "Twin", step: Step, event: str) -> None:
        """Record an event that says that it runs."""
        twin.model.own["is_command"] = False
        if not _is_quiet(twin.model.own, step.at):
            self._record(twin, Entry(step.at, event))

    def _record(self, twin: "Twin", entry: Entry) -> None:
        if self._is_online(twin):
            twin.model.record(entry)

    def _deliver(self, twin: "Twin", step: Step) -> None:
        if self._is_online(twin):
            twin.run_model(step)
            left = twin.model.left
            prints = [left[it] for it in left if it.startswith("print_")]
            twin.model.own["sent_print"] = max(prints, default=None)

    def _is_online(self, twin: "Twin") -> bool:
        return not (twin.real.facts["checks"] and twin.model.network is Network.DOWN)


def _detect(facts: Facts) -> dict[str, Any]:
    """Return what OctoPrint's own detector finds."""
    return {
        "os": {"id": facts["os"], "bits": facts["bits"], "platform": "kernel"},
        "python": {"version": facts["python"], "pip": facts["pip"]},
        "hardware": {"cores": facts["cores"], "ram": facts["ram"], "freq": 1500.0},
        "plugins": {"pi_support": {"model": facts["pi_model"]}}
        if facts["pi_model"]
        else {},
    }


SYSTEM = OctoPrint()
