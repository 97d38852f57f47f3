"""Finds out which project this installation belongs to."""

import contextlib
import dataclasses
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from paperless_report import contract, project, project_faults
from paperless_report.contract.location import is_schema_source
from paperless_report.errors import Problem, ReportingError
from paperless_report.project import Project, Variables

SETTING: Final = "USAGE_REPORTING_PROJECT"

_PAPERLESS: Final = "paperless"
_PREFIX: Final = "PAPERLESS"
REQUIRED: Final = ("package", "name", "page")
_OPTIONAL: Final = ("contract", "collectors", "prefix", "events", "groups", "period")
KEYS: Final = (*REQUIRED, *_OPTIONAL)


def find_project() -> Project:
    """Return the project that the settings name; paperless-ngx if they name none.

    Its collectors are not imported: `kinds.load_project` does this.

    Raises:
        ReportingError: If the setting is malformed, or is missing from another project
            than paperless-ngx: an admin must not be asked to send to one project what
            another one receives.
    """
    value = getattr(settings, SETTING, None)
    if value is None:
        if importlib.util.find_spec(_PAPERLESS) is None:
            raise ReportingError(Problem.NO_PROJECT, setting=SETTING)
        return _build({"package": _PAPERLESS, **contract.load_project()})
    if isinstance(value, str) and "." in value:
        return _import(value)
    if not isinstance(value, dict) or list_invalid_keys(value):
        raise ReportingError(
            Problem.INVALID_PROJECT,
            setting=SETTING,
            required=", ".join(REQUIRED),
            optional=", ".join(_OPTIONAL),
        )
    return _build(value)


def find_collectors_path() -> str | None:
    """Return the dotted path of the project's own collectors, if the setting has one."""
    value = getattr(settings, SETTING, None)
    path: str | None = value.get("collectors") if isinstance(value, dict) else None
    return path


def list_invalid_keys(value: Mapping[Any, object]) -> list[str]:
    """List the keys that are unknown in *value*, missing from it, or have no fit value."""
    unknown = [str(key) for key in value if key not in KEYS]
    return unknown + [
        key
        for key in KEYS
        if (key in value or key in REQUIRED) and not _fits(key, value.get(key))
    ]


def name_variables() -> Variables:
    """Name the project's variables, even if the rest of the setting is malformed."""
    value = getattr(settings, SETTING, None)
    prefix = value.get("prefix") if isinstance(value, dict) else None
    if isinstance(value, str):
        with contextlib.suppress(ReportingError):
            return find_project().variables
    return _name_variables(str(prefix) if _fits("prefix", prefix) else _PREFIX)


def read_setting(name: str) -> object:
    """Return the value of the setting *name*, or None."""
    return getattr(settings, name, None)


def _name_variables(prefix: str) -> Variables:
    """Name the variables of a project that the settings declare, or of paperless-ngx."""
    is_paperless = getattr(settings, SETTING, None) is None
    data_dir = f"{_PREFIX}_DATA_DIR" if is_paperless else "DATA_DIR"
    return project.name_variables(prefix)._replace(data_dir=data_dir)


def _build(value: Mapping[str, Any]) -> Project:
    """Return the project with the keys of *value*."""
    prefix = value.get("prefix", _PREFIX)
    is_name = project_faults.fits("prefix", prefix)
    return Project(
        # The installation ID of `send_usage_report` is this project's only one.
        identity_file=True,
        data_dir=_find_data_dir,
        read_setting=read_setting,
        variable_names=_name_variables(prefix) if is_name else None,
        **{
            "prefix": prefix,
            "contract": contract.REPORT,
            **{key: value[key] for key in value if key != "collectors"},
        },
    )


def _import(path: str) -> Project:
    """Return the project that the dotted *path* names."""
    try:
        declared = import_string(path)
    # Whatever the module does when it is imported.
    except Exception as error:
        # Other messages may quote a path or a query.
        reason = str(error) if isinstance(error, ImportError) else type(error).__name__
        raise ReportingError(
            Problem.NOT_A_PROJECT, setting=SETTING, path=path, reason=reason
        ) from error
    if isinstance(declared, Project):
        return dataclasses.replace(declared, read_setting=read_setting)
    reason = type(declared).__name__
    raise ReportingError(
        Problem.NOT_A_PROJECT, setting=SETTING, path=path, reason=reason
    )


def _find_data_dir() -> Path:
    """Return the host's data directory.

    Raises:
        ReportingError: If the settings name none.
    """
    path = getattr(settings, "DATA_DIR", None)
    if not path:
        raise ReportingError(Problem.NO_DATA_DIR, setting="DATA_DIR")
    return Path(path)


def _fits(key: str, value: object) -> bool:
    if key == "contract":
        return is_schema_source(value)
    if key in {"events", "groups", "period"}:
        return project_faults.fits(key, value)
    return isinstance(value, str) and bool(value)
