"""Writes the sentences for the codes of the other packages, in the admin's language."""

import errno
from typing import Protocol

from paperless_report import contract
from paperless_report.contract import Field
from paperless_report.errors import Obstacle, Problem, ReportingError
from paperless_report.report.payload import Absence, Payload
from paperless_report.state.identity import FILE
from paperless_report.translate import gettext_lazy as _
from paperless_report.translate import has_django, pgettext
from paperless_report.wire.endpoint import Source

NOTHING_SENT = _("Nothing sent.")
NOTHING_WAS_SENT = _("Nothing was sent.")
NOTHING_FORGOTTEN = _("Nothing forgotten.")
NOTHING_WAS_FORGOTTEN = _("Nothing was forgotten.")
WHAT_IS_SENT = _(
    "The following information will be sent to %(project)s to help\n"
    "improve the project:"
)
# The spec's words: a promise of the receiver of paperless-ngx.
_FOOTER_OF_PAPERLESS = _(
    "No personal data, document content, or IP address is stored.\n"
    "More information: %(url)s"
)
# True whatever a project collects, and whatever its receiver does.
_FOOTER = _("The report contains only what is shown here.\nMore information: %(url)s")
_ADDRESS = _("Reports go to %(url)s")
WAITING_FOR_ENDPOINT = _("Still waiting for the reporting endpoint ...")
WAITING_FOR_DATABASE = _("Still waiting for the database ... Ctrl-C stops waiting.")

_NOT_SAVED = _("The installation ID could not be saved (%(why)s).")
_PROBLEMS = {
    Problem.NO_PROJECT: _(
        "The setting %(setting)s is missing. It says which project receives the reports."
    ),
    Problem.INVALID_PROJECT: _(
        "The setting %(setting)s must be a dictionary with the keys %(required)s; "
        "%(optional)s are optional. Each value must be a non-empty string, and a "
        "contract an absolute path or package:file. `manage.py check` names each fault."
    ),
    Problem.NOT_A_PROJECT: _(
        "The setting %(setting)s names %(path)s, which is not a Project (%(reason)s)."
    ),
    Problem.INVALID_DECLARATION: _(
        "The declaration of the project cannot be used: %(faults)s."
    ),
    Problem.INVALID_CONTRACT: _(
        "The contract %(contract)s cannot be used: %(faults)s."
    ),
    Problem.INVALID_COLLECTORS: _(
        "The collectors %(path)s cannot be imported: %(reason)s."
    ),
    Problem.COLLECTORS_NOT_A_MAPPING: _(
        "The collectors %(path)s must be a mapping from the names of fields to functions."
    ),
    Problem.NO_ENDPOINT: _("No reporting endpoint is configured."),
    Problem.NOT_A_URL: _("%(place)s is not a URL."),
    Problem.URL_WITH_CREDENTIALS: _(
        "%(place)s must not contain a user name or a password."
    ),
    Problem.URL_WITHOUT_TLS: _("%(place)s must begin with https://."),
    Problem.REQUESTS_MISSING: _(
        "To send, install one more package: pip install 'paperless-report[%(extra)s]'."
    ),
    Problem.FIELDS_MISSING: _("Could not be determined: %(fields)s."),
    Problem.NO_DATA_DIR: _NOT_SAVED,
    Problem.ID_NOT_SAVED: _NOT_SAVED,
    Problem.ID_NOT_READ: _("The installation ID could not be read (%(why)s)."),
    Problem.ID_NOT_DELETED: _(
        "The reports are deleted, but the installation ID could not be (%(why)s)."
    ),
    Problem.SQLITE_MISSING: _(
        "This Python lacks the module sqlite3. Install it, or a Python that has it."
    ),
    Problem.STATE_NO_FOLDER: _(
        "%(path)s cannot be created (%(reason)s). Create the data directory."
    ),
    Problem.STATE_NOT_A_FILE: _("The state cannot be used (%(why)s)."),
    Problem.STATE_NOT_PERMITTED: _(
        "%(path)s cannot be used (%(reason)s). Run this as the user who owns the data "
        "directory."
    ),
    Problem.STATE_READ_ONLY: _(
        "%(path)s cannot be written (%(reason)s). Make the data directory writable."
    ),
    Problem.STATE_FULL: _(
        "%(path)s cannot be written (%(reason)s). Free some disk space."
    ),
    Problem.STATE_BUSY: _(
        "Another process uses %(path)s (%(reason)s). Try again in a minute."
    ),
    Problem.STATE_DAMAGED: _(
        "%(path)s is damaged (%(reason)s). Restore it from a backup, or delete it to start "
        "again with a new installation ID."
    ),
    Problem.STATE_NEWER: _(
        "A newer version of this software wrote %(path)s (format %(version)s). Update "
        "this one, or delete the file to start again."
    ),
    Problem.STATE_FAILED: _("%(path)s cannot be used (%(reason)s)."),
    Problem.FOLDER_OF_ANOTHER_USER: _(
        "This process runs as root, but %(path)s belongs to the user with the number "
        "%(owner)s. Run it as that user."
    ),
    Problem.ROOT_NOT_GIVEN_UP: _(
        "root cannot become the owner of %(path)s, the user with the number %(owner)s "
        "(%(reason)s). Run this as that user."
    ),
    Problem.TURNED_OFF_BY_PACKAGER: _(
        "The packager of this software has turned reporting off."
    ),
    Problem.UNKNOWN_GROUP: _(
        "There is no group of events called %(group)s. The groups are: %(groups)s."
    ),
    Problem.BUSY: _("Another process is sending a report. Try again in a few minutes."),
    Problem.UNEXPECTED: _("Reporting failed unexpectedly (%(reason)s)."),
}
_PLACES = {
    Source.SETTING: _("The setting %(name)s"),
    Source.VARIABLE: "%(name)s",
    Source.BUILD: "REPORT_URL in build_info.py",
    Source.PROJECT: _("The endpoint in the declaration of the project"),
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
    Absence.NO_COLLECTOR: _("it has no collector"),
    Absence.UNKNOWN: _("not known here"),
    Absence.UNFIT: _("does not fit the contract"),
    Absence.INCOMPLETE: _("incomplete without another field"),
}
_COLLECTOR_FAILED = _("its collector failed with %(error)s")
_LEFT_OUT = _("Left out: %(field)s (%(reason)s)")
_NOT_SENDABLE = _("A report could not be sent: %(reasons)s.")
_NO_SETTING = _("the settings have no DATA_DIR")
_NO_PATH = _("the project has no data_dir")


class Variables(Protocol):
    """The names of a project's variables that sentences mention."""

    @property
    def endpoint(self) -> str:
        """The variable for the endpoint."""

    @property
    def data_dir(self) -> str:
        """The variable for the data directory."""


def describe_problem(error: ReportingError, variables: Variables) -> str:
    """Write the sentence for *error*, with the names of the project's *variables*."""
    details = dict(error.details)
    match details:
        case {"source": Source() as source}:
            details["place"] = str(_PLACES[source]) % {
                "name": details.get("name") or variables.endpoint
            }
        case {"faults": tuple(faults)}:
            details["faults"] = "; ".join(faults)
        case {"groups": ""}:
            details["groups"] = _("none")
        case {"fields": tuple(fields)}:
            details["fields"] = ", ".join(map(label_field, fields))
        case {"reason": reason, "number": number}:
            fix = _FIXES.get(number) if isinstance(number, int) else None
            file = name_id_file(variables)
            details["why"] = f"{file}: {reason}{f'; {fix}' if fix else ''}"
        case {"obstacle": Obstacle() as obstacle}:
            file = str(details.get("path") or name_id_file(variables))
            details["why"] = f"{file}: {_OBSTACLES[obstacle]}"
        case _ if error.problem is Problem.NO_DATA_DIR:
            details["why"] = _NO_SETTING if has_django() else _NO_PATH
        case _ if error.problem is Problem.REQUESTS_MISSING:
            details["extra"] = "report" if has_django() else "send"
    return str(_PROBLEMS[error.problem]) % details


def name_id_file(variables: Variables) -> str:
    """Name the file of the ID without the directory's path, which nobody needs to know."""
    return f"{variables.data_dir}/{FILE}"


def describe_absence(field: str, absence: Absence | str) -> str:
    """Write the sentence on why *field* was left out, for `--verbosity 2`."""
    return str(_LEFT_OUT) % {"field": field, "reason": _explain(absence)}


def describe_missing(payload: Payload) -> str:
    """Write the sentence on why *payload*, which lacks required fields, cannot be sent."""
    reasons = (
        f"{label_field(field)} ({_explain(payload.absences[field.name])})"
        for field in payload.missing
    )
    return str(_NOT_SENDABLE) % {"reasons": ", ".join(reasons)}


def _explain(absence: Absence | str) -> str:
    if isinstance(absence, str):
        return str(_COLLECTOR_FAILED) % {"error": absence}
    return str(_ABSENCES[absence])


def label_field(field: Field) -> str:
    """Return the label of *field* in the preview: its `title` in the contract, translated."""
    # With a context: the host's own catalogue may use these short words differently.
    return pgettext("usage report", field.title)


def write_footer(page: str) -> str:
    """Write in two lines what no report contains, and *page*, the project's address."""
    is_paperless = page == contract.load_project()["page"]
    return str(_FOOTER_OF_PAPERLESS if is_paperless else _FOOTER) % {"url": page}


def write_address(url: str) -> str:
    """Write where reports go to: *url*, whole, in one line."""
    return str(_ADDRESS) % {"url": url}


def explain_field(field: Field) -> str:
    """Return what *field* is for: its `description` in the contract, translated."""
    return pgettext("usage report", field.description)
