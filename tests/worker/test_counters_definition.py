"""A declaration of counters that cannot be counted is an error when the receiver starts."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.worker.labs import FOLDER
from worker.local import toolchain

SCRIPT = Path(__file__).with_name("definitions.mjs")
SCHEMA = json.loads((FOLDER / "lab.schema.json").read_text("utf-8"))
EVENTS = json.loads((FOLDER / "events.schema.json").read_text("utf-8"))
LIST = {"type": "array", "items": {"type": "boolean"}, "maxItems": 2}
ONCE = {"until": "until", "days": 7}


def declare(pair: list[str], sums: dict[str, object] | None = None) -> dict[str, Any]:
    """Declare that the event `tool` is counted by *pair*."""
    own = {"count": 1} if sums is None else sums
    return {"events": EVENTS, "declared": {"tool": {"sums": own, "pairs": [pair]}}}


def define(case: dict[str, Any]) -> str | None:
    """Define a report kind with the counters of *case*, and return the error."""
    done = subprocess.run(
        (toolchain.NODE, "--no-warnings", SCRIPT),
        input=json.dumps({"schema": SCHEMA, "cases": [case]}),
        capture_output=True,
        text=True,
        check=True,
    )
    (error,) = json.loads(done.stdout)
    return None if error is None else str(error)


CASES = {
    "a pair with the ID": (declare(["name", "id"]), "by id."),
    "a pair with an unknown field": (declare(["name", "nobody"]), "by nobody."),
    "a pair with a name of the prototype": (declare(["toString"]), "by toString."),
    "a sum of texts": (declare(["name"], {"count": "client"}), "by client."),
    "a sum of an unknown field": (declare(["name"], {"count": "nobody"}), "by nobody."),
    "no sum": (declare(["name"], {}), "by no sum."),
    "two lists": (
        {
            "events": {
                "scan": {"type": "object", "properties": {"a": LIST, "b": LIST}}
            },
            "declared": {"scan": {"sums": {"count": 1}, "pairs": [["a", "b"]]}},
        },
        "by a,b.",
    ),
    "an event without a schema": (
        {"events": {}, "declared": {"toString": {"sums": {"count": 1}, "pairs": []}}},
        "The event toString has no schema.",
    ),
    "a word that is not enforced": (
        {
            "events": {"stop": {"type": "object", "properties": {}, "not": {}}},
            "declared": {"stop": {"sums": {"count": 1}, "pairs": []}},
        },
        "/not is not supported here",
    ),
    "once with the storage mode once": (
        {**declare(["name"]), "once": ONCE, "mode": "once"},
        "counts once only with the storage mode latest",
    ),
    "a field with the name of the events' key": (
        {**declare(["name"]), "field": "events"},
        "has a field called events",
    ),
}


@pytest.mark.parametrize(("case", "reason"), CASES.values(), ids=CASES)
def test_a_declaration_that_cannot_be_counted_is_refused(
    case: dict[str, Any], reason: str
) -> None:
    error = define(case)

    assert error is not None
    assert reason in error


@pytest.mark.parametrize(
    "case",
    [
        declare(["name", "version"]),
        declare(["plugins", "ok"], {"jobs": "jobs", "seconds": "seconds"}),
        {**declare(["name"]), "once": ONCE},
    ],
)
def test_fields_of_the_event_and_of_the_report_can_be_counted(
    case: dict[str, Any],
) -> None:
    assert define(case) is None
