"""codegraph: many short commands and some servers, which report unless that is turned off."""

import datetime as dt
import json
import platform
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, ClassVar

from projects.codegraph.batches import Batches
from projects.codegraph.client import NOTICE, Telemetry, build_project
from tests.life.client_model import (
    Entry,
    Labels,
    Outgoing,
    Rules,
    Sums,
    Waiting,
)
from tests.life.clock import Clock
from tests.life.plan import (
    DAY,
    HOUR,
    SECOND,
    Life,
    Persona,
    Step,
    Verb,
    plan_troubles,
)
from tests.life.program import Installation
from tests.life.receiver_model import Declared, LatestStorage
from tests.life.systems.system import Facts, System

if TYPE_CHECKING:
    from tests.life.twin import Twin

_VERSIONS = ("1.5.0", "1.6.0", "1.6.1", "1.7.0")
_COMMANDS = ("init", "query", "status", "explore", "sync")
_TOOLS = ("codegraph_explore", "codegraph_node", "codegraph_search")
_AGENTS = (("claude-code", "2.1.7"), ("cursor-vscode", "1.0.0"), ("own agent", ""))
# The name of a tool, for machines that never consent.
_NEVER = "never_consented"
_ROUND = 6 * HOUR
_MOST_EVENTS = 100
_USES = {"count": "count", "errors": "error_count"}
_COUNT = {"count": "count"}
_COMMAND, _TOOL = "cli_command", "mcp_tool"


class _PatientBatches(Batches):
    """A busy machine is not the client's fault."""

    timeout_seconds = 60


def _build(waiting: Waiting) -> list[Outgoing]:
    """Write a request for each hundred events: the sums by day and name, then the logged."""
    items = iter([*_list_counted(waiting), *_list_logged(waiting)])
    requests = []
    while part := list(islice(items, _MOST_EVENTS)):
        counts: dict[dt.datetime | None, Sums] = {}
        sums: dict[str, Sums] = {}
        for time, counted, entry in part:
            counts.setdefault(time, Counter()).update(counted)
            if entry is None:
                sums.setdefault(f"{time:%F}", Counter()).update(counted)
        logged = tuple(entry for _, _, entry in part if entry)
        requests.append(Outgoing(waiting.facts, counts, sums, logged))
    return requests


_Item = tuple[dt.datetime, Sums, Entry | None]


def _list_counted(waiting: Waiting) -> Iterator[_Item]:
    for day in sorted(waiting.sums):
        rows = sorted(waiting.sums[day].items(), key=_order)
        for _, group in groupby(rows, lambda it: it[0][:2]):
            noon = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
            yield noon, Counter(dict(group)), None


def _order(row: tuple[tuple[str, Labels, str], int]) -> tuple[str, str]:
    (event, labels, _), _ = row
    return event, json.dumps(dict(labels), sort_keys=True, separators=(",", ":"))


def _list_logged(waiting: Waiting) -> Iterator[_Item]:
    for it in waiting.logged:
        yield it.at, Counter({(it.event, it.labels, "count"): 1}), it


class Codegraph(System):
    """codegraph. It reports by default, so those that never consent have said no."""

    name = "codegraph"
    key = "machine_id"
    notice = NOTICE
    rules = Rules(
        period=DAY, build=_build, sends_facts_alone=False, on_after_notice=True
    )
    retention_days = 90
    forbidden = (_NEVER,)
    events: ClassVar[Mapping[str, Declared]] = {
        _TOOL: Declared(
            _USES,
            (
                ("name", "client_name"),
                ("name", "codegraph_version"),
                ("client_name", "client_version"),
            ),
        ),
        _COMMAND: Declared(_USES, (("name",),)),
        "install": Declared(_COUNT, (("targets", "scope"), ("scope", "kind"))),
        "index": Declared(
            _COUNT,
            (
                ("languages",),
                ("file_count_bucket", "duration_bucket"),
                ("sqlite_backend",),
            ),
        ),
        "uninstall": Declared(_COUNT, (("targets",),)),
    }

    def make_facts(self, chance: random.Random) -> Facts:
        return {
            "version": chance.choice(_VERSIONS[:2]),
            "node": chance.choice((22, 24, None)),
            "ci": chance.random() < 0.1,
            "is_embedded": False,
        }

    def plan(self, life: Life, facts: Facts) -> Iterator[Step]:
        chance = life.chance
        if life.persona is Persona.NEVER:
            yield life.step(
                life.begin, Verb.UPGRADE, {"is_embedded": chance.random() < 0.5}
            )
        installed = life.between(life.begin + HOUR, life.begin + 40 * HOUR)
        yield from self._plan_installer(life, installed)
        later = list(_VERSIONS[_VERSIONS.index(facts["version"]) + 1 :])
        day = installed.replace(hour=0, minute=0, second=0) + DAY
        while day < life.end:
            yield from self._plan_day(life, day)
            if later and chance.random() < 0.25:
                upgrade = {"version": later.pop(0)}
                yield life.step(day + 23 * HOUR, Verb.UPGRADE, upgrade)
            day += DAY
        if life.persona is not Persona.NEVER:
            yield from plan_troubles(life, installed + HOUR)

    def _plan_installer(self, life: Life, at: dt.datetime) -> Iterator[Step]:
        chance = life.chance
        is_never = life.persona is Persona.NEVER
        answer = False if is_never else chance.choice((True, None, None))
        targets = ("claude",) if chance.random() < 0.5 else ("claude", "cursor")
        yield from self._plan_process(
            life,
            at,
            ("ask", answer),
            ("install", targets, chance.choice(("local", "global")), "fresh"),
        )

    def _plan_process(
        self, life: Life, at: dt.datetime, *uses: tuple[Any, ...]
    ) -> Iterator[Step]:
        yield life.step(at, Verb.START)
        for number, use in enumerate(uses, 1):
            yield life.step(at + number * SECOND, Verb.USE, use)
        yield life.step(at + 10 * SECOND, Verb.TICK)
        yield life.step(at + 20 * SECOND, Verb.STOP)

    def _plan_day(self, life: Life, day: dt.datetime) -> Iterator[Step]:
        """Make the steps of a day: commands before and after a server, if one runs."""
        chance = life.chance
        for hour in chance.sample((*range(8), *range(20, 23)), chance.randint(0, 3)):
            at = life.between(day + hour * HOUR, day + (hour + 0.9) * HOUR)
            uses: list[tuple[Any, ...]] = [("command", chance.choice(_COMMANDS))]
            if chance.random() < 0.2:
                languages = chance.choice((("python",), ("go", "rust"), ()))
                files = chance.choice((5, 500, 50_000))
                uses.append(("index", languages, files, chance.choice((1, 30, 500))))
            if chance.random() < 0.05:
                uses.append(chance.choice((("uninit",), ("uninstall", ("cursor",)))))
            yield from self._plan_process(life, at, *uses)
        if chance.random() < 0.5:
            yield from self._plan_server(life, day)
        if life.persona is Persona.KILLED:
            at = day + 8 * HOUR
            yield life.step(at, Verb.KILL, self._choose_tool(life))

    def _plan_server(self, life: Life, day: dt.datetime) -> Iterator[Step]:
        chance = life.chance
        start = life.between(day + 9 * HOUR, day + 12 * HOUR)
        stop = life.between(start + HOUR, day + 19 * HOUR)
        yield life.step(start, Verb.START)
        at = start + SECOND
        while at < stop:
            yield life.step(at, Verb.TICK)
            at += _ROUND
        for _ in range(chance.randint(0, 8)):
            at = life.between(start + 2 * SECOND, stop - SECOND)
            yield life.step(at, Verb.USE, self._choose_tool(life))
        if chance.random() < 0.3:
            yield life.step(stop, Verb.CRASH, self._choose_tool(life))
        else:
            yield life.step(stop, Verb.STOP)

    def _choose_tool(self, life: Life) -> tuple[Any, ...]:
        chance = life.chance
        name = _NEVER if life.persona is Persona.NEVER else chance.choice(_TOOLS)
        return "tool", name, chance.random() < 0.9, *chance.choice(_AGENTS)

    def list_variables(self, facts: Facts) -> Mapping[str, str]:
        return {"CI": "true" if facts["ci"] else ""}

    def make_client(self, installation: Installation, clock: Clock) -> Telemetry:
        facts = installation.facts
        project = build_project(
            version=facts["version"],
            node_major=facts["node"],
            enabled=not facts["is_embedded"],
            data_dir=installation.folder,
        )
        endpoint = f"{installation.endpoint}/v1/events"
        declared = replace(project, endpoint=endpoint, format=_PatientBatches())
        return Telemetry(declared, clock=clock.read)

    def make_storage(self) -> LatestStorage:
        names = ("codegraph_version", "os", "arch", "node_major", "ci")
        return LatestStorage((*names, "schema_version"))

    def to_row(self, facts: Facts) -> Facts:
        return {
            "codegraph_version": facts["version"],
            "os": "linux",
            "arch": {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()],
            "node_major": facts["node"],
            "ci": facts["ci"],
            "schema_version": 2,
        }

    def use(self, client: Telemetry, what: tuple[Any, ...]) -> None:
        match what:
            case ("ask", answer):
                client.ask(lambda: answer)
            case ("command", name):
                client.count_command(name)
            case ("tool", name, ok, agent, version):
                client.count_tool(
                    name, ok=ok, client_name=agent, client_version=version
                )
            case ("install", targets, scope, kind):
                client.record_install(targets, scope, kind)
            case ("index", languages, files, seconds):
                client.record_index(languages, files, seconds)
            case ("uninstall", targets):
                client.record_uninstall(targets)
            case ("uninit",):
                client.record_uninit()

    def count(self, twin: "Twin", what: tuple[Any, ...], now: dt.datetime) -> None:
        model = twin.model
        if twin.real.facts["is_embedded"]:
            return
        match what:
            case ("ask", True) if model.is_on is None:
                model.turn_on(now)
                twin.learn()
            case ("ask", False) if model.is_on is None:
                model.turn_off()
            case ("command", name):
                model.count(_COMMAND, (("name", name),), count=1)
            case ("tool", name, ok, agent, version):
                known = [("name", name), ("client_name", agent)]
                labels = (*known, *([("client_version", version)] if version else ()))
                model.count(_TOOL, labels, count=1, error_count=int(not ok))
            case ("install", targets, scope, kind):
                labels = (("targets", targets), ("scope", scope), ("kind", kind))
                model.record(Entry(now, "install", labels))
            case ("index", languages, files, seconds):
                labels = (
                    ("languages", languages),
                    ("file_count_bucket", _find_files(files)),
                    ("duration_bucket", _find_duration(seconds)),
                )
                model.record(Entry(now, "index", labels))
            case ("uninstall", targets):
                model.record(Entry(now, "uninstall", (("targets", targets),)))
            case ("uninit",):
                model.record(Entry(now, "uninstall"))

    def start(self, twin: "Twin", step: Step) -> None:  # noqa: ARG002  # the time does not matter
        twin.model.own["may_send"] = True

    def tick(self, twin: "Twin", step: Step) -> None:
        """Deliver, and show the notice before anything is ever sent."""
        # As `deliver` does in a thread, for which it waits three seconds at most.
        twin.real.client._deliver()  # noqa: SLF001  # a busy machine may need longer
        model, now = twin.model, step.at
        model.flush(now)
        is_decided = model.is_on is not None or model.is_untracked
        is_undecided = not is_decided and not model.was_notice_shown
        if is_undecided and (model.list_over(now) or model.list_log(now)):
            model.notices += 1
            if model.is_disk_full:
                return
            model.was_notice_shown = True
            model.own["may_send"] = False
        if model.own["may_send"]:
            twin.run_model(step)


def _find_files(files: int) -> str:
    return {5: "<100", 500: "100-1k", 50_000: "10k+"}[files]


def _find_duration(seconds: int) -> str:
    return {1: "<10s", 30: "10-60s", 500: "5m+"}[seconds]


SYSTEM = Codegraph()
