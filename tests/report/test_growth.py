import copy
import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from paperless_report.contract import load_schema, parse_fields
from paperless_report.contract.fields import list_fields
from paperless_report.contract.growth import (
    Change,
    Kind,
    describe_contract,
    find_growth,
)
from paperless_report.contract.narrower_patterns import is_narrower
from paperless_report.contract.patterns import is_supported
from tests.support.contract_cases import wrap
from tests.support.pages import ROOT

pytestmark = pytest.mark.point("C14")

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 8}
CHOICE: Schema = {"type": "string", "enum": ["a", "b"]}
NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": 10}
BRANCHES: Schema = {"type": "string", "anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]}
MIXED: Schema = {
    "type": "string",
    "anyOf": [{"enum": ["A"]}, {"pattern": "^[a-z]+$", "maxLength": 8}],
}
TWO_PATTERNS: Schema = {
    "type": "string",
    "anyOf": [
        {"pattern": "^[a-c]+$", "maxLength": 8},
        {"pattern": "^[d-f]+$", "maxLength": 8},
    ],
}
ONE_PATTERN: Schema = {"type": "string", "pattern": "^[a-f]+$", "maxLength": 8}
EVENTS: Schema = {
    "command": {
        "title": "Commands",
        "type": "object",
        "properties": {"name": CHOICE, "count": NUMBER},
    }
}


def compare_fields(before: Schema, after: Schema) -> tuple[Change, ...]:
    for schema in (before, after):
        parse_fields(wrap(schema))
    old, new = (describe_contract(wrap(it)) for it in (before, after))
    return find_growth(json.loads(json.dumps(old)), new)


# The first schema is narrower than the second. The change that the second makes follows.
WIDER: list[tuple[Schema, Schema, tuple[Kind, Any, Any]]] = [
    (
        CHOICE,
        {**CHOICE, "enum": ["c", "b", "a", "d"]},
        (Kind.MORE_VALUES, None, ["c", "d"]),
    ),
    (
        BRANCHES,
        {"type": "string", "anyOf": [{"enum": ["a", "b"]}, {"enum": ["z"]}]},
        (Kind.MORE_VALUES, None, ["z"]),
    ),
    (CHOICE, TEXT, (Kind.OTHER_VALUES, CHOICE, TEXT)),
    (TEXT, {**TEXT, "maxLength": 9}, (Kind.OTHER_LENGTH, [0, 8], [0, 9])),
    (
        {**TEXT, "minLength": 4},
        {**TEXT, "minLength": 2},
        (Kind.OTHER_LENGTH, [4, 8], [2, 8]),
    ),
    (
        TEXT,
        {**TEXT, "pattern": "^[a-z0-9]+$"},
        (Kind.WIDER_PATTERN, "^[a-z]+$", "^[a-z0-9]+$"),
    ),
    (
        MIXED,
        {
            "type": "string",
            "anyOf": [{"enum": ["A"]}, {"pattern": "^[a-z]*$", "maxLength": 8}],
        },
        (Kind.WIDER_PATTERN, "^[a-z]+$", "^[a-z]*$"),
    ),
    (TWO_PATTERNS, ONE_PATTERN, (Kind.OTHER_VALUES, TWO_PATTERNS, ONE_PATTERN)),
    (NUMBER, {**NUMBER, "maximum": 11}, (Kind.WIDER_RANGE, [0, 10], [0, 11])),
    (NUMBER, {**NUMBER, "minimum": -1}, (Kind.WIDER_RANGE, [0, 10], [-1, 10])),
    (
        {"type": "boolean", "enum": [True]},
        {"type": "boolean"},
        (Kind.MORE_VALUES, None, [False]),
    ),
    (
        {"type": "array", "items": CHOICE, "maxItems": 2},
        {"type": "array", "items": CHOICE, "maxItems": 3},
        (Kind.LONGER_LIST, 2, 3),
    ),
    (
        {"type": "array", "items": CHOICE, "maxItems": 2},
        {"type": "array", "items": {**CHOICE, "enum": ["a", "b", "c"]}, "maxItems": 2},
        (Kind.MORE_VALUES, None, ["c"]),
    ),
]


@pytest.mark.parametrize(("narrow", "wide", "change"), WIDER)
def test_a_wider_field_is_growth_and_says_how(
    narrow: Schema, wide: Schema, change: tuple[Kind, Any, Any]
) -> None:
    title, description = "Shelf", "What is on it."
    grown = {**wide, "title": title, "description": description}

    kind, before, after = change
    assert compare_fields(narrow, grown) == (
        Change(kind, None, "field", title, description, before, after),
    )


@pytest.mark.parametrize(("narrow", "wide", "_"), WIDER)
def test_a_narrower_field_is_not_growth(
    narrow: Schema, wide: Schema, _: object
) -> None:
    assert compare_fields(wide, narrow) == ()


@pytest.mark.parametrize("schema", [TEXT, CHOICE, NUMBER, BRANCHES, MIXED])
@pytest.mark.parametrize(
    "words",
    [
        {"title": "Other"},
        {"description": "Other."},
        {"examples": ["a"]},
        {"$comment": "Other."},
        {"x-published": True},
        {"x-drop-invalid": True},
    ],
)
def test_what_does_not_change_the_values_is_not_growth(
    schema: Schema, words: Schema
) -> None:
    assert compare_fields(schema, {**schema, **words}) == ()


def test_another_type_is_growth() -> None:
    (change,) = compare_fields(CHOICE, {"type": "integer", "enum": [1]})

    assert (change.kind, change.before, change.after) == (
        *(Kind.OTHER_TYPE, "string"),
        "integer",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The same values in another form, and values in another order.
        (CHOICE, BRANCHES),
        (BRANCHES, CHOICE),
        (CHOICE, {**CHOICE, "enum": ["b", "a"]}),
        (CHOICE, {**CHOICE, "type": ["string", "null"]}),
        (TEXT, {**TEXT, "enum": ["ab", "TOO", "abcdefghi"]}),  # only "ab" can be sent
        (TEXT, CHOICE),
        (NUMBER, {"type": "integer", "enum": [0, 10]}),
        (MIXED, TEXT),
    ],
)
def test_values_that_could_be_sent_before_are_not_growth(
    before: Schema, after: Schema
) -> None:
    assert compare_fields(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Narrower patterns, but nothing proves it.
        (
            {**TEXT, "pattern": "^[a-z][a-z]$"},
            {**TEXT, "pattern": "^[a-z]{2}$"},
        ),
        # A text must fit the outer words and a branch.
        (
            {**MIXED, "pattern": "^[a-c]+$", "maxLength": 8},
            {**MIXED, "pattern": "^[a-z]+$", "maxLength": 8},
        ),
    ],
)
def test_what_may_be_wider_is_growth(before: Schema, after: Schema) -> None:
    assert compare_fields(before, after) != ()


def test_a_new_field_comes_with_its_title_and_description() -> None:
    before, after = (copy.deepcopy(load_schema()) for _ in range(2))
    color = {"title": "Color", "description": "Of the cover.", "type": "boolean"}
    after["properties"]["color"] = color
    after["required"].append("color")

    assert find_growth(describe_contract(before), describe_contract(after)) == (
        Change(Kind.NEW_FIELD, None, "color", "Color", "Of the cover."),
    )
    assert find_growth(describe_contract(after), describe_contract(before)) == ()


def test_a_nested_field_is_named_by_its_path() -> None:
    group: Schema = {"type": "object", "properties": {"a": {"type": "boolean"}}}
    wider = copy.deepcopy(group)
    wider["properties"]["b"] = {"type": "boolean", "title": "B"}

    assert compare_fields(group, wider) == (
        Change(Kind.NEW_FIELD, None, "field.b", "B", ""),
    )


def test_a_new_key_of_a_map_is_a_new_field() -> None:
    narrow = {
        "type": "object",
        "title": "Formats",
        "propertyNames": {"enum": ["pdf"]},
        "additionalProperties": NUMBER,
    }
    wide = {**narrow, "propertyNames": {"enum": ["pdf", "epub"]}}

    assert compare_fields(narrow, wide) == (
        Change(Kind.NEW_FIELD, None, "field.epub", "Formats: epub", ""),
    )


def test_a_field_that_becomes_required_is_not_growth() -> None:
    before = copy.deepcopy(load_schema())
    after = {**before, "required": [*before["properties"]]}

    assert find_growth(describe_contract(before), describe_contract(after)) == ()


def test_a_field_that_the_receiver_sets_is_not_growth_until_it_is_sent() -> None:
    before, after = (copy.deepcopy(load_schema()) for _ in range(2))
    after["properties"]["country"] = {**CHOICE, "x-set-by-receiver": True}
    added = describe_contract(after)

    assert find_growth(describe_contract(before), added) == ()

    del after["properties"]["country"]["x-set-by-receiver"]
    (change,) = find_growth(added, describe_contract(after))
    assert change.kind is Kind.NEW_FIELD


def change_events(change: Callable[[Schema], object]) -> tuple[Change, ...]:
    schema, events = load_schema(), copy.deepcopy(EVENTS)
    change(events)
    return find_growth(
        describe_contract(schema, EVENTS), describe_contract(schema, events)
    )


def test_a_new_event_is_listed_with_all_that_it_sends() -> None:
    added = {**EVENTS["command"], "title": "Searches", "description": "Daily."}

    assert change_events(lambda events: events.update(search=added)) == (
        Change(Kind.NEW_EVENT, "search", "", "Searches", "Daily."),
        Change(Kind.NEW_PROPERTY, "search", "name", "name", ""),
        Change(Kind.NEW_PROPERTY, "search", "count", "count", ""),
    )


def test_a_new_property_of_an_event_is_growth() -> None:
    assert change_events(
        lambda events: events["command"]["properties"].update(ok={"type": "boolean"})
    ) == (Change(Kind.NEW_PROPERTY, "command", "ok", "ok", ""),)


def test_more_values_of_an_event_are_growth() -> None:
    (change,) = change_events(
        lambda events: events["command"]["properties"].update(
            name={**CHOICE, "enum": ["a", "b", "c"]}
        )
    )

    assert (change.kind, change.event, change.name, change.after) == (
        *(Kind.MORE_VALUES, "command", "name"),
        ["c"],
    )


def test_the_first_events_are_growth_and_removed_ones_are_not() -> None:
    without, with_events = (
        describe_contract(load_schema()),
        describe_contract(load_schema(), EVENTS),
    )

    assert [it.kind for it in find_growth(without, with_events)] == [
        Kind.NEW_EVENT,
        Kind.NEW_PROPERTY,
        Kind.NEW_PROPERTY,
    ]
    assert find_growth(with_events, without) == ()


@pytest.mark.parametrize(
    "project", ["codegraph", "manyfold", "octoprint", "printernizer"]
)
def test_the_contracts_of_this_repository_can_be_kept_and_compared(
    project: str,
) -> None:
    schemas = [
        json.loads(it.read_text("utf-8"))
        for it in (ROOT / "projects" / project).glob("*.schema.json")
    ]
    facts = [it for it in schemas if "x-installation-id" in it]
    events = [it for it in schemas if "x-installation-id" not in it]

    for schema in facts:
        description = describe_contract(schema, *events)
        kept = json.loads(json.dumps(description))
        assert kept == description
        assert find_growth(kept, description) == ()
        assert find_growth({}, description) != ()


@pytest.mark.parametrize(
    ("pattern", "than"),
    [
        ("^[a-z]$", "^[a-z]$"),
        ("^[a-z]$", "^[a-z0-9]$"),
        ("^a$", "^[a-z]$"),
        ("^[b-y]+$", "^[a-mn-z]+$"),
        (r"^\.$", "^[.]$"),
        (r"^[\]\-]$", r"^[-\]]$"),
        ("^a{3}$", "^a{2,4}$"),
        ("^a{2,3}$", "^a{2,}$"),
        ("^a?$", "^a*$"),
        ("^a+$", "^a*$"),
        ("^a{1,}$", "^a+$"),
        ("^a+?$", "^a*$"),
        ("^(?:ab){2}$", "^([a-c]b)+$"),
        ("^(?:a|b)c$", "^(a|[bc])c$"),
    ],
)
def test_a_narrower_pattern_is_found(pattern: str, than: str) -> None:
    assert is_supported(pattern)
    assert is_supported(than)
    assert is_narrower(pattern, than)


@pytest.mark.parametrize(
    ("pattern", "than"),
    [
        ("^a{2,4}$", "^a{2,3}$"),
        ("^a{1,3}$", "^a{2,3}$"),
        ("^a+$", "^a{0,99}$"),
        ("^a$", "^ab?$"),  # it is, but nothing proves it
        ("^ab$", "^a$"),
        ("^a+$", "^a[a+]$"),
        ("^(a)$", "^[(a)]{3}$"),
        ("^a|b$", "^a[|]b$"),
        ("^[a-z]$", "^[a-f]$"),
        (r"^\.$", "^a$"),
    ],
)
def test_a_pattern_that_may_match_more_is_not_narrower(pattern: str, than: str) -> None:
    assert not is_narrower(pattern, than)


ATOMS = ["a", "b", "[ab]", "[a-c]", "[b-]", "(a)", "(?:a|b)", "a|c"]
QUANTIFIERS = ["", "?", "*", "+", "{2}", "{1,2}", "{0,}", "+?", "{2}?"]
PATTERNS = [f"^{''.join(it)}$" for it in itertools.product(ATOMS, QUANTIFIERS)]
TEXTS = ["".join(it) for n in range(5) for it in itertools.product("abc-", repeat=n)]


def test_whatever_a_narrower_pattern_matches_the_other_matches() -> None:
    matches = {it: set(filter(re.compile(it).fullmatch, TEXTS)) for it in PATTERNS}

    for pattern, than in itertools.product(PATTERNS, repeat=2):
        assert matches[pattern] <= matches[than] or not is_narrower(pattern, than)


SCALARS: list[Schema] = [
    *(TEXT, CHOICE, BRANCHES, MIXED, TWO_PATTERNS, ONE_PATTERN),
    {**TEXT, "minLength": 2, "maxLength": 4},
    {**TEXT, "enum": ["ab", "AB"]},
    {**MIXED, "pattern": "^[A-c]+$", "maxLength": 2},
    {**MIXED, "enum": ["A", "B", "abc", "a"]},
    {**TEXT, "anyOf": [{"minLength": 7}, {"enum": ["a", "b", "Z"]}]},
]
VALUES = [*TEXTS, *"ABZdef", "AB", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "acdc"]


def test_without_growth_no_value_can_be_sent_that_could_not_be_sent_before() -> None:
    for before, after in itertools.product(SCALARS, repeat=2):
        if not compare_fields(before, after):
            (_, old), (_, new) = (list_fields(wrap(it)) for it in (before, after))
            assert all(old.fits(it) or not new.fits(it) for it in VALUES)
