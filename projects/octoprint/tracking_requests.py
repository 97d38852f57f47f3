"""Writes the requests of OctoPrint's tracking plugin. It does no I/O."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from paperless_report.report.outgoing import (
    MOST_REQUESTS,
    Logged,
    ReportFormat,
    Request,
    Waiting,
)
from projects.octoprint.facts import list_fields

PATH = "/track/{id}/{event}/"
# A `startup` has the facts without them.
_LISTS = ("plugins", "achievements")


@dataclass(frozen=True)
class TrackingFormat(ReportFormat):
    """A GET request for each event, and a POST with the facts once a day: the `pong`.

    Attributes:
        is_quiet: Whether to send no `pong`, even if it is due.
    """

    is_quiet: Callable[[], bool] = lambda: False
    # OctoPrint ignores the answer, and so does its server's log.
    any_answer_is_final = True
    timeout_seconds = 3.05

    def build_requests(self, waiting: Waiting) -> Iterator[Request]:
        """Build the request of each event that waits, and the `pong` if it is due."""
        report = {name: it for name, it in waiting.report.items() if name != "id"}
        facts = list_fields(report)
        if "achievement_unlocked" in waiting.events_off:
            facts.pop("achievements", None)
        for it in waiting.logged[: MOST_REQUESTS - 1]:
            name, fields = _read_logged(it, facts)
            query = _encode(fields)
            yield replace(_build(waiting, name), query=query, logged=(it,))
        # Last: if an event is not sent, the whole report is due again.
        if waiting.is_due and "pong" not in waiting.events_off and not self.is_quiet():
            body = _encode(facts).encode()
            yield replace(_build(waiting, "pong"), method="POST", body=body)


def _build(waiting: Waiting, event: str) -> Request:
    path = PATH.format(id=waiting.installation_id, event=event)
    headers = {
        "User-Agent": f"OctoPrint/{waiting.report.get('version', 'unknown')}",
        "Accept": "*/*",
    }
    return Request(method="GET", path=path, headers=headers)


def _read_logged(
    it: Logged, facts: Mapping[str, object]
) -> tuple[str, Mapping[str, object]]:
    """Return the name and the fields that an event is sent with."""
    if it.event == "startup":
        return it.event, {name: facts[name] for name in facts if name not in _LISTS}
    if it.event == "commerror":
        # A reason that the contract does not list is counted without its name.
        return f"commerror_{it.properties.get('reason', 'other')}", {}
    return it.event, it.properties


def _encode(fields: Mapping[str, object]) -> str:
    """Encode *fields* as OctoPrint does: a value as Python's `str` writes it."""
    return urlencode(fields, quote_via=quote)
