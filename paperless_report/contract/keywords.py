"""Checks a value against the keywords of its schema."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    # As in JSON Schema, 1.0 is an integer.
    "integer": lambda value: (
        not isinstance(value, bool)
        and (
            isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        )
    ),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
}
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, values: value in values,
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    # The whole text: Python's `$` also matches before a final newline. Half of a character,
    # as in a file's name that is not UTF-8, has no meaning elsewhere.
    "pattern": lambda value, pattern: (
        not re.search("[\ud800-\udfff]", value) and bool(re.fullmatch(pattern, value))
    ),
    "minimum": lambda value, least: value >= least,
    "maximum": lambda value, most: value <= most,
    "maxItems": lambda value, most: len(value) <= most,
    "anyOf": lambda value, branches: any(
        find_failure(branch, value) is None for branch in branches
    ),
}


def read_type(schema: Schema) -> str:
    """Return the type without `null`, which makes a value count as absent."""
    names = schema["type"]
    (name,) = [names] if isinstance(names, str) else set(names) - {"null"}
    return str(name)


def has_type(value: object, name: str) -> bool:
    """Return whether *value* is of the type *name*."""
    return _TYPES[name](value)


def find_failure(schema: Schema, value: object) -> str | None:
    """Return a keyword of *schema* that *value* does not meet, or None."""
    if "type" in schema and not has_type(value, read_type(schema)):
        return "type"
    failing = (
        word
        for word, is_met in _TESTS.items()
        if word in schema and not is_met(value, schema[word])
    )
    failure = next(failing, None)
    if failure is None and schema.get("x-whole-list") and isinstance(value, list):
        items = schema["items"]
        return None if all(find_failure(items, it) is None for it in value) else "items"
    return failure
