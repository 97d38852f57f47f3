"""What more than one module says. Translated when it is printed."""

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from paperless_report.contract import Field

NOTHING_SENT = _("Nothing sent.")
NOTHING_WAS_SENT = _("Nothing was sent.")
NOTHING_FORGOTTEN = _("Nothing forgotten.")
NOTHING_WAS_FORGOTTEN = _("Nothing was forgotten.")
OUT_OF_REACH = _("Could not reach the reporting endpoint.")
WAITING = _("Still waiting for the reporting endpoint ...")

# Labels are short words, which a host's own catalogue may hold in another sense.
LABEL = "usage report"


def reason(why: str) -> str:
    """Why something was not done, for who asks; *why* is in English, to be quoted."""
    return gettext("Reason: %(why)s") % {"why": why}


def label(field: Field) -> str:
    """The name of *field* in the preview."""
    return pgettext(LABEL, field.title)
