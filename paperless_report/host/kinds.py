"""Pairs the contract of a report kind with the functions that collect its fields."""

import importlib.resources
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from paperless_report import contract
from paperless_report.contract import Field
from paperless_report.errors import Problem, ReportingError
from paperless_report.host import collectors, paperless_ngx
from paperless_report.host.database import Patience
from paperless_report.host.project import Project, find_project
from paperless_report.report.kind import Collectors, ReportKind
from paperless_report.report.ranges import collect_range

# The report kind whose contract a project may declare itself.
_USAGE = "report"


def load_kind(name: str, on_slow: Callable[[], object] = lambda: None) -> ReportKind:
    """Read the contract of the report kind *name* and pair it with its collectors.

    Args:
        name: The name of the report kind.
        on_slow: Called once if the host's database does not answer within two seconds.

    Raises:
        ReportingError: If the project, its contract or its collectors cannot be used.
    """
    project = find_project()
    schema, fields = load_contract(project, name)
    known = load_collectors(project)
    patience = Patience(on_slow)
    return ReportKind(
        name,
        fields,
        schema["x-installation-id"],
        schema.get("x-once-in-days"),
        {
            name: partial(
                collect_range,
                field,
                known[name]
                if known[name] is collectors.FACTS.get(name)  # without the database
                else patience.wrap(known[name]),
            )
            for name, field in fields.items()
            if name in known
        },
    )


def load_contract(
    project: Project, kind: str = _USAGE
) -> tuple[Mapping[str, Any], Mapping[str, Field]]:
    """Read the JSON Schema of a report kind of *project*, and its fields by name.

    Raises:
        ReportingError: If it cannot be read, or uses words that we do not enforce.
    """
    if project.contract is None or kind != _USAGE:
        return contract.load_schema(kind), contract.load_fields(kind)
    location = str(project.contract)
    try:
        schema = json.loads(_read(location))
        return schema, contract.parse_fields(schema)
    except contract.InvalidContractError as error:
        faults = error.problems
    except (ImportError, OSError, TypeError, ValueError) as error:
        faults = (str(error),)
    raise ReportingError(Problem.INVALID_CONTRACT, contract=location, faults=faults)


def load_collectors(project: Project) -> Collectors:
    """Return all collectors of *project*: the built-in ones, then its own.

    Raises:
        ReportingError: If its own cannot be imported, or are not functions by name.
    """
    if project.collectors is None:
        own = paperless_ngx.COLLECTORS if project.contract is None else {}
        return {**collectors.COLLECTORS, **own}
    path = project.collectors
    try:
        own = import_string(path)
    # Whatever the module does when it is imported.
    except Exception as error:
        # Other messages may quote a path or a query.
        reason = str(error) if isinstance(error, ImportError) else type(error).__name__
        raise ReportingError(
            Problem.INVALID_COLLECTORS, path=path, reason=reason
        ) from error
    if not isinstance(own, Mapping) or not all(map(callable, own.values())):
        raise ReportingError(Problem.COLLECTORS_NOT_A_MAPPING, path=path)
    return {**collectors.COLLECTORS, **own}


def _read(location: str) -> str:
    package, separator, file = location.partition(":")
    if separator and not Path(location).is_absolute():
        return importlib.resources.files(package).joinpath(file).read_text("utf-8")
    return Path(location).read_text(encoding="utf-8")
