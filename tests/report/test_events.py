"""Events are read from events.schema.json: which of their fields are labels, and which sums."""

from typing import Any

import pytest

from paperless_report.contract import InvalidContractError
from paperless_report.contract.events import format_labels, parse_events

COUNT = {"type": "integer", "minimum": 0, "maximum": 100}


def schema(**properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_integers_without_a_list_of_values_are_sums_and_the_rest_are_labels() -> None:
    properties = {
        "tool": {"type": "string", "enum": ["a"]},
        "is_new": {"type": "boolean"},
        "rate": {"type": "integer", "enum": [1, 2]},
        "port": {"type": "integer", "anyOf": [{"enum": [80]}, {"enum": [443]}]},
        "tags": {
            "type": "array",
            "items": {"type": "string", "enum": ["x"]},
            "maxItems": 2,
        },
        "count": COUNT,
        "seconds": COUNT,
        "received": {**COUNT, "x-set-by-receiver": True},
    }

    event = parse_events({"print": schema(**properties)})["print"]

    assert list(event.sums) == ["count", "seconds"]
    assert list(event.labels) == ["tool", "is_new", "rate", "port", "tags"]


def test_all_faults_of_all_events_are_named_at_once() -> None:
    with pytest.raises(InvalidContractError) as caught:
        parse_events(
            {
                "start": schema(),
                "a/b": schema(name={"type": "string"}, count=COUNT),
                "stop": schema(count=COUNT, at=schema(day={"type": "boolean"})),
                "run": None,
            }
        )

    assert caught.value.problems == (
        "/start/properties must declare an integer to add up, such as count",
        "/a~1b/properties/name/pattern is missing",
        "/a~1b/properties/name/maxLength is missing",
        "/stop/properties/at must not be an object",
        "/run must be an object",
    )


def test_equal_labels_have_the_same_text() -> None:
    assert format_labels({"b": True, "a": ["x"]}) == '{"a":["x"],"b":true}'
