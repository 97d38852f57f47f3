"""Shows whether reporting is on, what decided it, and what is known about its reports."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paperless_report.consent.ladder import Source, State
from paperless_report.results import Status
from paperless_report.terminal.call import Call
from paperless_report.terminal.growth import describe_growth
from paperless_report.terminal.reports import format_time
from paperless_report.translate import gettext as _
from paperless_report.translate import gettext_lazy
from paperless_report.views import write_time

_STATES = {
    State.ON: gettext_lazy("on"),
    State.OFF: gettext_lazy("off"),
    State.UNDECIDED: gettext_lazy("undecided, so nothing is sent"),
}
_SOURCES = {
    Source.PACKAGER: gettext_lazy("the packager of this software"),
    Source.DO_NOT_TRACK: "DO_NOT_TRACK",
    Source.VARIABLE: "%(variable)s",
    Source.STORED: gettext_lazy("your stored choice"),
    Source.DEFAULT: gettext_lazy("the default"),
}


def show_status(call: Call) -> None:
    """Print the status."""
    status = call.reporter.status()
    counted = _add_up(call.reporter.export()["counts"])
    if call.options.json:
        call.console.print_json(_to_json(call, status, counted))
        return
    console = call.console
    rows = {label: value for label, value in _list_rows(call, status) if value}
    width = max(map(len, rows))
    console.print_block(
        "\n".join(f"  {label:{width}} : {value}" for label, value in rows.items())
    )
    if counted:
        console.print_block("")
        console.print_paragraph(_("Counted and not sent yet:"))
        console.print_list(
            f"{event}: {', '.join(f'{name} {value}' for name, value in sums.items())}"
            for event, sums in counted.items()
        )
    for sentences in _list_warnings(call, status):
        console.print_block("")
        console.print_paragraph(*sentences)
    console.print_list(describe_growth(status.growth))
    if status.set_aside:
        console.print_block("")
        console.print_paragraph(
            _("The endpoint has not yet deleted the reports of these former IDs:")
        )
        console.print_list(status.set_aside)


def name_source(call: Call, source: Source) -> str:
    """Name what decided."""
    variable = call.reporter.project.variables.switch
    return str(_SOURCES[source]) % {"variable": variable}


def explain_override(call: Call, status: Status) -> list[str]:
    """Write the sentences on what overrides the stored choice."""
    if not status.decision.overrides_stored:
        return []
    details = {
        "source": name_source(call, status.decision.source),
        "state": _STATES[status.decision.state],
    }
    sentence = _("Note that %(source)s overrides your choice: reporting is %(state)s.")
    return [sentence % details]


def _list_rows(call: Call, status: Status) -> Iterator[tuple[str, str]]:
    yield _("Reporting"), str(_STATES[status.decision.state])
    yield _("Decided by"), name_source(call, status.decision.source)
    yield _("Address"), status.url or _("none")
    yield _("Installation ID"), status.installation_id or _("none")
    yield _("Last report"), _format(status.last_sent) or _("never")
    yield _("Next report"), _format(status.next_due) or _say_none(status)
    yield _("Failures in a row"), str(status.failures or "")
    for group, is_on in status.groups.items():
        label = _("Group %(group)s") % {"group": group}
        yield label, str(_STATES[State.ON if is_on else State.OFF])


def _say_none(status: Status) -> str:
    return _("known after the next run") if status.is_sending else _("none")


def _format(time: dt.datetime | None) -> str:
    return format_time(time) if time else ""


def _list_warnings(call: Call, status: Status) -> Iterator[list[str]]:
    if override := explain_override(call, status):
        yield override
    if status.decision.unknown_variable_value:
        sentence = _(
            "The value of %(variable)s means neither on nor off, so reporting is off."
        )
        yield [sentence % {"variable": call.reporter.project.variables.switch}]
    if status.problem:
        yield [_("No report can be sent."), call.describe(status.problem)]
    if status.growth:
        yield [
            _("Nothing is sent until you run: %(command)s")
            % {"command": call.name_command("on")},
            _("This version would send more than you agreed to:"),
        ]


def _add_up(counts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Add the sums of all days and labels up, by event and by the sum's name."""
    events: dict[str, dict[str, int]] = {}
    for row in counts:
        sums = events.setdefault(row["event"], {})
        sums[row["name"]] = sums.get(row["name"], 0) + row["value"]
    return events


def _to_json(
    call: Call, status: Status, counted: Mapping[str, Mapping[str, int]]
) -> dict[str, object]:
    return {
        "state": status.decision.state.name.lower(),
        "decided_by": status.decision.source.name.lower(),
        "overrides_stored": status.decision.overrides_stored,
        "unknown_variable_value": status.decision.unknown_variable_value,
        "is_sending": status.is_sending,
        "address": status.url,
        "problem": call.describe(status.problem) if status.problem else None,
        "growth": describe_growth(status.growth),
        "installation_id": status.installation_id,
        "set_aside": list(status.set_aside),
        "groups": dict(status.groups),
        "counted": counted,
        "days_waiting": status.days_waiting,
        "last_sent": write_time(status.last_sent),
        "next_due": write_time(status.next_due),
        "failures": status.failures,
    }
