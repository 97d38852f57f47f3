"""Puts a count into a range, so that a report never holds the count itself."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from paperless_report.contract import Field, Value
from paperless_report.report.kind import Collector

_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+)|(\+))?")


class Range(NamedTuple):
    """The counts from *least* to *most*; all counts from *least* if *most* is None."""

    name: str
    least: int
    most: int | None


def list_ranges(schema: Mapping[str, Any]) -> tuple[Range, ...]:
    """Return the ranges that a field's `enum` lists, such as `0`, `1-9` and `10+`.

    Returns:
        The ranges in the order of the `enum`; none if any of its values is not a range.
    """
    ranges = tuple(map(_parse, schema.get("enum", ())))
    return tuple(it for it in ranges if it) if all(ranges) else ()


def find_range(ranges: tuple[Range, ...], count: int) -> str | None:
    """Return the name of the range that *count* lies in, if there is one."""
    for name, least, most in ranges:
        if least <= count and (most is None or count <= most):
            return name
    return None


def collect_range(field: Field, collect: Collector) -> Value | None:
    """Return what *collect* returns; of a count, the range of *field* that it lies in."""
    value = collect()
    ranges = list_ranges(field.schema) if type(value) is int else ()
    return find_range(ranges, value) if ranges and type(value) is int else value


def _parse(value: object) -> Range | None:
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    least = int(match[1])
    most = None if match[3] else int(match[2] or least)
    return None if most is not None and most < least else Range(match[0], least, most)
