"""Writes whether reporting is on, what decided that, and when reports go."""

import datetime as dt
from collections.abc import Iterator

from paperless_report.consent.ladder import Decision, Source, State
from paperless_report.results import Status
from paperless_report.translate import gettext as _
from paperless_report.translate import gettext_lazy, ngettext
from paperless_report.words.values import format_time

STATES = {
    State.ON: gettext_lazy("on"),
    State.OFF: gettext_lazy("off"),
    State.UNDECIDED: gettext_lazy("undecided, so nothing is sent"),
}
_SOURCES = {
    Source.PACKAGER: gettext_lazy("the packager of this software"),
    Source.DO_NOT_TRACK: "%(variable)s",
    Source.VARIABLE: "%(variable)s",
    Source.STORED: gettext_lazy("your stored choice"),
    Source.DEFAULT: gettext_lazy("the default"),
}


def name_source(decision: Decision) -> str:
    """Name what decided."""
    return str(_SOURCES[decision.source]) % {"variable": decision.variable}


def explain_override(decision: Decision) -> list[str]:
    """Write the sentences on what overrides the stored choice."""
    if not decision.overrides_stored:
        return []
    details = {
        "source": name_source(decision),
        "state": STATES[decision.state],
    }
    sentence = _("Note that %(source)s overrides your choice: reporting is %(state)s.")
    return [sentence % details]


def explain_not_on(decision: Decision) -> list[str]:
    """Write the sentence on what keeps reporting off, if it is not the admin's choice."""
    if decision.source in {Source.STORED, Source.DEFAULT}:
        return []
    sentence = _("This was decided by %(source)s.")
    return [sentence % {"source": name_source(decision)}]


def explain_awaited_notice(decision: Decision) -> list[str]:
    """Write the sentence on a default that is on after a notice."""
    if not decision.awaits_notice:
        return []
    return [
        _(
            "Unless you decide first, reporting is turned on after you have seen a notice."
        )
    ]


def explain_unknown_value(decision: Decision, variable: str) -> list[str]:
    """Write the sentence on a value of *variable* that nobody understands."""
    if not decision.unknown_variable_value:
        return []
    sentence = _(
        "The value of %(variable)s means neither on nor off, so reporting is off."
    )
    return [sentence % {"variable": variable}]


def list_facts(status: Status) -> Iterator[tuple[str, str]]:
    """Give the address, the ID and the times of *status*, each with a label."""
    yield _("Address"), status.url or _("none")
    yield _("Installation ID"), status.installation_id or _("none")
    yield _("Last report"), _format(status.last_sent) or _("never")
    yield _("Next report"), _say_when_next(status)
    yield _("Failures in a row"), str(status.failures or "")


def say_how_often(period: dt.timedelta) -> str:
    """Write how often a report will be sent."""
    days, rest = divmod(period, dt.timedelta(days=1))
    if not rest:
        text = ngettext(
            "Such a report will be sent every day.",
            "Such a report will be sent every %(number)s days.",
            days,
        )
        return text % {"number": days}
    hours = max(round(period / dt.timedelta(hours=1)), 1)
    text = ngettext(
        "Such a report will be sent every hour.",
        "Such a report will be sent every %(number)s hours.",
        hours,
    )
    return text % {"number": hours}


def _say_when_next(status: Status) -> str:
    if status.problem or status.decision.state is not State.ON:
        return _("none")
    if status.growth:
        return _("waits for your answer")
    if status.next_due is None:
        return _("known after the next run")
    if status.next_due <= status.read_at:
        time = format_time(status.next_due)
        return _("at the next run (due since %(time)s)") % {"time": time}
    return format_time(status.next_due)


def _format(time: dt.datetime | None) -> str:
    return format_time(time) if time else ""
