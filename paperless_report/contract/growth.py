"""Finds what a newer contract would send more than the one that an admin agreed to.

What is removed, narrower, or has another title is not growth. Where it is not certain that a
field is narrower, it counts as growth: the admin is asked once too often, never too seldom.
"""

import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from paperless_report.contract.fields import list_fields
from paperless_report.contract.keywords import Schema, find_failure, read_type
from paperless_report.contract.narrower_patterns import is_narrower

Description = Mapping[str, Any]

# The key of a logged event's time; no property of an event is called that.
TIME: Final = "(time)"
_TIME: Final = {"title": "Time", "description": "", "schema": {}}

# The words that decide which values can be sent.
_WORDS = (
    *("type", "enum", "anyOf", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "items", "maxItems"),
)


class Kind(enum.Enum):
    """What a contract would send more. The comments say what `before` and `after` are."""

    NEW_FIELD = enum.auto()  # None
    NEW_EVENT = enum.auto()  # None
    NEW_PROPERTY = enum.auto()  # None; the event may be new, too
    OTHER_TYPE = enum.auto()  # the type
    MORE_VALUES = enum.auto()  # before: None, after: a list of the added values
    OTHER_LENGTH = enum.auto()  # a list: the least and the most characters
    LONGER_LIST = enum.auto()  # the most items
    WIDER_RANGE = enum.auto()  # a list: the least and the most
    WIDER_PATTERN = enum.auto()  # the pattern
    OTHER_VALUES = enum.auto()  # the JSON Schema


@dataclass(frozen=True)
class Change:
    """One thing that a newer contract would send more.

    Attributes:
        kind: What it is.
        event: The event that it belongs to; None for a field of the report.
        name: The dotted name of the field or property; empty for an event itself.
        title: Its title in the newer contract.
        description: Its description in the newer contract.
        before: What was possible, as the kind says.
        after: What would be possible, as the kind says.
    """

    kind: Kind
    event: str | None
    name: str
    title: str
    description: str
    before: Any = None
    after: Any = None


def describe_contract(
    facts: Schema,
    events: Mapping[str, Schema] | None = None,
    logged: Collection[str] = (),
) -> dict[str, Any]:
    """Describe all that a contract can send, as JSON that can be kept and compared.

    Args:
        facts: The schema of the report kind, which is supported.
        events: The schema of each event by its name.
        logged: The events that are sent one by one, which tells when each happened.

    Returns:
        The fields under `facts`, and under `events` the title, description and
        `properties` of each event. Each field has a title, a description, and the schema
        of its values.
    """
    return {
        "facts": _describe(facts),
        "events": {
            name: {
                "title": event.get("title", name),
                "description": event.get("description", ""),
                "properties": {
                    **_describe(event),
                    **({TIME: _TIME} if name in logged else {}),
                },
            }
            for name, event in (events or {}).items()
        },
    }


def find_growth(accepted: Description, current: Description) -> tuple[Change, ...]:
    """List what *current* would send more than *accepted*.

    Args:
        accepted: What `describe_contract` returned when the admin agreed.
        current: What it returns now.

    Returns:
        The changes in the order of the newer contract; none if it sends nothing more.
    """
    return tuple(_list_changes(accepted, current))


def _describe(schema: Schema) -> dict[str, Any]:
    return {
        field.name: {
            "title": field.title,
            "description": field.description,
            "schema": _keep_values(field.schema),
        }
        for field in list_fields(schema)
        if not field.set_by_receiver
    }


def _keep_values(schema: Schema) -> dict[str, Any]:
    """Keep the words that decide which values can be sent."""
    kept = {word: schema[word] for word in _WORDS if word in schema}
    if "type" in kept:
        kept["type"] = read_type(schema)
    if "anyOf" in kept:
        kept["anyOf"] = [_keep_values(branch) for branch in kept["anyOf"]]
    if "items" in kept:
        kept["items"] = _keep_values(kept["items"])
    return kept


def _list_changes(accepted: Description, current: Description) -> Iterator[Change]:
    yield from _compare_fields(None, accepted.get("facts", {}), current["facts"])
    events = accepted.get("events", {})
    for name, event in current["events"].items():
        if name not in events:
            title, description = event["title"], event["description"]
            yield Change(Kind.NEW_EVENT, name, "", title, description)
        known = events.get(name, {}).get("properties", {})
        yield from _compare_fields(name, known, event["properties"])


def _compare_fields(
    event: str | None, accepted: Description, current: Description
) -> Iterator[Change]:
    new = Kind.NEW_FIELD if event is None else Kind.NEW_PROPERTY
    for name, field in current.items():
        changes = (
            _compare(accepted[name]["schema"], field["schema"])
            if name in accepted
            else [(new, None, None)]
        )
        for kind, before, after in changes:
            yield Change(
                *(kind, event, name, field["title"], field["description"]),
                *(before, after),
            )


_BOUNDS = {
    "string": (Kind.OTHER_LENGTH, "minLength", "maxLength"),
    "integer": (Kind.WIDER_RANGE, "minimum", "maximum"),
}
_Difference = tuple[Kind, Any, Any]


def _compare(accepted: Schema, current: Schema) -> Iterator[_Difference]:
    """List how *current* accepts more values than *accepted*."""
    before, after = accepted.get("type"), current.get("type")
    if before != after:
        yield Kind.OTHER_TYPE, before, after
    elif after == "array":
        yield from _compare(accepted["items"], current["items"])
        if current["maxItems"] > accepted["maxItems"]:
            yield Kind.LONGER_LIST, accepted["maxItems"], current["maxItems"]
    elif accepted != current:
        yield from _compare_scalars(accepted, current)


def _compare_scalars(accepted: Schema, current: Schema) -> Iterator[_Difference]:
    more: list[Any] = []
    bounds = [it for it in _list_branches(accepted, exact=True) if "enum" not in it]
    for branch in _list_branches(current):
        if "enum" in branch:
            more += [it for it in branch["enum"] if _is_new(it, accepted, current)]
            continue
        differences = [[*_compare_bounds(it, branch)] for it in bounds]
        if [] in differences:
            continue
        if len(differences) == 1:
            yield from differences[0]
        else:
            yield Kind.OTHER_VALUES, accepted, current
    if more:
        yield Kind.MORE_VALUES, None, [*dict.fromkeys(more)]


def _list_branches(schema: Schema, *, exact: bool = False) -> Iterator[Schema]:
    """Split *schema* into schemas without `anyOf`, which accept the same or more.

    With *exact*, leave out those that would accept more.
    """
    outer = {word: value for word, value in schema.items() if word != "anyOf"}
    if outer["type"] == "boolean":
        outer.setdefault("enum", [False, True])
    for branch in schema.get("anyOf", [{}]):
        if not exact or not outer.keys() & branch.keys():
            yield {**outer, **branch}


def _is_new(value: object, accepted: Schema, current: Schema) -> bool:
    return (
        find_failure(current, value) is None
        and find_failure(accepted, value) is not None
    )


def _compare_bounds(accepted: Schema, current: Schema) -> Iterator[_Difference]:
    """Compare two texts, or two integers, that have bounds instead of listed values."""
    if current["type"] == "string":
        before, after = accepted["pattern"], current["pattern"]
        if not is_narrower(after, than=before):
            yield Kind.WIDER_PATTERN, before, after
    kind, least, most = _BOUNDS[current["type"]]
    old, new = ([it.get(least, 0), it[most]] for it in (accepted, current))
    if new[0] < old[0] or new[1] > old[1]:
        yield kind, old, new
