"""Holds the sentences that the terminal and the page have in common."""

from paperless_report.translate import gettext_lazy as _
from paperless_report.translate import has_django, ngettext

COUNTS_ARE_PART = _("The report contains these counts:")
LOGGED_ARE_PART = _("The report contains these events:")
LOGGED_WAIT = _("Recorded one by one and not sent yet:")
LOGGED_STAY = _("Recorded one by one; these events are never sent themselves:")
SENT_IN_THESE = _("It is sent in these requests:")
NOTHING_WAITS = _("Nothing waits to be sent.")
ID_IS_MADE = _("The installation ID is made when you turn reporting on.")
EVERYTHING_WILL_BE_DELETED = _(
    "Everything that reporting has stored here will be deleted:"
)
WHAT_IS_STORED = _(
    "your choice, the installation ID, the counts, the recorded events and the history."
)
SENT_STAYS = _("What was sent is still at the endpoint.")
FORGOTTEN = _("Forgotten: the reports and the installation ID are deleted.")
ID_IS_NEW = _("The installation ID is new. It is saved if you turn reporting on.")
MORE_THAN_AGREED = _("This version would send more than you agreed to:")
NO_REPORT_CAN_BE_SENT = _("No report can be sent.")
NOTHING_HAS_BEEN_SENT = _("Nothing has been sent.")
SINGLE_REPORTS_ARE_ELSEWHERE = _(
    "This does not include what send_usage_report has sent."
)
NOTHING_IS_STORED = _("Nothing is stored here.")
NOTHING_TO_FORGET = _("Nothing to forget.")
ON = _("Reporting is on.")
REPORT_SENT = _("Report sent. Thank you!")
REPORTS_OF_SET_ASIDE = _(
    "The endpoint has not yet deleted the reports of these former IDs:"
)
THEN_ID_IS_DELETED = _(
    "Then the ID is deleted. A later report would count as a new installation."
)


def say_nothing_was_sent() -> list[object]:
    """Write what an empty history means; in Django, another command sends, too."""
    sentences: list[object] = [NOTHING_HAS_BEEN_SENT]
    return [*sentences, SINGLE_REPORTS_ARE_ELSEWHERE] if has_django() else sentences


def announce_forgetting(count: int) -> str:
    """Write what the endpoint will be asked to do with *count* IDs."""
    return ngettext(
        "The endpoint will be asked to delete every report with this ID:",
        "The endpoint will be asked to delete every report with these IDs:",
        count,
    )
