"""Writes the sentences for the codes of the other packages, in the admin's language."""

import errno
from typing import Protocol

from paperless_report import contract
from paperless_report.contract import Field
from paperless_report.errors import Obstacle, Problem, ReportingError
from paperless_report.translate import gettext_lazy as _
from paperless_report.translate import has_django, pgettext
from paperless_report.wire.endpoint import Source
from paperless_report.words.printable import make_printable

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
OUTPUT_NOT_WRITTEN = _("The output cannot be written: %(why)s.")

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
        "%(path)s cannot be created (%(reason)s). Create the data directory, or "
        "correct %(data_dir)s."
    ),
    Problem.STATE_NOT_A_FILE: _("The state cannot be used (%(why)s)."),
    Problem.STATE_NOT_PERMITTED: _(
        "%(path)s cannot be used (%(reason)s). Run this as the user who owns the data "
        "directory."
    ),
    Problem.STATE_READ_ONLY: _(
        "%(path)s cannot be written (%(reason)s). Make the data directory writable, "
        "or change %(data_dir)s."
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
    errno.ENOENT: _("create the data directory, or correct %(data_dir)s"),
    errno.ENOTDIR: _("create the data directory, or correct %(data_dir)s"),
    errno.EACCES: _RUN_AS_OWNER,
    errno.EPERM: _RUN_AS_OWNER,
    errno.EROFS: _("make the data directory writable, or change %(data_dir)s"),
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


_NO_SETTING = _("the settings have no DATA_DIR")
_NO_PATH = _("data_dir in the declaration of the project names no directory")


class Variables(Protocol):
    """The names of a project's variables that sentences mention."""

    @property
    def endpoint(self) -> str:
        """The variable for the endpoint."""

    @property
    def data_dir(self) -> str:
        """What decides where the data directory is."""


def describe_problem(error: ReportingError, variables: Variables) -> str:
    """Write the sentence for *error*, with the names of the project's *variables*."""
    details = {"data_dir": variables.data_dir, **error.details}
    if "path" in details:
        details["path"] = make_printable(str(details["path"]))
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
            fix = _FIXES.get(number, "") if isinstance(number, int) else ""
            fix = str(fix) % {"data_dir": variables.data_dir}
            details["why"] = f"{details['path']}: {reason}{f'; {fix}' if fix else ''}"
        case {"obstacle": Obstacle() as obstacle}:
            details["why"] = f"{details['path']}: {_OBSTACLES[obstacle]}"
        case _ if error.problem is Problem.NO_DATA_DIR:
            details["why"] = _NO_SETTING if "setting" in details else _NO_PATH
        case _ if error.problem is Problem.REQUESTS_MISSING:
            details["extra"] = "report" if has_django() else "send"
    return str(_PROBLEMS[error.problem]) % details


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
