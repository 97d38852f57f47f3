"""The receiver enforces the cases of contracts that the client enforces too."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from paperless_report.contract import parse_fields
from tests.support.contract_cases import REPORTS, WORDS, collect_payload, read_pointers
from worker.local import toolchain

SCRIPT = Path(__file__).with_name("contract.mjs")


def check(cases: Sequence[tuple[Mapping[str, Any], list[Any]]]) -> list[Any]:
    """Check the reports of each contract in Node."""
    done = subprocess.run(
        (toolchain.NODE, SCRIPT),
        input=json.dumps([{"schema": it, "reports": reports} for it, reports in cases]),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The fields of every case's contract, and the verdicts on its reports."""
    cases = [(it[0].schema, [case.report for case in it]) for it in REPORTS.values()]
    return dict(zip(REPORTS, check(cases), strict=True))


def to_columns(row: Mapping[str, Any]) -> dict[str, str]:
    """Write each value as its column has it, as JSON, since True equals 1."""
    return {
        name: json.dumps(
            json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            if isinstance(value, list)
            else int(value)
            if isinstance(value, bool)
            else value
        )
        for name, value in row.items()
        if value is not None
    }


@pytest.mark.parametrize("name", REPORTS)
def test_the_described_schema_accepts_what_the_receiver_accepts(
    answers: Mapping[str, Any], name: str
) -> None:
    described = jsonschema.Draft202012Validator(answers[name]["accepted"])

    for case in REPORTS[name]:
        # JSON Schema neither lowers the case of an ID nor anchors a whole pattern.
        if case.receiver_only or {it[1] for it in case.problems} == {"pattern"}:
            continue
        assert described.is_valid(case.report) == (case.row is not None), case.report


@pytest.mark.parametrize("name", REPORTS)
def test_what_fits_is_stored_and_what_does_not_fit_is_named(
    answers: Mapping[str, Any], name: str
) -> None:
    for case, verdict in zip(REPORTS[name], answers[name]["verdicts"], strict=True):
        if case.row is not None:
            assert to_columns(verdict["row"]) == to_columns(case.row), case.report
        else:
            problems = [
                [".".join(it["path"]), it["keyword"]] for it in verdict["problems"]
            ]
            assert problems == case.problems, case.report


def test_every_word_that_is_not_supported_is_named() -> None:
    answers = check([(case.schema, []) for case in WORDS.values()])

    for (name, case), answer in zip(WORDS.items(), answers, strict=True):
        assert sorted(read_pointers(answer["error"])) == sorted(case.pointers), name


def test_what_the_client_sends_is_stored_whole() -> None:
    cases = [
        case
        for cases in REPORTS.values()
        for case in cases
        if case.row is not None and not case.receiver_only
    ]
    answers = check([(it.schema, [collect_payload(it).report]) for it in cases])

    for case, answer in zip(cases, answers, strict=True):
        (verdict,) = answer["verdicts"]
        assert to_columns(verdict["row"]) == to_columns(case.row or {}), case.report


@pytest.mark.parametrize("name", REPORTS)
def test_the_client_has_the_same_fields(answers: Mapping[str, Any], name: str) -> None:
    fields = parse_fields(REPORTS[name][0].schema).values()

    expected = [[it.name, it.title, it.required] for it in fields]
    assert answers[name]["leaves"] == expected


IDENTIFIER = {"type": "string", "enum": ["a"]}


def read_published(**properties: object) -> Any:  # noqa: ANN401  # any JSON
    """The published fields of a contract with these *properties*, or its error."""
    schema = {
        "type": "object",
        "x-installation-id": "id",
        "properties": {"id": IDENTIFIER, **properties},
        "required": ["id"],
    }
    (answer,) = check([(schema, [])])
    return answer.get("published", answer.get("error"))


def test_the_entries_of_a_map_and_the_elements_of_a_list_are_published() -> None:
    entry = {"type": "boolean", "x-published": True}
    items = {"type": "string", "enum": ["axe", "saw"]}
    properties = {
        "features": {
            "type": "object",
            "title": "Features",
            "propertyNames": {"enum": ["mail"]},
            "additionalProperties": entry,
        },
        "tools": {"type": "array", "maxItems": 2, "items": items, "x-published": True},
    }

    mail, tools = read_published(**properties)

    assert mail == {
        "name": "features.mail",
        "title": "Features: mail",
        "boolean": True,
        "array": False,
        "openEnded": False,
        "condition": None,
        "listed": None,
    }
    assert tools == {
        "name": "tools",
        "title": "tools",
        "boolean": False,
        "array": True,
        "openEnded": False,
        "condition": None,
        "listed": ["axe", "saw"],
    }


LISTS = {"type": "array", "maxItems": 1, "items": IDENTIFIER, "x-published": True}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("version", {}),
        ("id", {}),
        ("lists", {"lists": LISTS}),
        ("flag", {"flag": {"type": "boolean", "x-published": True}}),
        ("commit", {}),
    ],
)
def test_a_condition_on_a_field_that_is_not_a_published_text_is_an_error(
    name: str, other: Mapping[str, Any]
) -> None:
    error = read_published(commit={**IDENTIFIER, "x-published": {name: "a"}}, **other)

    assert error == "commit: the field in x-published is not a text that is published."


def test_two_conditions_that_differ_are_an_error() -> None:
    error = read_published(
        channel={**IDENTIFIER, "x-published": True},
        commit={**IDENTIFIER, "x-published": {"channel": "a"}},
        built={**IDENTIFIER, "x-published": {"channel": "b"}},
    )

    assert error == (
        "Every condition in x-published must name the same field and value."
    )
