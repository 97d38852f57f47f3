"""A maintainer reads which value a collector gave, and which the contract allows."""

import json
import sys
from typing import Any

import pytest

from paperless_report.contract.fields import Field
from paperless_report.report.payload import build_payload
from paperless_report.words.absences import list_absences
from paperless_report.words.allowed import describe_allowed
from paperless_report.words.returned import name_kind, show_value

TEXT = {"type": "string", "pattern": "^[a-z]*$", "maxLength": 9}
NUMBER = {"type": "integer", "minimum": -1, "maximum": 5}


class Hostile(list[int]):
    """A value whose own code must not run."""

    def __repr__(self) -> str:
        sys.exit("it ran")


class Markup(str):
    """A text as a framework marks it safe."""

    __slots__ = ()

    def __repr__(self) -> str:
        sys.exit("it ran")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("tree", "'tree'"),
        (Markup("tree"), "'tree'"),
        (7, "7"),
        (True, "True"),
        (2.5, "2.5"),
        (b"raw", "b'raw'"),
        (["a", 1, None], "['a', 1, None]"),
        (list(range(9)), "[0, 1, 2, 3, 4, ...]"),
        ({"a": [[[[]]]]}, "{'a': [[[...]]]}"),
        ("a\x1b[31m\n\u202eb", "'a\\x1b[31m\\n\\u202eb'"),
        (10**5000, "a whole number"),
        (Hostile(), "a value of the type Hostile"),
        ([Hostile()], "[a value of the type Hostile]"),
        (object(), "a value of the type object"),
    ],
    ids=lambda it: it if type(it) is str and it.isprintable() else type(it).__name__,
)
def test_a_value_is_shown_in_one_short_line(value: object, shown: str) -> None:
    assert show_value(value) == shown


def test_of_a_long_text_the_length_is_shown() -> None:
    shown = show_value("x" * 1000)

    assert shown.endswith("xxx' (1000 characters)")
    assert len(shown) < 100


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("secret", "a text"),
        (True, "true or false"),
        (7, "a whole number"),
        (2.5, "a number with decimals"),
        (["secret"], "a list"),
        ({"secret": 1}, "a value of the type dict"),
    ],
    ids=repr,
)
def test_where_no_value_is_shown_its_type_is(value: object, kind: str) -> None:
    assert name_kind(value) == kind


@pytest.mark.parametrize(
    ("schema", "allowed"),
    [
        ({"type": "boolean"}, "true or false"),
        ({"type": ["integer", "null"], **NUMBER}, "a whole number from -1 to 5"),
        (TEXT, "a text of up to 9 characters that matches ^[a-z]*$"),
        (
            {**TEXT, "minLength": 2},
            "a text of 2 to 9 characters that matches ^[a-z]*$",
        ),
        ({"type": "string", "enum": ["a", "b"]}, "one of: a, b"),
        (
            {"type": "integer", "enum": list(range(20))},
            "one of: 0, 1, 2, 3, 4, 5, 6, 7 and 12 more",
        ),
        (
            {"type": "array", "items": NUMBER, "maxItems": 3},
            "a list of up to 3 values, and for each a whole number from -1 to 5",
        ),
        (
            {"type": "string", "anyOf": [{"enum": ["a"]}, TEXT]},
            "one of: a, or a text of up to 9 characters that matches ^[a-z]*$",
        ),
        (
            {**TEXT, "pattern": "x" * 500},
            f"a text of up to 9 characters that matches {'x' * 77}...",
        ),
    ],
    ids=json.dumps,
)
def test_what_a_contract_allows_is_said_in_words(
    schema: dict[str, Any], allowed: str
) -> None:
    assert describe_allowed({**schema}) == allowed


@pytest.mark.parametrize(
    ("shows_values", "value"), [(True, "'tree'"), (False, "a text")]
)
def test_both_are_named_in_the_sentence(*, shows_values: bool, value: str) -> None:
    schema = {"type": "string", "enum": ["grid", "list"]}
    field = Field(("layout",), (False,), "Layout", "", schema)
    payload = build_payload([field], {"layout": lambda: "tree"})

    assert list_absences(payload, shows_values=shows_values) == [
        (
            f"Left out: layout (its collector returned {value}, but the contract allows one "
            "of: grid, list)"
        )
    ]
