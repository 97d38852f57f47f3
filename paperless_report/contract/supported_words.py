"""Finds the words of JSON Schema in a contract that one side would not enforce.

The receiver finds the same: one table of cases holds for both (tests/contract_cases.json).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from paperless_report.contract.keywords import Schema, has_type
from paperless_report.contract.patterns import is_supported

_SCALARS = ("string", "boolean", "integer")
_TYPES = {
    "root": ("object",),
    "property": (*_SCALARS, "array", "object"),
    "items": _SCALARS,
}
_KEYWORDS = {
    "string": ("enum", "pattern", "minLength", "maxLength", "anyOf"),
    "boolean": ("enum",),
    "integer": ("enum", "minimum", "maximum", "anyOf"),
    "array": ("items", "maxItems"),
    "object": ("properties", "required", "propertyNames", "additionalProperties"),
}
_NOTES = ("title", "description", "examples", "$comment")
_ROOT_NOTES = ("$schema", "$id", "x-installation-id", "x-once-in-days")
# A string or an integer without a list of values needs these.
_BOUNDS = {"string": ("pattern", "maxLength"), "integer": ("minimum", "maximum")}

# Larger integers lose digits in JavaScript.
_LARGEST = 2**53 - 1
# A name becomes a column and part of a dotted name.
_NAME = r"(?!__proto__\Z)[A-Za-z_][A-Za-z0-9_-]*"


def find_faults(schema: object) -> list[str]:
    """List every word that would not be enforced: its JSON Pointer, and why.

    People rely on the rules that they read in a schema, so one that is not enforced must
    not pass.
    """
    faults = find_schema_faults(schema)
    if faults or not isinstance(schema, Mapping) or _has_key(schema):
        return faults
    return ["/x-installation-id must name an unpublished text of every report"]


def find_schema_faults(schema: object) -> list[str]:
    """List the same faults of a schema that needs no installation ID, such as an event's."""
    return [f"{pointer} {reason}" for pointer, reason in _check(schema, "", "root")]


def _has_key(schema: Schema) -> bool:
    part = schema
    for name in schema.get("x-installation-id", "").split("."):
        if name not in part.get("required", ()):
            return False
        part = part["properties"][name]
        if part.get("x-drop-invalid") or part.get("x-published"):
            return False
    return bool(part["type"] == "string")


def _check(
    schema: object, pointer: str, place: str, outer: str | None = None
) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, Mapping):
        yield pointer, "must be an object"
        return
    kind = outer if place == "branch" else _parse_type(schema.get("type"), place)
    words = _list_words(place, kind)
    for word, argument in schema.items():
        here = f"{pointer}/{_escape(word)}"
        if word in words:
            yield from _check_argument(word, argument, here, schema, kind)
        else:
            yield here, "is not supported here"
    for word in () if place == "branch" else ("type", *_list_needed(schema, kind)):
        if word not in schema:
            yield f"{pointer}/{word}", "is missing"


def _check_argument(
    word: str, argument: object, pointer: str, schema: Schema, kind: str | None
) -> Iterator[tuple[str, str]]:
    if word == "items":
        yield from _check(argument, pointer, "items")
    elif word == "additionalProperties" and "propertyNames" in schema:
        yield from _check(argument, pointer, "property")
    elif word == "properties" and isinstance(argument, Mapping):
        for name, part in argument.items():
            here = f"{pointer}/{_escape(name)}"
            if not re.fullmatch(_NAME, name):
                yield here, "must consist of letters, digits, _ and -"
            yield from _check(part, here, "property")
    elif word == "anyOf" and _is_list(argument):
        for index, branch in enumerate(argument):
            yield from _check(branch, f"{pointer}/{index}", "branch", kind)
    elif word in _ARGUMENTS:
        expected, is_valid = _ARGUMENTS[word]
        if not is_valid(argument, schema, kind):
            yield pointer, f"must be {expected}"


def _list_words(place: str, kind: str | None) -> set[str]:
    """List the words that a schema may have; with an unknown type, those of every type."""
    words = {*_NOTES, *_KEYWORDS.get(kind or "", sum(_KEYWORDS.values(), ()))}
    match place:
        case "branch":
            return words - {"anyOf"}
        case "items":
            return words | {"type"}
        case "root":
            return words | {"type", "x-refuse-invalid", *_ROOT_NOTES}
    if kind != "object":
        words |= {"x-published", "x-known", "x-set-by-receiver"}
    if kind == "array":
        words |= {"x-whole-list"}
    return words | {"type", "x-drop-invalid"}


def _list_needed(schema: Schema, kind: str | None) -> tuple[str, ...]:
    if kind == "object":
        return ("additionalProperties" if "propertyNames" in schema else "properties",)
    if kind == "array":
        return _KEYWORDS["array"]
    return () if _is_closed(schema, kind) else _BOUNDS.get(kind or "", ())


def _is_closed(schema: object, kind: str | None) -> bool:
    """Whether values are listed or bounded, in the schema itself or in every branch."""
    if not isinstance(schema, Mapping) or "enum" in schema:
        return True
    branches = schema.get("anyOf")
    return all(word in schema for word in _BOUNDS.get(kind or "", ())) or (
        _is_list(branches) and all(_is_closed(branch, kind) for branch in branches)
    )


def _parse_type(names: object, place: str) -> str | None:
    pair = names if place == "property" and isinstance(names, list) else []
    if "null" in pair and len(pair) == 2:  # noqa: PLR2004  # a type and null
        names = pair[1 - pair.index("null")]
    return names if isinstance(names, str) and names in _TYPES[place] else None


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_list(values: object, kind: str | None = None) -> TypeGuard[list[Any]]:
    return (
        isinstance(values, list)
        and bool(values)
        and (kind is None or all(has_type(value, kind) for value in values))
    )


def _is_exact(value: Any) -> bool:  # noqa: ANN401  # any JSON
    return has_type(value, "integer") and bool(abs(value) <= _LARGEST)


def _is_set_by_receiver(schema: object) -> bool:
    return isinstance(schema, Mapping) and schema.get("x-set-by-receiver") is True


_IsValid = Callable[[Any, Schema, str | None], bool]
_COUNT: tuple[str, _IsValid] = (
    "a whole number",
    lambda value, *_: has_type(value, "integer") and value >= 0,
)
_INTEGER: tuple[str, _IsValid] = (
    f"an integer of at most {_LARGEST}",
    lambda value, *_: _is_exact(value),
)
_FLAG: tuple[str, _IsValid] = (
    "true or false",
    lambda value, *_: has_type(value, "boolean"),
)

# What the argument of a word must be; other words are notes for readers.
_ARGUMENTS: Mapping[str, tuple[str, _IsValid]] = {
    "type": (
        "a type that is supported here",
        lambda _type, _schema, kind: kind is not None,
    ),
    "enum": (
        f"a list of values of the type, with integers of at most {_LARGEST}",
        lambda values, _, kind: (
            _is_list(values, kind)
            and (kind != "integer" or all(map(_is_exact, values)))
        ),
    ),
    "pattern": (
        (
            "an anchored pattern that means the same in Python and JavaScript,"
            " without a repetition such as (a+)+"
        ),
        lambda pattern, *_: is_supported(pattern),
    ),
    **dict.fromkeys(("minLength", "maxLength", "maxItems", "x-once-in-days"), _COUNT),
    **dict.fromkeys(("minimum", "maximum"), _INTEGER),
    **dict.fromkeys(
        ("x-drop-invalid", "x-refuse-invalid", "x-whole-list", "x-set-by-receiver"),
        _FLAG,
    ),
    "anyOf": ("a list of schemas", lambda *_: False),
    "properties": ("an object", lambda *_: False),
    **dict.fromkeys(
        ("title", "description"), ("a text", lambda text, *_: has_type(text, "string"))
    ),
    "required": (
        "a list of the names of properties that installations send",
        lambda names, schema, _: (
            names == []
            or (
                _is_list(names, "string")
                and isinstance(properties := schema.get("properties"), Mapping)
                and {*names} <= {*properties}
                and not any(_is_set_by_receiver(properties[name]) for name in names)
            )
        ),
    ),
    "propertyNames": (
        "an enum of different names, without properties beside it",
        lambda names, schema, _: (
            isinstance(names, Mapping)
            and {*names} == {"enum"}
            and _is_list(names["enum"], "string")
            and all(re.fullmatch(_NAME, name) for name in names["enum"])
            and len({*names["enum"]}) == len(names["enum"])
            and "properties" not in schema
        ),
    ),
    "additionalProperties": (
        "false, or a schema beside propertyNames",
        lambda value, *_: value is False,
    ),
    "x-installation-id": (
        "the name of a field",
        lambda name, *_: has_type(name, "string"),
    ),
    "x-published": (
        "true, or the value of one other field",
        lambda rule, *_: (
            rule is True
            or (
                isinstance(rule, Mapping)
                and len(rule) == 1
                and _is_list([*rule.values()], "string")
            )
        ),
    ),
    "x-known": ("a list of texts", lambda values, *_: _is_list(values, "string")),
}
