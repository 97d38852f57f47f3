"""Shows whether reporting is on, what decided it, and what is known about its reports."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from paperless_report.consent.ladder import State
from paperless_report.report.outgoing import Sum
from paperless_report.results import Status
from paperless_report.terminal.call import Call
from paperless_report.translate import gettext as _
from paperless_report.views import write_time
from paperless_report.words import phrases
from paperless_report.words.growth import describe_growth
from paperless_report.words.printable import make_printable
from paperless_report.words.states import (
    STATES,
    explain_awaited_notice,
    explain_override,
    explain_unknown_value,
    list_facts,
    name_source,
)


def show_status(call: Call) -> None:
    """Print the status."""
    status = call.reporter.status()
    counted = _add_up(call.reporter.read_counts())
    logged = Counter(it.event for it in call.reporter.read_log())
    if call.options.json:
        call.console.print_json(_to_json(call, status, counted, logged))
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
    if logged:
        keeps_log = call.reporter.project.keeps_log
        console.print_block("")
        console.print_paragraph(
            phrases.LOGGED_STAY if keeps_log else phrases.LOGGED_WAIT
        )
        console.print_list(f"{event}: {number}" for event, number in logged.items())
    for sentences in _list_warnings(call, status):
        console.print_block("")
        console.print_paragraph(*sentences)
    console.print_list(describe_growth(status.growth))
    if status.set_aside:
        console.print_block("")
        console.print_paragraph(phrases.REPORTS_OF_SET_ASIDE)
        console.print_list(status.set_aside)


def _list_rows(call: Call, status: Status) -> Iterator[tuple[str, str]]:
    yield _("Reporting"), str(STATES[status.decision.state])
    yield _("Decided by"), name_source(status.decision)
    yield from list_facts(status)
    yield _("Stored in"), make_printable(str(call.reporter.project.find_data_dir()))
    for group, is_on in status.groups.items():
        label = _("Group %(group)s") % {"group": group}
        yield label, str(STATES[State.ON if is_on else State.OFF])


def _list_warnings(call: Call, status: Status) -> Iterator[Sequence[object]]:
    variable = call.reporter.project.variables.switch
    if override := explain_override(status.decision):
        yield override
    if awaited := explain_awaited_notice(status.decision):
        yield awaited
    if unknown := explain_unknown_value(status.decision, variable):
        yield unknown
    if status.problem:
        yield [phrases.NO_REPORT_CAN_BE_SENT, call.describe(status.problem)]
    if status.growth:
        yield [
            _("Nothing is sent until you run: %(command)s")
            % {"command": call.name_command("on")},
            phrases.MORE_THAN_AGREED,
        ]


def _add_up(counts: Iterable[Sum]) -> dict[str, dict[str, int]]:
    """Add the sums of all days and labels up, by event and by the sum's name."""
    events: dict[str, dict[str, int]] = {}
    for row in counts:
        sums = events.setdefault(row.event, {})
        sums[row.name] = sums.get(row.name, 0) + row.value
    return events


def _to_json(
    call: Call,
    status: Status,
    counted: Mapping[str, Mapping[str, int]],
    logged: Mapping[str, int],
) -> dict[str, object]:
    return {
        "state": status.decision.state.name.lower(),
        "decided_by": status.decision.source.name.lower(),
        "variable": status.decision.variable,
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
        "logged": dict(logged),
        "days_waiting": status.days_waiting,
        "turned_on": write_time(status.turned_on),
        "last_sent": write_time(status.last_sent),
        "next_due": write_time(status.next_due),
        "failures": status.failures,
        "data_dir": str(call.reporter.project.find_data_dir()),
    }
