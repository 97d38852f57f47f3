"""Finds out which project this installation belongs to."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError

SETTING: Final = "USAGE_REPORTING_PROJECT"

_PAPERLESS: Final = "paperless"
_PREFIX: Final = "PAPERLESS"
_REQUIRED: Final = ("package", "name", "page")


@dataclass(frozen=True)
class Project:
    """The software whose installation this is; its maintainers receive the reports.

    Attributes:
        package: The Python package that holds `version.py`.
        name: The name that admins know.
        page: The address of the project's page about reports.
        contract: Its JSON Schema: an absolute path, or `package:file` for a file that a
            package ships. None stands for the contract of paperless-ngx.
        collectors: The dotted path of a mapping: the function that returns the value of
            a field, by the field's name.
        prefix: What the names of its variables begin with.
    """

    package: str
    name: str
    page: str
    contract: str | Path | None = None
    collectors: str | None = None
    prefix: str = _PREFIX


KEYS: Final = tuple(it.name for it in fields(Project))


@dataclass(frozen=True)
class Variables:
    """The names of a project's variables.

    Attributes:
        endpoint: A Django setting, and an environment variable.
        data_dir: What the project's documentation calls its data directory.
        containerized: An environment variable that is `1` in a container.
    """

    endpoint: str
    data_dir: str
    containerized: str


def find_project() -> Project:
    """Return the project that the settings name; paperless-ngx if they name none.

    Raises:
        ReportingError: If the setting is malformed, or is missing from another project
            than paperless-ngx: an admin must not be asked to send to one project what
            another one receives.
    """
    value = getattr(settings, SETTING, None)
    if value is None:
        if importlib.util.find_spec(_PAPERLESS) is None:
            raise ReportingError(Problem.NO_PROJECT, setting=SETTING)
        return Project(package=_PAPERLESS, **contract.load_project())
    if not isinstance(value, dict) or list_invalid_keys(value):
        raise ReportingError(
            Problem.INVALID_PROJECT,
            setting=SETTING,
            required=", ".join(_REQUIRED),
            optional=", ".join(it for it in KEYS if it not in _REQUIRED),
        )
    return Project(**value)


def list_invalid_keys(value: Mapping[Any, object]) -> list[str]:
    """List the keys that are unknown in *value*, missing from it, or have no fit value."""
    unknown = [str(key) for key in value if key not in KEYS]
    return unknown + [
        key
        for key in KEYS
        if (key in value or key in _REQUIRED) and not _fits(key, value.get(key))
    ]


def name_variables() -> Variables:
    """Name the project's variables, even if the rest of the setting is malformed."""
    value = getattr(settings, SETTING, None)
    prefix = value.get("prefix") if isinstance(value, dict) else None
    if not _fits("prefix", prefix):
        prefix = _PREFIX
    return Variables(
        endpoint=f"{prefix}_USAGE_REPORTING_URL",
        data_dir=f"{prefix}_DATA_DIR",
        # The image of paperless-ngx sets a variable with another prefix.
        containerized=f"{'PNGX' if prefix == _PREFIX else prefix}_CONTAINERIZED",
    )


def _fits(key: str, value: object) -> bool:
    if key == "contract" and isinstance(value, str | Path) and str(value):
        return Path(value).is_absolute() or ":" in str(value)
    return isinstance(value, str) and bool(value) and key != "contract"
