"""docs/reference/contract.md shows a contract and an error that are real, and lists every word."""

import json
import re
from collections.abc import Iterator

import pytest

from paperless_report.contract import InvalidContractError, parse_fields
from tests.support.contract_cases import REPORTS
from tests.support.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
EXAMPLE, ERROR = re.findall(
    r"^```(?:json|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)


def list_words(schema: object) -> Iterator[str]:
    """List the words of a schema, without the names of its properties."""
    if not isinstance(schema, dict):
        return
    yield from schema
    for word, argument in schema.items():
        if word == "properties":
            for part in argument.values():
                yield from list_words(part)
        elif word != "x-published":
            for part in argument if isinstance(argument, list) else [argument]:
                yield from list_words(part)


def test_the_example_has_the_fields_that_the_page_names() -> None:
    sentence = PAGE.partition("This contract has the fields")[2].partition(".\n")[0]

    assert re.findall(r"`([^`]+)`", sentence)[:6] == [
        *parse_fields(json.loads(EXAMPLE))
    ]


def test_the_message_is_the_one_that_the_page_shows() -> None:
    schema = json.loads(EXAMPLE)
    properties = schema["properties"]
    properties["version"]["properties"]["app"]["pattern"] = r"^\d+$"
    del properties["jobs"]["maximum"]
    sent = {"type": "string", "enum": ["now"], "format": "date"}
    schema["properties"] = {"sent": sent, **properties}

    with pytest.raises(InvalidContractError) as error:
        parse_fields(schema)

    assert str(error.value) == ERROR.rstrip("\n")


def test_every_word_that_is_supported_is_on_the_page() -> None:
    words = {
        word
        for cases in REPORTS.values()
        for case in cases
        for word in list_words(case.schema)
    }

    assert {word for word in words if f"`{word}" not in PAGE} == set()
