"""Writes the values of a report, and times, as people read them."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from paperless_report.contract import Field, Value
from paperless_report.report.outgoing import Logged
from paperless_report.report.ranges import list_ranges
from paperless_report.results import ExactRequest
from paperless_report.translate import gettext_lazy as _
from paperless_report.translate import pgettext
from paperless_report.words.messages import label_field
from paperless_report.words.printable import make_printable

_SET_BY_RECEIVER = _("added by the receiver")

# Fields that stand in brackets behind another one, if both are there.
_BRACKETS = {"commit": ("build_date", _("built %(value)s"))}


def list_values(
    values: Mapping[str, Value], fields: Mapping[str, Field]
) -> Iterator[tuple[Field, str, str]]:
    """Give each field to show with its label and its value in words.

    Args:
        values: What would be sent.
        fields: The fields of the contract.
    """
    bracketed = {inner for outer, (inner, _) in _BRACKETS.items() if outer in values}
    for name, field in fields.items():
        if field.set_by_receiver:
            yield field, label_field(field), f"({_SET_BY_RECEIVER})"
        elif name in values and name not in bracketed:
            value = _format(field, values[name])
            yield field, label_field(field), f"{value}{_bracket(name, values)}"


def describe_event(event: Mapping[str, Any]) -> str:
    """Write a count of a report: its day, its name, its labels and sums."""
    properties = describe_properties(event["properties"])
    return make_printable(f"{event['day']} {event['event']}: ") + properties


def describe_logged(entry: Logged) -> str:
    """Write a logged event: its time, its name and its properties."""
    text = make_printable(f"{format_time(entry.at)} {entry.event}")
    properties = describe_properties(entry.properties)
    return f"{text}: {properties}" if properties else text


def describe_request(request: ExactRequest) -> str:
    """Write the method, the address and, if it has one, the body of a request."""
    body = make_printable(request.body.decode("utf-8", "replace"))
    parts = (request.method, request.url or _("no address"), body)
    return " ".join(filter(None, map(str, parts)))


def describe_properties(properties: Mapping[str, Any]) -> str:
    """Write labels and sums, each after its name."""
    return make_printable(
        ", ".join(
            f"{name} {value if isinstance(value, str) else json.dumps(value)}"
            for name, value in properties.items()
        )
    )


def format_time(time: dt.datetime) -> str:
    """Write *time* for people, in UTC."""
    return f"{time.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _bracket(name: str, values: Mapping[str, Value]) -> str:
    inner, template = _BRACKETS.get(name, ("", ""))
    if inner not in values:
        return ""
    return f"  ({str(template) % {'value': values[inner]}})"


def _format(field: Field, value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(_format(field, element) for element in value)
    if isinstance(value, bool):
        return (
            pgettext("usage report", "yes") if value else pgettext("usage report", "no")
        )
    text = str(value)
    if list_ranges(field.schema):
        # The payload has a hyphen (decision P1).
        return text.replace("-", "\N{EN DASH}")
    return make_printable(text)
