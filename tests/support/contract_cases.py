"""Reads the cases that contracts must meet in Python and in TypeScript."""

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from paperless_report.contract import parse_fields
from paperless_report.report.payload import Payload, build_payload

_TABLE = json.loads(
    Path(__file__).parents[1].joinpath("contract_cases.json").read_text("utf-8")
)


class ReportCase(NamedTuple):
    """A report, and what is stored of it or wrong with it.

    Attributes:
        row: The values that are stored, by the field's name.
        problems: The dotted paths of what is wrong, with the keyword that is not met.
        receiver_only: Whether the reporter can never send it, or stops earlier.
    """

    schema: Mapping[str, Any]
    report: Any
    row: Mapping[str, Any] | None = None
    problems: Sequence[Sequence[str]] = ()
    receiver_only: bool = False


class WordsCase(NamedTuple):
    """A schema, and the JSON Pointers of its words that are not supported."""

    schema: Mapping[str, Any]
    pointers: list[str]


def find_value(report: object, path: str) -> Any:  # noqa: ANN401  # any JSON
    """Return the value at a dotted path; None if there is none."""
    for name in path.split("."):
        report = report.get(name) if isinstance(report, Mapping) else None
    return report


def collect_payload(case: ReportCase) -> Payload:
    """Build the payload of a client whose collectors find the values of the report."""
    fields = parse_fields(case.schema)
    collectors = {
        name: functools.partial(find_value, case.report, name) for name in fields
    }
    return build_payload(fields.values(), collectors)


def wrap(part: object) -> dict[str, Any]:
    """Make a contract with an ID and a required *field*."""
    identifier = {"type": "string", "enum": ["a"]}
    return {
        "type": "object",
        "x-installation-id": "id",
        "properties": {"id": identifier, "field": part},
        "required": ["id", "field"],
    }


def _list_values(case: Mapping[str, Any]) -> list[ReportCase]:
    schema = wrap(case["property"])
    stored = [
        ReportCase(schema, {"id": "a", "field": sent}, {"id": "a", "field": kept}, [])
        for sent, kept in case["stored"]
    ]
    return stored + [
        ReportCase(schema, {"id": "a", "field": sent}, None, [["field", keyword]])
        for keyword, values in case["fails"].items()
        for sent in values
    ]


def _list_reports(case: Mapping[str, Any]) -> list[ReportCase]:
    return [
        ReportCase(
            case["schema"],
            it["report"],
            it.get("row"),
            it.get("problems", []),
            "only" in it,
        )
        for it in case["reports"]
    ]


# By the name of the case.
REPORTS: Mapping[str, list[ReportCase]] = {
    **{case["name"]: _list_values(case) for case in _TABLE["values"]},
    **{case["name"]: _list_reports(case) for case in _TABLE["reports"]},
}
WORDS: Mapping[str, WordsCase] = {
    **{
        case["name"]: WordsCase(case["schema"], case["faults"])
        for case in _TABLE["schemas"]
    },
    **{
        case["name"]: WordsCase(
            wrap(case["property"]), [f"/properties/field{it}" for it in case["faults"]]
        )
        for case in _TABLE["properties"]
    },
    **{
        f"the pattern {pattern}": WordsCase(
            wrap({"type": "string", "pattern": pattern, "maxLength": 9}),
            ["/properties/field/pattern"],
        )
        for pattern in _TABLE["patterns"]
    },
}


def read_pointers(message: str) -> list[str]:
    """Return the JSON Pointers that an error names."""
    first, *lines = message.split("\n")
    assert first == "The contract cannot be enforced:"
    return [line.split()[0] if line[2] == "/" else "" for line in lines]
