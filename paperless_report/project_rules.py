"""Lists what each attribute of a project's declaration must be."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Final, get_args
from urllib.parse import urlsplit

from paperless_report.consent.ladder import Default
from paperless_report.contract.location import is_schema_source

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LONGEST_PERIOD: Final = timedelta(days=366)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_page(value: object) -> bool:
    try:
        return _is_text(value) and bool(urlsplit(str(value)).hostname)
    except ValueError:
        return False


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


_SCHEMA_RULE = "must be an absolute path, package:file or a JSON Schema"
# For each attribute, whether a value fits, and what to write otherwise.
RULES: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "name": (_is_text, "must be the project's name"),
    "page": (_is_page, "must be the address of the page about reports"),
    "prefix": (_is_name, "must be the beginning of a variable's name, such as SHELF"),
    "data_dir": (
        lambda it: callable(it) or _is_text(str(it or "")),
        "must be a path or a function that returns one",
    ),
    "contract": (is_schema_source, _SCHEMA_RULE),
    "events": (lambda it: it is None or is_schema_source(it), _SCHEMA_RULE),
    "package": (lambda it: it is None or _is_text(it), "must be a package's name"),
    "endpoint": (lambda it: it is None or _is_text(it), "must be an address"),
    "collectors": (_maps_to_functions, "must map the names of fields to functions"),
    "groups": (_maps_to_lists, "must map names to lists of events"),
    "period": (_is_period, "must be a timedelta of up to 366 days"),
    "default": (
        lambda it: it in get_args(Default),
        'must be "off" or "on after notice"',
    ),
    "kind": (_is_name, "must be the name of a report kind, such as report"),
}
