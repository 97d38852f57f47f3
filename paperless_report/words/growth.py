"""Writes what a newer contract would send more, one readable line for each change."""

import json
from collections.abc import Iterable

from paperless_report.contract.growth import Change, Kind
from paperless_report.translate import gettext_lazy as _
from paperless_report.translate import pgettext

_NEW = _("new: %(title)s. %(description)s")
_CHANGES = {
    Kind.NEW_FIELD: _NEW,
    Kind.NEW_EVENT: _("counts of a new event: %(title)s. %(description)s"),
    Kind.NEW_PROPERTY: _NEW,
    Kind.OTHER_TYPE: _("%(title)s: another type of value (%(after)s)"),
    Kind.MORE_VALUES: _("%(title)s: more values (%(after)s)"),
    Kind.OTHER_LENGTH: _(
        "%(title)s: a text of %(after)s characters instead of %(before)s"
    ),
    Kind.LONGER_LIST: _("%(title)s: up to %(after)s values instead of %(before)s"),
    Kind.WIDER_RANGE: _("%(title)s: a number in %(after)s instead of %(before)s"),
    Kind.WIDER_PATTERN: _("%(title)s: any text that matches %(after)s"),
    Kind.OTHER_VALUES: _("%(title)s: other values (%(after)s)"),
}
_OF_EVENT = _("%(event)s: %(change)s")


def describe_growth(changes: Iterable[Change]) -> list[str]:
    """Write a line for each change."""
    return [_describe(change) for change in changes]


def _describe(change: Change) -> str:
    line = str(_CHANGES[change.kind]) % {
        "title": pgettext("usage report", change.title),
        "description": pgettext("usage report", change.description),
        "before": _format(change.kind, change.before),
        "after": _format(change.kind, change.after),
    }
    if change.event is not None and change.name:
        line = str(_OF_EVENT) % {"event": change.event, "change": line}
    return line.strip()


def _format(kind: Kind, value: object) -> str:
    if isinstance(value, list):
        # A list has the least and the most, but for new values.
        separator = ", " if kind is Kind.MORE_VALUES else "\N{EN DASH}"
        return separator.join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
