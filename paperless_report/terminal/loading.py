"""Finds the project that `python -m paperless_report --project module:object` names."""

import importlib

from paperless_report.project import Project
from paperless_report.reporter import Reporter
from paperless_report.translate import gettext as _


class ProjectNotFoundError(Exception):
    """There is no project of that name; the text says why."""


def load_reporter(path: str) -> Reporter:
    """Import the project or reporter at *path*, such as `shelf:project`.

    Raises:
        ProjectNotFoundError: If *path* does not lead to one.
    """
    module_name, _separator, name = path.partition(":")
    if not all(it.isidentifier() for it in (*module_name.split("."), name)):
        sentence = _(
            "--project takes a module and the name of a Project in it, such as "
            "shelf:project, not %(path)s."
        )
        raise ProjectNotFoundError(sentence % {"path": path})
    try:
        module = importlib.import_module(module_name)
    # Whatever the module does when it is imported, even exit.
    except (Exception, SystemExit) as error:
        sentence = _(
            "The module %(module)s cannot be imported (%(why)s). Run this in the folder "
            "that contains it, with the Python that runs your program."
        )
        why = f"{type(error).__name__}: {error}"
        details = {"module": module_name, "why": " ".join(why.split())}
        raise ProjectNotFoundError(sentence % details) from error
    if not hasattr(module, name):
        sentence = _("The module %(module)s has no object called %(name)s.")
        details = {"module": module_name, "name": name}
        raise ProjectNotFoundError(sentence % details)
    value = getattr(module, name)
    if isinstance(value, Project):
        return Reporter(value)
    if isinstance(value, Reporter):
        return value
    sentence = _("%(path)s must be a Project or a Reporter, not a %(type)s.")
    details = {"path": path, "type": type(value).__name__}
    raise ProjectNotFoundError(sentence % details)
