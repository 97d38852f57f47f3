"""Defines what an installation can send, and how a project writes it as HTTP requests.

A project whose receiver does not take this package's JSON subclasses `ReportFormat`. Nothing
here does I/O.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeVar

JSON_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {"Accept": "application/json", "Content-Type": "application/json"}
)
MOST_REQUESTS: Final = 100  # of one run
MOST_COUNTED: Final = 10_000  # events of one run that hold counts

_Item = TypeVar("_Item")


class Sum(NamedTuple):
    """What was counted under one name on one day.

    Attributes:
        day: The day in UTC, as YYYY-MM-DD.
        event: The name of the event.
        labels: Its labels, as canonical JSON.
        name: The name of the sum.
        value: The sum.
    """

    day: str
    event: str
    labels: str
    name: str
    value: int


class Logged(NamedTuple):
    """An event that is stored by itself, with its time.

    Attributes:
        number: The number of its row.
        at: When it happened, aware, in UTC.
        event: The name of the event.
        properties: What the contract accepts: its labels, then its integers.
    """

    number: int
    at: datetime
    event: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """One request, and what became of it.

    Attributes:
        at: When it was sent, in UTC.
        url: The address that it went to.
        body: Its bytes, with `<deleted ID>` in place of an ID that was deleted here since.
        answer: The HTTP status and the answer of the endpoint, such as `204`; or why there
            is none, such as `timeout 10`. None if this process ended before.
        method: GET or POST.
    """

    at: datetime
    url: str
    body: bytes
    answer: str | None
    method: str = "POST"


class Recorded(NamedTuple):
    """What is recorded on this machine at one moment.

    Attributes:
        now: That moment, aware.
        turned_on: When reporting was turned on, if it is.
        installation_id: The installation ID, if there is one.
        log: The logged events, the oldest first, whether or not they wait to be sent.
        history: The requests of the last 366 days, the oldest first.
    """

    now: datetime
    turned_on: datetime | None
    installation_id: str | None
    log: tuple[Logged, ...]
    history: tuple[Sent, ...]


@dataclass(frozen=True)
class Counted:
    """Sums of one day, event and set of labels, as one event that fits the contract.

    The sum of a day can be more than an event may hold. Then there are several of these.

    Attributes:
        day: The day in UTC, as YYYY-MM-DD.
        event: The name of the event.
        properties: Its labels and sums.
        sums: The same sums, to subtract once they are sent.
    """

    day: str
    event: str
    properties: Mapping[str, Any]
    sums: tuple[Sum, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the event as this package's own receivers take it."""
        return {
            "event": self.event,
            "day": self.day,
            "properties": dict(self.properties),
        }


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a run can send.

    Attributes:
        report: The facts, nested as in the contract, with the installation ID.
        installation_id: The installation ID. A preview of a project that has
            `shows_null_id` has None here and in the report, until an ID is saved.
        counted: The counts of the days that are over, without the groups that are off.
        logged: The logged events without the groups that are off, the oldest first. Empty if
            the project keeps its log.
        events_off: The events of the groups that are off.
        is_due: Whether the periodic report is due. If not, only logged events made this run.
        now: The current time, aware.
    """

    report: Mapping[str, object]
    installation_id: str | None
    counted: tuple[Counted, ...] = ()
    logged: tuple[Logged, ...] = ()
    events_off: frozenset[str] = frozenset()
    is_due: bool = True
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request.

    Attributes:
        body: Its bytes, in UTF-8. A GET request has none.
        method: GET or POST.
        path: The path below the endpoint's address, encoded, from a slash on; None for the
            project's path.
        query: The query, encoded, without a question mark. It follows that of the address.
        headers: Its headers. `User-Agent` and `Accept-Encoding` are added if they are absent.
        sums: What is subtracted from the counts when the receiver accepts it.
        logged: What is deleted from the log when the receiver accepts it.
    """

    body: bytes = b""
    method: Literal["GET", "POST"] = "POST"
    path: str | None = None
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_HEADERS)
    sums: tuple[Sum, ...] = ()
    logged: tuple[Logged, ...] = ()


class ReportFormat:
    """Writes the requests of a project, and says how to read their answers.

    Attributes:
        accepted: The HTTP statuses that say that a request was accepted.
        any_answer_is_final: Whether any HTTP answer ends a request: what it holds is not sent
            again, accepted or not. Then only a failure of the network keeps it.
        sends_facts_alone: Whether a report without counts and logged events is sent. If not,
            and nothing waits, a run makes no installation ID and collects nothing.
        timeout_seconds: The time for one request, from the DNS lookup to the answer.
    """

    accepted: ClassVar[frozenset[int]] = frozenset({204})
    any_answer_is_final: ClassVar[bool] = False
    sends_facts_alone: ClassVar[bool] = True
    timeout_seconds: ClassVar[float] = 10.0

    def build_requests(self, waiting: Waiting) -> Iterable[Request]:
        """Write the requests that send *waiting*, in the order to send them.

        There may be none. A run sends a hundred at most; what is left waits for the next
        one. A preview calls this, too, so it must not change anything.
        """
        raise NotImplementedError


def to_bytes(report: Mapping[str, object]) -> bytes:
    """Encode *report* as compact JSON in ASCII."""
    return json.dumps(report, separators=(",", ":")).encode("ascii")


def split_events(
    items: Iterable[_Item],
    *,
    most_events: int,
    most_bytes: int,
    size: Callable[[_Item], int],
) -> Iterator[list[_Item]]:
    """Divide *items* into requests, in their order.

    Args:
        items: The events.
        most_events: The most events of one request.
        most_bytes: The most bytes of all events of one request. An event that is larger gets
            a request of its own.
        size: Returns the bytes of one event, with what separates it from the next one.
    """
    request: list[_Item] = []
    total = 0
    for item in items:
        length = size(item)
        if request and (len(request) == most_events or total + length > most_bytes):
            yield request
            request, total = [], 0
        request.append(item)
        total += length
    if request:
        yield request
