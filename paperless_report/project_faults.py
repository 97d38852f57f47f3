"""Finds everything that is wrong with the declaration of a project."""

import re
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Final, NamedTuple, get_args
from urllib.parse import urlsplit

from paperless_report.consent.ladder import Default
from paperless_report.contract.location import is_schema_source
from paperless_report.errors import Problem, ReportingError
from paperless_report.project import Project, Variables
from paperless_report.report.objects import list_objects
from paperless_report.report.outgoing import ReportFormat

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PATH: Final = re.compile(r"/[^\s?#\\]*")
_MOST_SECONDS: Final = 60
_LONGEST_PERIOD: Final = timedelta(days=366)


class Fault(NamedTuple):
    """An attribute of a project, and what is wrong with its value."""

    attribute: str
    reason: str

    def __str__(self) -> str:
        """Return both as the beginning of a sentence."""
        return f"{self.attribute} {self.reason}"


def require_sound(project: Project) -> None:
    """Check that *project* can be used.

    Raises:
        ReportingError: If it has faults; it names all of them.
    """
    if faults := find_faults(project):
        raise ReportingError(
            Problem.INVALID_DECLARATION, faults=tuple(map(str, faults))
        )


def find_faults(project: Project) -> list[Fault]:
    """List everything that is wrong with the declaration of *project*."""
    faults = [
        Fault(name, reason)
        for name, (fits, reason) in _RULES.items()
        if not fits(getattr(project, name))
    ]
    faulty = {it.attribute for it in faults}
    if project.variable_names is None and not _is_name(project.prefix):
        faults.append(Fault("prefix", _PREFIX_RULE))
    if faulty.isdisjoint({"contract", "collectors"}):
        faults += _find_contract_faults(project)
    if faulty.isdisjoint({"events", "groups", "logged"}):
        faults += _find_event_faults(project)
    if faulty.isdisjoint({"period", "least_gap"}):
        faults += _find_gap_faults(project)
    return faults


def fits(attribute: str, value: object) -> bool:
    """Return whether a project's *attribute* may have *value*; no schema is read."""
    return _RULES[attribute][0](value)


def _find_contract_faults(project: Project) -> list[Fault]:
    try:
        schema, fields = project.load_contract()
    except ReportingError as error:
        return _list_schema_faults("contract", error)
    key = str(schema["x-installation-id"])
    faults = (
        []
        if fields[key].fits(str(uuid.uuid4()))
        else [Fault("contract", f"does not accept a version 4 UUID as {key}")]
    )
    has_events = project.events is not None and project.format is None
    if has_events and "events" in schema.get("properties", {}):
        reason = (
            "has a field called events, which is the key of what is counted: rename it"
        )
        faults.append(Fault("contract", reason))
    return faults + [
        Fault("collectors", f"has {name!r}, which the contract does not declare")
        for name in project.collectors
        if name not in fields and name not in list_objects(fields.values())
    ]


def _find_event_faults(project: Project) -> list[Fault]:
    try:
        events = project.load_events().by_name
    except ReportingError as error:
        return _list_schema_faults("events", error)
    faults = [
        Fault("groups", f"has {event!r} in {group!r}, which is not an event")
        for group, names in project.groups.items()
        for event in names
        if event not in events
    ]
    faults += [
        Fault("logged", f"has {event!r}, which is not an event")
        for event in project.logged
        if event not in events
    ]
    if project.logged and not (project.format or project.keeps_log):
        reason = "needs a format that sends these events, or keeps_log"
        faults.append(Fault("logged", reason))
    return faults


def _find_gap_faults(project: Project) -> list[Fault]:
    if project.least_gap <= project.period:
        return []
    return [Fault("least_gap", "must not be longer than the period")]


def _list_schema_faults(attribute: str, error: ReportingError) -> list[Fault]:
    reasons = error.details["faults"]
    assert isinstance(reasons, tuple)  # noqa: S101  # `Project` makes it
    return [Fault(attribute, f"cannot be used: {it}") for it in reasons]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_page(value: object) -> bool:
    try:
        return _is_text(value) and bool(urlsplit(str(value)).hostname)
    except ValueError:
        return False


def _is_path(value: object) -> bool:
    return value in (None, "") or (
        isinstance(value, str) and bool(_PATH.fullmatch(value))
    )


def _is_format(value: object) -> bool:
    if not isinstance(value, ReportFormat):
        return False
    seconds: object = value.timeout_seconds
    return (
        isinstance(seconds, int | float)
        and 0 < seconds <= _MOST_SECONDS
        and _are_all(value.accepted, lambda it: type(it) is int)
        and bool(value.accepted)
    )


def _are_variables(value: object) -> bool:
    return (
        isinstance(value, Variables)
        and _are_all(
            (value.switch, value.endpoint, value.containerized),
            lambda it: it == "" or _is_name(it),
        )
        and _are_all(value.off, _is_name)
        and _are_all(value.other_endpoints, _is_name)
        and _is_text(value.data_dir)
    )


def _are_all(values: object, fits_: Callable[[object], bool]) -> bool:
    """Return whether *values* is a collection whose elements all fit."""
    return (
        isinstance(values, Collection)
        and not isinstance(values, str)
        and all(map(fits_, values))
    )


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(_NAME.fullmatch(value))


def _maps_to_functions(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(callable, value.values()))


def _maps_to_lists(value: object) -> bool:
    return isinstance(value, Mapping) and not any(
        isinstance(it, str) or not isinstance(it, Collection) for it in value.values()
    )


def _is_period(value: object) -> bool:
    return isinstance(value, timedelta) and timedelta() < value <= _LONGEST_PERIOD


_PREFIX_RULE = "must be the beginning of a variable's name, such as SHELF"
_SWITCH_RULE = (lambda it: isinstance(it, bool), "must be True or False")
_SCHEMA_RULE = "must be an absolute path, package:file or a JSON Schema"
# For each attribute, whether a value fits, and what to write otherwise.
_RULES: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "name": (_is_text, "must be the project's name"),
    "page": (_is_page, "must be the address of the page about reports"),
    "prefix": (lambda it: it == "" or _is_name(it), _PREFIX_RULE),
    "data_dir": (
        lambda it: callable(it) or _is_text(str(it or "")),
        "must be a path or a function that returns one",
    ),
    "contract": (is_schema_source, _SCHEMA_RULE),
    "events": (lambda it: it is None or is_schema_source(it), _SCHEMA_RULE),
    "package": (lambda it: it is None or _is_text(it), "must be a package's name"),
    "endpoint": (lambda it: it is None or _is_text(it), "must be an address"),
    "collectors": (
        _maps_to_functions,
        'must map the names of fields to functions, such as {"version": read_version}',
    ),
    "summarize": (
        lambda it: it is None or callable(it),
        "must be a function of what is recorded",
    ),
    "groups": (_maps_to_lists, "must map names to lists of events"),
    "period": (_is_period, "must be a timedelta of up to 366 days"),
    "default": (
        lambda it: it in get_args(Default),
        'must be "off" or "on after notice"',
    ),
    "kind": (_is_name, "must be the name of a report kind, such as report"),
    "path": (_is_path, "must be a path such as /v1/events, or an empty text"),
    "format": (
        lambda it: it is None or _is_format(it),
        "must be a ReportFormat with accepted statuses and a timeout of up to 60 seconds",
    ),
    "variable_names": (
        lambda it: it is None or _are_variables(it),
        "must be Variables with names such as SHELF_REPORTING",
    ),
    "logged": (lambda it: _are_all(it, _is_text), "must be a list of events"),
    "log_for": (_is_period, "must be a timedelta of up to 366 days"),
    "keeps_log": _SWITCH_RULE,
    "least_gap": (
        lambda it: isinstance(it, timedelta) and it >= timedelta(),
        "must be a timedelta",
    ),
    "enabled": _SWITCH_RULE,
    "shows_null_id": _SWITCH_RULE,
}
