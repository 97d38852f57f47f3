"""Reads everything that the page shows, once; a fault becomes part of the page."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from paperless_report.errors import Problem, ReportingError
from paperless_report.page.notices import Notice, parse_notice
from paperless_report.project import Variables
from paperless_report.report.outgoing import Logged, Sent, Sum
from paperless_report.reporter import Reporter
from paperless_report.results import Preview, Status

MOST_SENT = 20
_WEEK = dt.timedelta(days=7)


class Count(NamedTuple):
    """What was counted under one name and has not been sent.

    Attributes:
        event: The name of the event.
        labels: Its labels.
        name: The name of the sum.
        today: The sum of this day, in UTC.
        week: The sum of seven days, with this one.
    """

    event: str
    labels: Mapping[str, Any]
    name: str
    today: int
    week: int


@dataclass(frozen=True)
class Page:
    """What the page shows.

    Attributes:
        project: The name of the project.
        website: The address of the project's page about reports.
        variables: The names of the project's variables.
        period: How often an installation reports.
        groups: The events of each group.
        status: The state; None if it cannot be read.
        preview: What would be sent now; None if that cannot be found out.
        counts: What was counted in the last seven days, the most first.
        logged: For each event that is stored one by one, how many are, and the time of the
            newest.
        keeps_log: Whether those events are never sent themselves.
        history: The last requests, the newest first.
        sent: How many requests the history holds.
        notice: What became of the last action.
        failed: Why the last action failed.
        problem: Why the state cannot be read.
    """

    project: str
    website: str
    variables: Variables
    period: dt.timedelta
    groups: Mapping[str, tuple[str, ...]]
    status: Status | None = None
    preview: Preview | None = None
    counts: tuple[Count, ...] = ()
    logged: tuple[tuple[str, int, dt.datetime], ...] = ()
    keeps_log: bool = False
    history: tuple[Sent, ...] = ()
    sent: int = 0
    notice: Notice | None = None
    failed: ReportingError | None = None
    problem: ReportingError | None = None

    @property
    def seen(self) -> str:
        """A digest of the state, by which an action knows which state its admin saw."""
        return digest_state(self.status, self.problem)


def build_page(
    reporter: Reporter,
    *,
    notice: str | None = None,
    failed: ReportingError | None = None,
) -> Page:
    """Read what the page shows. Never raise an exception.

    Args:
        reporter: The reporter.
        notice: The code of a `Notice`, from the address. Another text is ignored.
        failed: Why the action failed, if it did.
    """
    project = reporter.project
    status, problem = read_status(reporter)
    page = Page(
        project=str(project.name),
        website=str(project.page),
        variables=project.variables,
        period=project.period,
        groups={},
        status=status,
        problem=problem,
        notice=parse_notice(notice),
        failed=failed,
    )
    if status is None:
        return page
    try:
        history = reporter.history()
        return replace(
            page,
            groups={name: tuple(events) for name, events in project.groups.items()},
            preview=reporter.preview(),
            counts=_add_up(reporter.read_counts(), status.read_at.date()),
            logged=_add_up_log(reporter.read_log()),
            keeps_log=project.keeps_log,
            history=history[: -MOST_SENT - 1 : -1],
            sent=len(history),
        )
    except Exception as error:  # noqa: BLE001  # whatever the host's own modules do
        return replace(page, status=None, problem=_to_problem(error))


def read_status(reporter: Reporter) -> tuple[Status | None, ReportingError | None]:
    """Read the state, or why it cannot be read."""
    try:
        return reporter.status(), None
    except Exception as error:  # noqa: BLE001  # whatever the host's own modules do
        return None, _to_problem(error)


def digest_state(status: Status | None, problem: ReportingError | None) -> str:
    """Return a digest of what an admin decides on, as the page has shown it."""
    shown: tuple[object, ...] = (problem.problem.name if problem else None,)
    if status is not None:
        shown = (
            *(
                status.decision,
                status.growth,
                status.problem and status.problem.problem,
            ),
            *(status.installation_id, status.set_aside, status.groups, status.url),
            json.dumps(status.contract, sort_keys=True),
        )
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()[:32]


def _to_problem(error: Exception) -> ReportingError:
    if isinstance(error, ReportingError):
        return error
    return ReportingError(Problem.UNEXPECTED, reason=type(error).__name__)


def _add_up_log(
    entries: Iterable[Logged],
) -> tuple[tuple[str, int, dt.datetime], ...]:
    numbers: dict[str, tuple[int, dt.datetime]] = {}
    for it in entries:  # the oldest first
        number, _ = numbers.get(it.event, (0, None))
        numbers[it.event] = (number + 1, it.at)
    return tuple((event, *numbers[event]) for event in sorted(numbers))


def _add_up(rows: Iterable[Sum], today: dt.date) -> tuple[Count, ...]:
    """Add the sums of the last seven days up."""
    first = f"{today - _WEEK + dt.timedelta(days=1)}"
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        if first <= row.day <= f"{today}":
            pair = sums.setdefault((row.event, row.labels, row.name), [0, 0])
            pair[0] += row.value if row.day == f"{today}" else 0
            pair[1] += row.value
    counts = (
        Count(event, json.loads(labels), name, *pair)
        for (event, labels, name), pair in sums.items()
    )
    return tuple(sorted(counts, key=lambda it: (-it.week, it.event, it.name)))
