"""Writes why a report lacks a field, for the maintainer who declares it and the admin."""

from collections.abc import Iterable

from paperless_report.report.payload import Absence, Misfit, Payload
from paperless_report.translate import gettext_lazy as _
from paperless_report.words.allowed import describe_allowed
from paperless_report.words.messages import label_field
from paperless_report.words.returned import name_kind, show_value

_ABSENCES = {
    Absence.NO_COLLECTOR: _("it has no collector"),
    Absence.UNKNOWN: _("not known here"),
    Absence.INCOMPLETE: _("incomplete without another field"),
}
_UNFIT = _("its collector returned %(value)s, but the contract allows %(allowed)s")
_COLLECTOR_FAILED = _("its collector failed with %(error)s")
_LEFT_OUT = _("Left out: %(field)s (%(reason)s)")
_NOT_SENDABLE = _("A report could not be sent: %(reasons)s.")


def list_absences(payload: Payload, *, shows_values: bool) -> list[str]:
    """Write a sentence for each field that *payload* lacks; see `list_faults`."""
    return _list_left_out(payload, payload.absences, shows_values=shows_values)


def list_faults(payload: Payload, *, shows_values: bool) -> list[str]:
    """Write a sentence for each field that a faulty collector leaves out of *payload*.

    Required fields are left to `describe_missing`.

    Args:
        payload: The report.
        shows_values: Whether to show a value that does not fit the contract: only where
            nothing keeps the text, because no contract allows that value.
    """
    required = {field.name for field in payload.missing}
    names = [
        name
        for name, absence in payload.absences.items()
        if not isinstance(absence, Absence) and name not in required
    ]
    return _list_left_out(payload, names, shows_values=shows_values)


def describe_missing(payload: Payload, *, shows_values: bool) -> str:
    """Write the sentence on why *payload*, which lacks required fields, cannot be sent."""
    reasons = (
        f"{label_field(field)} "
        f"({_explain(payload, field.name, shows_values=shows_values)})"
        for field in payload.missing
    )
    return str(_NOT_SENDABLE) % {"reasons": ", ".join(reasons)}


def _list_left_out(
    payload: Payload, names: Iterable[str], *, shows_values: bool
) -> list[str]:
    return [
        str(_LEFT_OUT)
        % {"field": name, "reason": _explain(payload, name, shows_values=shows_values)}
        for name in names
    ]


def _explain(payload: Payload, name: str, *, shows_values: bool) -> str:
    absence = payload.absences[name]
    if isinstance(absence, Misfit):
        show = show_value if shows_values else name_kind
        details = {
            "value": show(absence.value),
            "allowed": describe_allowed(absence.schema),
        }
        return str(_UNFIT) % details
    if isinstance(absence, str):
        return str(_COLLECTOR_FAILED) % {"error": absence}
    return str(_ABSENCES[absence])
