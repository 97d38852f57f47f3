"""Writes whether reporting is on, what decided that, and how often a report goes."""

import datetime as dt

from paperless_report.consent.ladder import Decision, Source, State
from paperless_report.translate import gettext as _
from paperless_report.translate import gettext_lazy, ngettext

STATES = {
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


def name_source(source: Source, variable: str) -> str:
    """Name what decided; *variable* is the project's switch."""
    return str(_SOURCES[source]) % {"variable": variable}


def explain_override(decision: Decision, variable: str) -> list[str]:
    """Write the sentences on what overrides the stored choice."""
    if not decision.overrides_stored:
        return []
    details = {
        "source": name_source(decision.source, variable),
        "state": STATES[decision.state],
    }
    sentence = _("Note that %(source)s overrides your choice: reporting is %(state)s.")
    return [sentence % details]


def explain_unknown_value(decision: Decision, variable: str) -> list[str]:
    """Write the sentence on a value of *variable* that nobody understands."""
    if not decision.unknown_variable_value:
        return []
    sentence = _("The value of %(variable)s means neither on nor off, so it is off.")
    return [sentence % {"variable": variable}]


def say_how_often(period: dt.timedelta) -> str:
    """Write how often a report would be sent."""
    if not period.days:
        return _("Such a report would be sent several times a day.")
    text = ngettext(
        "Such a report would be sent once a day.",
        "Such a report would be sent once in %(days)s days.",
        period.days,
    )
    return text % {"days": period.days}
