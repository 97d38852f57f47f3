"""Pairs the contract of a report kind with the functions that collect its fields."""

import dataclasses
import functools
from collections.abc import Callable, Mapping

from django.utils.module_loading import import_string

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError
from paperless_report.host import collectors, paperless_ngx
from paperless_report.host.database import Patience
from paperless_report.host.project import find_collectors_path, find_project
from paperless_report.project import Contract, Project
from paperless_report.report.kind import Collector, ObjectCollector, ReportKind
from paperless_report.report.objects import list_objects, split_objects
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
    own = split_objects(load_own_collectors(project), fields.values())
    known = {**collectors.COLLECTORS, **own}
    patience = Patience(on_slow)
    return ReportKind(
        name,
        fields,
        schema["x-installation-id"],
        schema.get("x-once-in-days"),
        {
            name: functools.partial(
                collect_range,
                field,
                known[name]
                if name in collectors.FACTS and name not in own  # without the database
                else patience.wrap(known[name]),
            )
            for name, field in fields.items()
            if name in known
        },
    )


def load_project() -> Project:
    """Return the project that the settings name, complete with its collectors.

    Raises:
        ReportingError: If the project, its contract or its collectors cannot be used.
    """
    project = find_project()
    own = load_own_collectors(project)
    known = {**collectors.COLLECTORS, **own}
    fields = load_contract(project).fields
    declared = {*fields, *list_objects(fields.values())}
    # The same for all collectors of a report, so that an admin reads once that it is slow.
    be_patient = functools.lru_cache(maxsize=1)(Patience)
    return dataclasses.replace(
        project,
        collectors={
            name: known[name]
            for name in known
            # The others are facts that every program has.
            if name in declared and (name in own or name in collectors.NEED_DJANGO)
        },
        wrap_collector=lambda collect, on_slow: be_patient(on_slow).wrap(collect),
    )


def load_contract(project: Project, kind: str = _USAGE) -> Contract:
    """Read the contract of a report kind of *project*.

    Raises:
        ReportingError: If it cannot be read, or uses words that we do not enforce.
    """
    if kind != _USAGE or project.contract == contract.REPORT:
        return Contract(contract.load_schema(kind), contract.load_fields(kind))
    return project.load_contract()


def load_own_collectors(
    project: Project,
) -> Mapping[str, Collector | ObjectCollector]:
    """Return the collectors that *project* has in addition to the built-in ones.

    Raises:
        ReportingError: If they cannot be imported, or are not functions by name.
    """
    path = find_collectors_path()
    if path is None:
        has_own = project.collectors or project.contract != contract.REPORT
        return project.collectors if has_own else paperless_ngx.COLLECTORS
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
    return own
