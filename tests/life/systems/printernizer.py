"""Printernizer: a server that keeps what happens, and sends the sum of whole weeks."""

import datetime as dt
import platform
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from projects.printernizer.client import UsageStatistics, build_project
from tests.life.client_model import ClientModel, Entry, Outgoing, Rules, Sums, Waiting
from tests.life.clock import Clock
from tests.life.plan import (
    DAY,
    HOUR,
    SECOND,
    Life,
    Step,
    Verb,
    plan_choices,
    plan_server,
)
from tests.life.program import Installation
from tests.life.receiver_model import Declared, LatestStorage
from tests.life.systems.system import Facts, System

if TYPE_CHECKING:
    from tests.life.twin import Twin

_VERSIONS = ("2.40.0", "2.41.7", "2.42.0", "2.43.1")
_WEEK = dt.timedelta(days=7)
_LONGEST = 12 * _WEEK
_COUNTRIES = {"Europe/Berlin": "DE", "America/New_York": "US", "Etc/UTC": "XX"}
_FEATURES = ("library_enabled", "timelapse_enabled", "watch_folders_enabled")
_KINDS = ("bambu_lab", "prusa_core")
# What happens, with metadata that nobody else may see.
_USES: tuple[tuple[str, dict[str, object]], ...] = (
    ("job_created", {"printer_type": "bambu_lab", "name": "canary.gcode"}),
    ("job_completed", {"printer_type": "bambu_lab", "duration_minutes": 61}),
    ("job_failed", {"printer_type": "prusa_core", "error_type": "canary.gcode"}),
    ("file_downloaded", {"printer_type": "bambu_lab"}),
    ("file_uploaded", {}),
    ("error_occurred", {"error_type": "ValueError", "component": "canary_part"}),
    ("printer_connected", {"address": "192.0.2.7"}),
)
_SUMS = {
    "jobs": "usage_stats.job_count",
    "downloads": "usage_stats.file_count",
    "uploads": "usage_stats.upload_count",
    "uptime_hours": "usage_stats.uptime_hours",
    "errors": "error_summary.total_errors",
}
_COLUMNS = (
    *("schema_version", "submission_timestamp"),
    *("period.start", "period.end", "period.duration_days"),
    *("installation.first_seen", "installation.app_version"),
    *("installation.python_version", "installation.platform"),
    *("installation.deployment_mode", "installation.country_code"),
    *("printer_fleet.printer_count", "printer_fleet.printer_types"),
    *(f"printer_fleet.printer_type_counts.{it}" for it in _KINDS),
    *_SUMS.values(),
    *(f"usage_stats.feature_usage.{it}" for it in _FEATURES),
    "usage_stats.feature_usage.auto_job_creation_enabled",
    "usage_stats.feature_usage.german_compliance_enabled",
)


class _Sent(NamedTuple):
    """The last report that was sent."""

    installation_id: str
    start: dt.date
    end: dt.date
    first_seen: dt.date
    was_accepted: bool

    @classmethod
    def find(cls, model: ClientModel) -> "_Sent | None":
        if model.last is None:
            return None
        installation_id, sent, was_accepted = model.last
        assert sent.facts
        days = ("period.start", "period.end", "installation.first_seen")
        start, end, first_seen = (
            dt.date.fromisoformat(str(sent.facts[it])) for it in days
        )
        return cls(installation_id, start, end, first_seen, was_accepted)


def _build(waiting: Waiting) -> list[Outgoing]:
    """Write the one request of a week, which is counted for its last day."""
    facts = waiting.facts
    end = str(facts["period.end"])
    counts: Sums = Counter(
        {("week", (), name): int(str(facts[name])) for name in _SUMS.values()}
    )
    counts["week", (), "reports"] = 1
    time = dt.datetime.fromisoformat(f"{end}T00:00:00+00:00")
    return [Outgoing(facts, {time: counts}, period_end=end)]


def _find_period(model: ClientModel, today: dt.date) -> tuple[dt.date, dt.date]:
    """Find the whole weeks that a report is about."""
    last = _Sent.find(model)
    turned_on = model.accepted_at.date() if model.accepted_at else today
    if last is None:
        return _find_weeks(turned_on - _WEEK, turned_on, today)
    if last.installation_id != model.installation_id:
        return _find_weeks(max(last.end, turned_on - _WEEK), turned_on, today)
    if today < last.end + _WEEK or not last.was_accepted:
        return last.start, last.end
    return _find_weeks(last.end, last.end, today)


def _find_weeks(
    start: dt.date, first_end: dt.date, today: dt.date
) -> tuple[dt.date, dt.date]:
    end = first_end + (today - first_end) // _WEEK * _WEEK
    return min(max(start, end - _LONGEST), end), end


def _measure_uptime(log: list[Entry], start: dt.datetime, end: dt.datetime) -> int:
    """Add up the times between two events before *end* in which it ran."""
    ran = dt.timedelta()
    for (since, event), (until, following) in pairwise(
        [*((it.at, it.event) for it in log if it.at < end), (end, "")]
    ):
        if event != "app_shutdown" and following != "app_start":
            ran += max(min(until, end) - max(since, start), dt.timedelta())
    return ran // HOUR


class Printernizer(System):
    """Printernizer. It lives for two weeks, so that installations report twice."""

    name = "printernizer"
    key = "installation.installation_id"
    days = 14
    rules = Rules(period=_WEEK, build=_build, keeps_log=True, least_gap=HOUR)
    retention_days = 366
    forbidden = ("canary", "192.0.2.7")
    events: ClassVar[Mapping[str, Declared]] = {
        "week": Declared(
            {"reports": "reports", **_SUMS},
            (("installation.deployment_mode",), ("installation.app_version",)),
        )
    }

    def make_facts(self, chance: random.Random) -> Facts:
        return {
            "version": chance.choice(_VERSIONS[:2]),
            "zone": chance.choice((*_COUNTRIES,)),
            "container": chance.choice(("docker", "")),
            "printers": chance.choices(_KINDS, k=chance.randint(0, 3)),
            "features": {it: chance.random() < 0.5 for it in _FEATURES},
        }

    def plan(self, life: Life, facts: Facts) -> Iterator[Step]:
        installed = life.between(life.begin, life.begin + 4 * DAY)
        later = _VERSIONS[_VERSIONS.index(facts["version"]) + 1 :]
        steps = [*plan_server(life, installed, HOUR, [{"version": it} for it in later])]
        yield from steps
        yield from plan_choices(life, installed)
        for step in steps:
            if step.verb is Verb.TICK and life.chance.random() < 0.1:
                number = life.chance.randrange(len(_USES))
                yield life.step(step.at - SECOND, Verb.USE, number)

    def list_variables(self, facts: Facts) -> Mapping[str, str]:
        return {"container": facts["container"]}

    def make_client(self, installation: Installation, clock: Clock) -> UsageStatistics:
        facts = installation.facts
        project = build_project(
            installation.folder,
            version=facts["version"],
            time_zone=facts["zone"],
            printers=lambda: facts["printers"],
            features=lambda: facts["features"],
            endpoint=installation.endpoint,
        )
        return UsageStatistics(project, clock=clock.read)

    def make_storage(self) -> LatestStorage:
        return LatestStorage(_COLUMNS)

    def to_row(self, facts: Facts) -> Facts:
        is_docker = facts["container"] or Path("/.dockerenv").exists()
        printers = facts["printers"]
        return {
            **dict.fromkeys(_COLUMNS),
            "schema_version": "1.0",
            "installation.app_version": facts["version"],
            "installation.python_version": platform.python_version(),
            "installation.platform": "linux",
            "installation.deployment_mode": "docker" if is_docker else "standalone",
            "installation.country_code": _COUNTRIES[facts["zone"]],
            "printer_fleet.printer_count": len(printers),
            "printer_fleet.printer_types": sorted({*printers}),
            **{
                f"printer_fleet.printer_type_counts.{it}": printers.count(it) or None
                for it in _KINDS
            },
            **{
                f"usage_stats.feature_usage.{it}": facts["features"][it]
                for it in _FEATURES
            },
        }

    def summarize(self, facts: Facts, model: ClientModel, now: dt.datetime) -> Facts:
        """Add what a report says of its weeks."""
        today = now.date()
        start, end = _find_period(model, today)
        midnights = [
            dt.datetime.combine(day, dt.time(tzinfo=dt.UTC)) for day in (start, end)
        ]
        counts = Counter(
            it.event for it in model.log if midnights[0] <= it.at < midnights[1]
        )
        first_seen = self._find_first_day(model, today)
        return {
            **facts,
            "submission_timestamp": f"{today}",
            "period.start": f"{start}",
            "period.end": f"{end}",
            "period.duration_days": (end - start).days,
            "installation.first_seen": f"{first_seen}",
            "usage_stats.job_count": counts["job_completed"] + counts["job_failed"],
            "usage_stats.file_count": counts["file_downloaded"],
            "usage_stats.upload_count": counts["file_uploaded"],
            "usage_stats.uptime_hours": _measure_uptime(
                sorted(model.log, key=lambda it: it.at), *midnights
            ),
            "error_summary.total_errors": counts["error_occurred"],
        }

    def _find_first_day(self, model: ClientModel, today: dt.date) -> dt.date:
        last = _Sent.find(model)
        turned_on = model.accepted_at.date() if model.accepted_at else today
        if last is None:
            return min((it.at.date() for it in model.log), default=turned_on)
        is_of_this_id = last.installation_id == model.installation_id
        return last.first_seen if is_of_this_id else turned_on

    def use(self, client: UsageStatistics, what: int) -> None:
        event, metadata = _USES[what]
        client.record(event, **metadata)

    def count(self, twin: "Twin", what: int, now: dt.datetime) -> None:
        twin.model.record(Entry(now, _USES[what][0]))

    def start(self, twin: "Twin", step: Step) -> None:
        twin.real.client.record_start()
        twin.model.record(Entry(step.at, "app_start"))
        self.after_use(twin, step)

    def stop(self, twin: "Twin", step: Step) -> None:
        twin.real.client.record("app_shutdown")
        twin.model.record(Entry(step.at, "app_shutdown"))


SYSTEM = Printernizer()
