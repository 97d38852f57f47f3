"""Writes the sentences on a failed request; not imported where nothing is sent."""

from paperless_report.translate import gettext_lazy as _
from paperless_report.wire.answers import Cause, Failure

UNREACHABLE = _("Could not reach the reporting endpoint.")

_CAUSES = {
    Cause.NO_CONNECTION: "%(detail)s",
    Cause.TIMEOUT: _("no answer within %(detail)s seconds"),
    Cause.TOO_LONG: _("the answer is too long"),
    Cause.REFUSED: _("the endpoint refused the request: %(detail)s"),
    Cause.MALFORMED_429: _(
        "the endpoint answered 429, but without the documented JSON"
    ),
    Cause.STATUS: _("the endpoint answered %(detail)s"),
}
_NO_REASON = _("no reason given")
_REASON = _("Reason: %(why)s")


def describe_failure(failure: Failure) -> str:
    """Write the sentence on why a request failed, for `--verbosity 2`."""
    why = str(_CAUSES[failure.cause]) % {"detail": failure.detail or _NO_REASON}
    return str(_REASON) % {"why": why}
