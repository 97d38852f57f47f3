"""A project whose receiver takes each event by itself, as a GET request with a query."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from paperless_report import Reporter, ReportFormat, Request, Waiting
from tests.report.shelf import EVENTS, Shelf, text

# Without anything to add up.
OPENED: dict[str, Any] = {
    "type": "object",
    "properties": {"shelf": text("^[a-z ]+$", 20)},
}
LOGGED_EVENTS: dict[str, Any] = {**EVENTS, "opened": OPENED, "closed": OPENED}
LOGGED = ("opened", "closed")


class LinesFormat(ReportFormat):
    """A report is a form, and each event a request of its own, as in OctoPrint."""

    accepted = frozenset({200, 204})

    def build_requests(self, waiting: Waiting) -> Iterator[Request]:
        """Write the facts if they are due, and one request for each logged event."""
        identifier = quote(waiting.installation_id or "none")
        if waiting.is_due and "facts" not in waiting.events_off:
            yield Request(
                path=f"/track/{identifier}/facts/",
                body=urlencode({"books": waiting.report["books"]}).encode(),
                headers={"User-Agent": "Shelf/1"},
            )
        for entry in waiting.logged:
            yield Request(
                method="GET",
                path=f"/track/{identifier}/{entry.event}/",
                query=urlencode(dict(entry.properties), quote_via=quote),
                headers={"User-Agent": "Shelf/1"},
                logged=(entry,),
            )


class FinalFormat(LinesFormat):
    """Any answer is final."""

    any_answer_is_final = True


def open_lines(shelf: Shelf, **changes: object) -> Reporter:
    """Return a reporter of the project."""
    attributes: dict[str, Any] = {
        "events": LOGGED_EVENTS,
        "groups": {"openings": ["opened"]},
        "logged": LOGGED,
        "path": "/track/{id}/{event}/",
        "format": LinesFormat(),
    }
    return shelf.open(**{**attributes, **changes})
