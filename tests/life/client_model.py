"""Works out what a client sends and keeps, by what its documentation promises."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.life.plan import DAY, HOUR, SECOND, Network

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
# The hours until the next try after one failure, two, three, and more.
_WAITS = (1, 4, 16, 24)
_CLAIM = dt.timedelta(minutes=10)
_MOST_WAIT = 7 * DAY
# A receiver's clock may be wrong by this.
_TOLERANCE = DAY

Facts = Mapping[str, object]
Labels = tuple[tuple[str, object], ...]
# The sums of events, by the name of the event, its labels, and the name of the sum.
Sums = Counter[tuple[str, Labels, str]]


class Entry(NamedTuple):
    """A logged event."""

    at: dt.datetime
    event: str
    labels: Labels = ()
    sums: tuple[tuple[str, int], ...] = (("count", 1),)


class Waiting(NamedTuple):
    """What a run can send."""

    now: dt.datetime
    facts: Facts
    sums: Mapping[str, Sums]  # by day
    logged: tuple[Entry, ...]
    is_due: bool
    events_off: Collection[str]
    own: dict[str, Any]


class Outgoing(NamedTuple):
    """A request: what the receiver is to make of it, and what the client then deletes.

    Attributes:
        facts: The columns that it replaces; None if it stores nothing of the installation.
        counts: What it counts, by the time that it says; None for the time of its arrival.
        sums: The sums in it, by day.
        logged: The logged events in it.
        period_end: The day after the period that it is about.
    """

    facts: Facts | None
    counts: Mapping[dt.datetime | None, Sums] = {}
    sums: Mapping[str, Sums] = {}
    logged: tuple[Entry, ...] = ()
    period_end: str | None = None


class Arrival(NamedTuple):
    """A request that arrives at the receiver."""

    at: dt.datetime
    installation_id: str
    sent: Outgoing


class Left(NamedTuple):
    """A request that left, and whether the client knows that it was accepted."""

    installation_id: str
    sent: Outgoing
    was_accepted: bool


class Refusal(NamedTuple):
    """What a receiver says that has a recent report: when it came, and how long to wait."""

    last_sent: dt.datetime
    wait: dt.timedelta


# Lets a request arrive.
Arrive = Callable[[Arrival], Refusal | None]
Forget = Callable[[str], object]


def send_report(waiting: Waiting) -> list[Outgoing]:
    """Write one request with all facts, if a report is due."""
    return [Outgoing(waiting.facts)]


@dataclass(frozen=True)
class Rules:
    """What a system's client promises.

    Attributes:
        period: How often it reports.
        gap: The receiver takes one report in this time.
        build: Writes the requests.
        log_for: How long a logged event waits.
        keeps_log: Whether logged events stay, and are recorded while reporting is off.
        sends_facts_alone: Whether it reports although nothing was counted.
        on_after_notice: Whether it reports until somebody turns that off.
        least_gap: The shortest time between two requests.
    """

    period: dt.timedelta
    gap: dt.timedelta = dt.timedelta(0)
    build: Callable[[Waiting], list[Outgoing]] = send_report
    log_for: dt.timedelta = 30 * DAY
    keeps_log: bool = False
    sends_facts_alone: bool = True
    on_after_notice: bool = False
    least_gap: dt.timedelta = dt.timedelta(0)


@dataclass
class ClientModel:
    """What one installation must do and keep.

    Attributes:
        is_on: What its admin chose; None if nobody has chosen.
        accepted_at: When that began, or when its admin agreed to a newer contract.
        sendable: What its contract can send.
        accepted: What its admin has agreed to send.
        held: How many runs have sent nothing because of a newer contract.
        installation_id: Its ID. The model learns it from the client, which draws it.
        ids: All IDs that it has ever had.
        memory: What a running process has counted and not written.
        entries: What it has logged and not written.
        sums: What is written, by day.
        log: What is logged.
        aside: The IDs that wait to be forgotten.
        requests: When each request left.
        notices: How many notices it has shown.
        events_off: The events of the groups that are off.
        last: The last report that left.
        left: When each logged event last left, by its name.
        own: What a system keeps in addition.
    """

    rules: Rules
    is_on: bool | None = None
    was_notice_shown: bool = False
    accepted_at: dt.datetime | None = None
    sendable: frozenset[str] = frozenset()
    accepted: frozenset[str] | None = None
    held: int = 0
    installation_id: str | None = None
    ids: set[str] = field(default_factory=set)
    last_sent: dt.datetime | None = None
    last_try: dt.datetime | None = None
    claimed_until: dt.datetime | None = None
    failures: int = 0
    next_try: dt.datetime | None = None
    memory: Sums = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)
    sums: dict[str, Sums] = field(default_factory=dict)
    log: list[Entry] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    forget_failures: int = 0
    forget_next: dt.datetime | None = None
    is_disk_full: bool = False
    is_untracked: bool = False
    network: Network = Network.UP
    requests: list[dt.datetime] = field(default_factory=list)
    notices: int = 0
    events_off: set[str] = field(default_factory=set)
    last: "Left | None" = None
    left: dict[str, dt.datetime] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def sends(self) -> bool:
        """Whether reporting is on."""
        if self.is_untracked:
            return False
        if self.is_on is None:
            return self.rules.on_after_notice and self.was_notice_shown
        return self.is_on

    @property
    def needs_consent(self) -> bool:
        """Whether its contract can send more than its admin has agreed to."""
        return self.accepted is not None and not self.sendable <= self.accepted

    def turn_on(self, now: dt.datetime) -> None:
        """Its admin agrees."""
        if self.is_disk_full or (self.is_on and self.accepted == self.sendable):
            return
        self.is_on, self.accepted_at, self.accepted = True, now, self.sendable

    def turn_off(self) -> None:
        """Its admin wants no reports."""
        if self.is_disk_full:
            return
        self.is_on, self.accepted_at, self.accepted = False, None, None
        self.memory.clear()
        self.sums.clear()
        if not self.rules.keeps_log:
            self.entries.clear()
            self.log.clear()
        self.installation_id = None

    def turn_group(self, events: Collection[str], *, on: bool) -> None:
        """Its admin turns events on or off."""
        if on:
            self.events_off -= set(events)
        else:
            self.events_off |= set(events)
            self.log = [it for it in self.log if it.event not in events]

    def learn(self, installation_id: str | None) -> None:
        """Take the ID that the client has drawn."""
        if installation_id and self.installation_id is None:
            assert installation_id not in self.ids, "an ID came back"
            self.installation_id = installation_id
            self.ids.add(installation_id)

    def count(self, event: str, labels: Labels = (), **sums: int) -> None:
        """A process of it counts an event, in memory."""
        for name, value in sums.items():
            if value:
                self.memory[event, labels, name] += value

    def record(self, entry: Entry) -> None:
        """A process of it logs an event, in memory."""
        self.entries.append(entry)

    def flush(self, now: dt.datetime) -> None:
        """Write what was counted, on the day of *now*, and what was logged."""
        if self.is_disk_full and not self.is_untracked:
            return
        may_count = self.is_on is not False and not self.is_untracked
        if may_count and self.memory:
            self.sums.setdefault(f"{now:%F}", Counter()).update(self.memory)
        if may_count or (self.rules.keeps_log and not self.is_untracked):
            self.log += [it for it in self.entries if it.event not in self.events_off]
        self.lose()

    def lose(self) -> None:
        """Its process ends: what it has not written is lost."""
        self.memory.clear()
        self.entries.clear()

    def run(
        self,
        now: dt.datetime,
        facts: Facts,
        arrive: Arrive,
        *,
        is_forced: bool = False,
    ) -> None:
        """A scheduler calls it: it sends what is due."""
        over = self.list_over(now)
        logged = () if self.rules.keeps_log else tuple(self.list_log(now))
        if not self._may_send():
            return
        if not (self.rules.sends_facts_alone or over or logged):
            return
        self._correct_times(now)
        is_due = is_forced or now >= self.find_due(now)
        is_waiting = self._find_wait(now) is not None
        if not is_due and (is_waiting or not logged):
            return
        if self.last_try and now < self.last_try + self.rules.least_gap:
            return
        if self._is_claimed(now):
            return
        requests = self.rules.build(
            Waiting(now, facts, over, logged, is_due, self.events_off, self.own)
        )
        for number, sent in enumerate(requests):
            if number == 0:
                self.failures += 1
                self.last_try = now
                self.next_try = self._find_next_try(now)
            if not self._exchange(now, sent, arrive):
                return
        if requests:
            self.failures, self.next_try = 0, None
            self.last_sent = now if is_due else self.last_sent

    def _may_send(self) -> bool:
        """Whether reporting is on, as its contract is now; count what that holds back."""
        if self.is_disk_full or not self.sends:
            return False
        self.held += self.needs_consent
        return not self.needs_consent

    def list_over(self, now: dt.datetime) -> dict[str, Sums]:
        """List the sums of the days that are over."""
        today = f"{now:%F}"
        return {day: Counter(it) for day, it in self.sums.items() if it and day < today}

    def list_log(self, now: dt.datetime) -> list[Entry]:
        """List the logged events that are not too old."""
        return [it for it in self.log if abs(now - it.at) <= self.rules.log_for]

    def _correct_times(self, now: dt.datetime) -> None:
        """Replace times in the future, which are from a clock that was wrong."""
        self.accepted_at = min(self.accepted_at or now, now)
        self.last_sent = min(self.last_sent, now) if self.last_sent else None
        self.last_try = min(self.last_try, now) if self.last_try else None
        self.log = [it for it in self.log if abs(now - it.at) <= self.rules.log_for]

    def _find_wait(self, now: dt.datetime) -> dt.datetime | None:
        """When the next try is, unless a clock that was wrong has set it."""
        most = max(_MOST_WAIT, self.rules.gap + DAY)
        is_waiting = self.next_try and now < self.next_try <= now + most
        return self.next_try if is_waiting else None

    def find_due(self, now: dt.datetime) -> dt.datetime:
        """When the next report is due."""
        assert self.accepted_at is not None
        assert self.installation_id is not None, "it must have an ID by now"
        period = self.rules.period
        offset = _spread(self.installation_id, period)
        after = max(self.last_sent or self.accepted_at, self.accepted_at)
        slot = (after - _EPOCH - offset) // period + 1
        due = _EPOCH + offset + slot * period
        if self.last_sent:
            due = max(due, self.last_sent + max(self.rules.gap, period / 2))
        return max(due, self._find_wait(now) or due)

    def forget(self, now: dt.datetime, removed: str | None, forget: Forget) -> None:
        """Its admin has the receiver delete all reports."""
        if removed and removed not in self.aside:
            self.aside.append(removed)
        ids = [*self.aside, *filter(None, [self.installation_id])]
        self._forget(now, ids, forget)

    def retry_forgetting(self, now: dt.datetime, forget: Forget) -> None:
        """Try again to forget the IDs that are set aside."""
        is_waiting = self.forget_next and now < self.forget_next <= now + _MOST_WAIT
        if self.aside and not is_waiting and not self._is_claimed(now):
            self._forget(now, list(self.aside), forget)

    def _exchange(self, now: dt.datetime, sent: Outgoing, arrive: Arrive) -> bool:
        """Send a request; return whether it was accepted."""
        assert self.installation_id is not None
        self.requests.append(now)
        self.last = Left(self.installation_id, sent, was_accepted=False)
        self.left |= {entry.event: now for entry in sent.logged}
        if self.network is Network.DOWN:
            return False
        refusal = arrive(Arrival(now, self.installation_id, sent))
        if self.network is Network.DEADLY:
            # A process that was killed keeps the others out.
            self.claimed_until = now + _CLAIM
        if self.network is not Network.UP:
            return False
        if refusal is not None:
            self._heed(refusal, now)
            return False
        self.last = Left(self.installation_id, sent, was_accepted=True)
        for day, sums in sent.sums.items():
            self.sums[day] -= sums
        for entry in sent.logged:
            self.log.remove(entry)
        return True

    def _heed(self, refusal: Refusal, now: dt.datetime) -> None:
        """Wait for as long as the receiver says, unless what it says cannot be."""
        until = now + -(-refusal.wait // SECOND) * SECOND
        oldest = now - self.rules.gap - _TOLERANCE
        if oldest <= refusal.last_sent <= now + _TOLERANCE:
            again = now + -(-refusal.wait // DAY) * DAY
            midnight = dt.datetime.combine(again, dt.time(), dt.UTC)
            self.failures, self.next_try = 0, max(midnight, until)
        else:
            self.next_try = max(self.next_try or until, until)

    def _is_claimed(self, now: dt.datetime) -> bool:
        """Whether a process that was killed keeps the others out, for ten minutes."""
        until = self.claimed_until
        return until is not None and now < until <= now + 2 * _CLAIM

    def _find_next_try(self, now: dt.datetime) -> dt.datetime:
        assert self.installation_id is not None
        next_try = _find_next_try(now, self.failures, self.installation_id)
        return max(next_try, now + self.rules.least_gap)

    def _forget(self, now: dt.datetime, ids: list[str], forget: Forget) -> None:
        if not ids or self.is_disk_full:
            return
        self.forget_failures += 1
        self.forget_next = _find_next_try(now, self.forget_failures, ids[0])
        for installation_id in ids:
            self.requests.append(now)
            if self.network is not Network.DOWN:
                forget(installation_id)
            if self.network is Network.DEADLY:
                self.claimed_until = now + _CLAIM
            if self.network is not Network.UP:
                # The next wait depends on the one that failed.
                self.forget_next = _find_next_try(
                    now, self.forget_failures, installation_id
                )
                return
            if installation_id in self.aside:
                self.aside.remove(installation_id)
            else:
                self.installation_id = None
        self.forget_failures, self.forget_next = 0, None


def _spread(key: str, most: dt.timedelta) -> dt.timedelta:
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest) % (most // _MICROSECOND) * _MICROSECOND


def _find_next_try(now: dt.datetime, failures: int, key: str) -> dt.datetime:
    wait = _WAITS[min(failures, len(_WAITS)) - 1] * HOUR
    return now + wait * 9 / 10 + _spread(f"{key} {failures}", wait / 5)
