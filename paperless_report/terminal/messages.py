"""Writes the sentences for the codes of the other packages, in the admin's language."""

import errno

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from paperless_report.contract import Field
from paperless_report.errors import Obstacle, Problem, ReportingError
from paperless_report.host.settings import ENDPOINT
from paperless_report.report.payload import Absence
from paperless_report.state.identity import FILE
from paperless_report.wire.endpoint import Source

NOTHING_SENT = _("Nothing sent.")
NOTHING_WAS_SENT = _("Nothing was sent.")
NOTHING_FORGOTTEN = _("Nothing forgotten.")
NOTHING_WAS_FORGOTTEN = _("Nothing was forgotten.")
WAITING_FOR_ENDPOINT = _("Still waiting for the reporting endpoint ...")
WAITING_FOR_DATABASE = _("Still waiting for the database ... Ctrl-C stops waiting.")

# Without the data directory's path, which nobody needs to know.
ID_FILE = f"PAPERLESS_DATA_DIR/{FILE}"

_NOT_SAVED = _("The installation ID could not be saved (%(why)s).")
_PROBLEMS = {
    Problem.INVALID_PROJECT: _(
        "The setting %(setting)s must be a dictionary with the keys %(keys)s and no "
        "others; each value must be a non-empty string."
    ),
    Problem.NO_ENDPOINT: _("No reporting endpoint is configured."),
    Problem.NOT_A_URL: _("%(place)s is not a URL."),
    Problem.URL_WITH_CREDENTIALS: _(
        "%(place)s must not contain a user name or a password."
    ),
    Problem.URL_WITHOUT_TLS: _("%(place)s must begin with https://."),
    Problem.REQUESTS_MISSING: _(
        "To send, install one more package: pip install 'paperless-report[report]'."
    ),
    Problem.FIELDS_MISSING: _("Could not be determined: %(fields)s."),
    Problem.NO_DATA_DIR: _NOT_SAVED,
    Problem.ID_NOT_SAVED: _NOT_SAVED,
    Problem.ID_NOT_READ: _("The installation ID could not be read (%(why)s)."),
    Problem.ID_NOT_DELETED: _(
        "The reports are deleted, but the installation ID could not be (%(why)s)."
    ),
}
_PLACES = {
    Source.SETTING: _("The setting %(name)s"),
    Source.VARIABLE: "%(name)s",
    Source.BUILD: "REPORT_URL in build_info.py",
}
_RUN_AS_OWNER = _("run this as the user who owns the data directory")
_FREE_SPACE = _("free some disk space")
_FIXES = {
    errno.ENOENT: _("create the data directory"),
    errno.EACCES: _RUN_AS_OWNER,
    errno.EPERM: _RUN_AS_OWNER,
    errno.EROFS: _("make the data directory writable"),
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: _FREE_SPACE,
}
_OBSTACLES = {
    Obstacle.LINK: _("it is a link; remove that link"),
    Obstacle.FOLDER: _("it is a directory; move that directory away"),
    Obstacle.PIPE: _("it is a named pipe; remove that pipe"),
    Obstacle.SOCKET: _("it is a socket; remove that socket"),
    Obstacle.DEVICE: _("it is a device; remove that device"),
}
_ABSENCES = {
    Absence.UNKNOWN: _("not known here"),
    Absence.UNFIT: _("does not fit the contract"),
}
_LEFT_OUT = _("Left out: %(field)s (%(reason)s)")
_NO_DATA_DIR = _("the settings have no DATA_DIR")


def describe_problem(error: ReportingError) -> str:
    """Write the sentence for *error*."""
    details = dict(error.details)
    match details:
        case {"source": Source() as source}:
            details["place"] = str(_PLACES[source]) % {"name": ENDPOINT}
        case {"fields": tuple(fields)}:
            details["fields"] = ", ".join(map(label_field, fields))
        case {"reason": reason, "number": number}:
            fix = _FIXES.get(number) if isinstance(number, int) else None
            details["why"] = f"{ID_FILE}: {reason}{f'; {fix}' if fix else ''}"
        case {"obstacle": Obstacle() as obstacle}:
            details["why"] = f"{ID_FILE}: {_OBSTACLES[obstacle]}"
        case _ if error.problem is Problem.NO_DATA_DIR:
            details["why"] = _NO_DATA_DIR
    return str(_PROBLEMS[error.problem]) % details


def describe_absence(field: str, absence: Absence | str) -> str:
    """Write the sentence on why *field* was left out, for `--verbosity 2`."""
    reason = absence if isinstance(absence, str) else _ABSENCES[absence]
    return str(_LEFT_OUT) % {"field": field, "reason": reason}


def label_field(field: Field) -> str:
    """Return the label of *field* in the preview: its `title` in the contract, translated."""
    # With a context: the host's own catalogue may use these short words differently.
    return pgettext("usage report", field.title)
