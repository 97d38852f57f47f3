"""Writes the sentences on a failed request; not imported where nothing is sent."""

from paperless_report.translate import gettext_lazy as _
from paperless_report.wire.answers import Cause, Failure

UNREACHABLE = _("Could not reach the reporting endpoint.")

_CAUSES = {
    Cause.NO_ADDRESS: _(
        "the endpoint's host name has no address; check the URL and the DNS"
    ),
    Cause.NO_ROUTE: _("the endpoint's network cannot be reached from here"),
    Cause.NOTHING_LISTENS: _("nothing listens at the endpoint's address"),
    Cause.PROXY: _("the proxy cannot be reached, or refuses the connection"),
    Cause.CERTIFICATE: _(
        "the endpoint's certificate is not valid, or not trusted here"
    ),
    Cause.AUTHORITIES: _(
        "the file of trusted certificates is not there; check REQUESTS_CA_BUNDLE and "
        "CURL_CA_BUNDLE"
    ),
    Cause.NO_TLS: _("no encrypted connection to the endpoint is possible"),
    Cause.CLOSED: _("the endpoint closed the connection too early"),
    Cause.NOT_HTTP: _("the endpoint's answer is not HTTP"),
    Cause.NO_CONNECTION: _("the connection failed (%(detail)s)"),
    Cause.TIMEOUT: _("no answer within %(detail)s seconds"),
    Cause.TOO_LONG: _("the answer is too long"),
    Cause.REFUSED: _("the endpoint refused the request: %(detail)s"),
    Cause.MALFORMED_429: _(
        "the endpoint answered 429, but without the documented JSON"
    ),
    Cause.STATUS: _("the endpoint answered %(detail)s"),
}
_REFUSED = _("the endpoint refused the request; the history has its answer")
_NO_REASON = _("no reason given")
_REASON = _("Reason: %(why)s.")


def describe_failure(failure: Failure, *, quotes_endpoint: bool = True) -> str:
    """Write the sentence on why a request failed.

    Args:
        failure: Why it failed.
        quotes_endpoint: Whether to quote the endpoint's own words. They may repeat what was
            sent, so a log must not.
    """
    if failure.cause is Cause.REFUSED and not quotes_endpoint:
        return str(_REASON) % {"why": _REFUSED}
    detail = failure.detail.rstrip(".") or _NO_REASON
    why = str(_CAUSES[failure.cause]) % {"detail": detail}
    return str(_REASON) % {"why": why}
