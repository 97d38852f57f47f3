"""All faults of a declaration are found at once, and without Django."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paperless_report import Project, ReportFormat, Variables, find_faults
from tests.report.lines import LinesFormat
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


WITH_EVENTS_FIELD: dict[str, Any] = {
    **CONTRACT,
    "properties": {**CONTRACT["properties"], "events": {"type": "boolean"}},
}
OPENED = {**EVENTS, "opened": {"type": "object", "properties": {}}}


def make_format(**attributes: object) -> ReportFormat:
    """Return a format whose class has these attributes."""
    made: ReportFormat = type("Format", (LinesFormat,), attributes)()
    return made


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
        {"prefix": "", "variable_names": Variables("SHELF_ON", "", "SHELF_DATA")},
        {"path": ""},
        {"path": "/track/{id}/{event}/", "format": LinesFormat()},
        {"logged": ["opened"], "events": OPENED, "format": LinesFormat()},
        {"logged": {"opened"}, "events": OPENED, "keeps_log": True},
        {"least_gap": timedelta(hours=1), "enabled": False, "shows_null_id": True},
        {"contract": WITH_EVENTS_FIELD, "format": LinesFormat()},
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
            WITH_EVENTS_FIELD,
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
        ("path", "report"),
        ("path", "/report?a=b"),
        ("path", "/a b"),
        ("format", LinesFormat),
        ("format", make_format(accepted=frozenset())),
        ("format", make_format(timeout_seconds=61)),
        ("variable_names", ("SHELF_ON", "", "")),
        ("variable_names", Variables("SHELF ON", "", "SHELF_DATA")),
        ("variable_names", Variables("ON", "", "DATA", off=("A B",))),
        ("logged", "search"),
        ("logged", ["nope"]),
        ("logged", ["search"]),
        ("log_for", timedelta()),
        ("keeps_log", 1),
        ("least_gap", timedelta(seconds=-1)),
        ("least_gap", timedelta(days=8)),
        ("enabled", None),
        ("shows_null_id", "yes"),
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
