"""All faults of a declaration are found at once, and without Django."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paperless_report import Project, find_faults
from tests.report.shelf import CONTRACT, EVENTS, text

SOUND: dict[str, Any] = {
    "name": "Shelf",
    "page": "https://shelf.example/reports",
    "prefix": "SHELF",
    "data_dir": "/var/lib/shelf",
    "contract": CONTRACT,
    "events": EVENTS,
    "groups": {"searches": ["search"]},
}


def list_faults(**changes: object) -> list[str]:
    return [str(it) for it in find_faults(Project(**{**SOUND, **changes}))]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data_dir": Path("/var/lib/shelf")},
        {"data_dir": lambda: Path("/nowhere")},
        {"contract": "paperless_report.contract:report.schema.json", "events": None},
        {"default": "on after notice", "period": timedelta(days=1), "kind": "ping"},
    ],
)
def test_a_sound_declaration_has_no_faults(changes: dict[str, object]) -> None:
    assert list_faults(**{"groups": {}, **changes}) == []


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", " "),
        ("page", "shelf.example"),
        ("page", "https://[broken"),
        ("prefix", ""),
        ("prefix", None),
        ("data_dir", ""),
        ("contract", "report.schema.json"),
        ("contract", "/no/such/file.json"),
        ("contract", "no_such_package:report.schema.json"),
        ("contract", {"type": "object"}),
        (
            "contract",
            {
                **CONTRACT,
                "properties": {**CONTRACT["properties"], "id": text("^[a-f]+$", 36)},
            },
        ),
        (
            "contract",
            {
                **CONTRACT,
                "properties": {**CONTRACT["properties"], "events": {"type": "boolean"}},
            },
        ),
        ("events", {"search": {"type": "object", "properties": {}}}),
        ("package", ""),
        ("endpoint", 8787),
        ("collectors", ["version"]),
        ("collectors", {"books": 7}),
        ("collectors", {"nope": lambda: 7}),
        ("groups", {"searches": "search"}),
        ("groups", {"searches": ["nope"]}),
        ("period", 7),
        ("period", timedelta()),
        ("period", timedelta(days=400)),
        ("default", "on"),
        ("kind", "a/b"),
    ],
)
def test_a_fault_names_its_attribute(attribute: str, value: object) -> None:
    faults = list_faults(**{attribute: value})

    assert faults
    assert {it.partition(" ")[0] for it in faults} <= {attribute, "groups"}


def test_all_faults_are_found_at_once() -> None:
    faults = list_faults(name="", kind="", default="on", collectors={"nope": int})

    assert [it.partition(" ")[0] for it in faults] == [
        *("name", "default", "kind", "collectors"),
    ]
