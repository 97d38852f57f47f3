"""Writes the sentences for the codes of the other packages, in the admin's language.

Constants are translated when they are printed, functions when they are called.
"""

import errno
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from paperless_report.contract import Field
from paperless_report.errors import Problem, ReportingError
from paperless_report.host.settings import ENDPOINT
from paperless_report.report.payload import Absence
from paperless_report.state.identity import FILE
from paperless_report.wire.answers import Cause, Failure
from paperless_report.wire.endpoint import Source

NOTHING_SENT = gettext_lazy("Nothing sent.")
NOTHING_WAS_SENT = gettext_lazy("Nothing was sent.")
NOTHING_FORGOTTEN = gettext_lazy("Nothing forgotten.")
NOTHING_WAS_FORGOTTEN = gettext_lazy("Nothing was forgotten.")
UNREACHABLE = gettext_lazy("Could not reach the reporting endpoint.")
WAITING = gettext_lazy("Still waiting for the reporting endpoint ...")

# Without the data directory's path, which nobody needs to know.
ID_FILE = f"PAPERLESS_DATA_DIR/{FILE}"
# The context of short words, which the host's own catalogue may use in another sense.
CONTEXT = "usage report"

_NOT_SAVED = gettext_lazy("The installation ID could not be saved (%(why)s).")
_PROBLEMS = {
    Problem.INVALID_PROJECT: gettext_lazy(
        "The setting %(setting)s must be a dictionary with the keys %(keys)s and no "
        "others; each value must be a non-empty string."
    ),
    Problem.NO_ENDPOINT: gettext_lazy("No reporting endpoint is configured."),
    Problem.NOT_A_URL: gettext_lazy("%(place)s is not a URL."),
    Problem.URL_WITH_CREDENTIALS: gettext_lazy(
        "%(place)s must not contain a user name or a password."
    ),
    Problem.URL_WITHOUT_TLS: gettext_lazy("%(place)s must begin with https://."),
    Problem.REQUESTS_MISSING: gettext_lazy(
        "To send, install one more package: pip install 'paperless-report[report]'."
    ),
    Problem.FIELDS_MISSING: gettext_lazy("Could not be determined: %(fields)s."),
    Problem.NO_DATA_DIR: _NOT_SAVED,
    Problem.ID_NOT_SAVED: _NOT_SAVED,
    Problem.ID_NOT_READ: gettext_lazy(
        "The installation ID could not be read (%(why)s)."
    ),
    Problem.ID_NOT_DELETED: gettext_lazy(
        "The reports are deleted, but the installation ID could not be (%(why)s)."
    ),
}
_FIXES = {
    errno.ENOENT: gettext_lazy("create the data directory"),
    errno.EACCES: gettext_lazy("run this as the user who owns the data directory"),
    errno.EPERM: gettext_lazy("run this as the user who owns the data directory"),
    errno.EROFS: gettext_lazy("make the data directory writable"),
    errno.ENOSPC: gettext_lazy("free some disk space"),
    errno.EDQUOT: gettext_lazy("free some disk space"),
    errno.EISDIR: gettext_lazy("move that directory away"),
    errno.ELOOP: gettext_lazy("remove that link"),
}
_CAUSES = {
    Cause.NO_CONNECTION: "%(detail)s",
    Cause.TIMEOUT: gettext_lazy("no answer within %(detail)s seconds"),
    Cause.TOO_LONG: gettext_lazy("the answer is too long"),
    Cause.REFUSED: gettext_lazy("the endpoint refused the request: %(detail)s"),
    Cause.MALFORMED_429: gettext_lazy(
        "the endpoint answered 429, but without the documented JSON"
    ),
    Cause.STATUS: gettext_lazy("the endpoint answered %(detail)s"),
}
_ABSENCES: Mapping[object, object] = {
    Absence.UNKNOWN: gettext_lazy("not known here"),
    Absence.UNFIT: gettext_lazy("does not fit the contract"),
}


def describe_problem(error: ReportingError) -> str:
    """Write the sentence for *error*."""
    details = dict(error.details)
    match details:
        case {"source": Source() as source}:
            details["place"] = _name_source(source)
        case {"fields": tuple(fields)}:
            details["fields"] = ", ".join(map(label_field, fields))
        case {"reason": reason, "number": number}:
            details["why"] = _explain(reason, number)
        case _ if error.problem is Problem.NO_DATA_DIR:
            details["why"] = _("the settings have no DATA_DIR")
    return str(_PROBLEMS[error.problem]) % details


def describe_failure(failure: Failure) -> str:
    """Write the sentence on why a request failed, for `--verbosity 2`."""
    cause = str(_CAUSES[failure.cause]) % {"detail": failure.detail}
    return _("Reason: %(why)s") % {"why": cause}


def describe_absence(field: str, absence: Absence | str) -> str:
    """Write the sentence on why *field* was left out, for `--verbosity 2`."""
    reason = _ABSENCES.get(absence, absence)
    return _("Left out: %(field)s (%(reason)s)") % {"field": field, "reason": reason}


def label_field(field: Field) -> str:
    """Return the label of *field* in the preview."""
    return pgettext(CONTEXT, field.title)


def _name_source(source: Source) -> str:
    match source:
        case Source.SETTING:
            return _("The setting %(name)s") % {"name": ENDPOINT}
        case Source.VARIABLE:
            return ENDPOINT
        case Source.BUILD:
            return "REPORT_URL in build_info.py"


def _explain(reason: object, number: object) -> str:
    """Write the clause on why the file of the ID cannot be used, and how to fix it."""
    if number == errno.ELOOP:
        reason = _("it is a link to nothing")
    fix = _FIXES.get(number) if isinstance(number, int) else None
    return f"{ID_FILE}: {reason}; {fix}" if fix else f"{ID_FILE}: {reason}"
