"""One collector can return an object of the contract, all its fields at once."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from paperless_report import Reporter, find_faults
from paperless_report.report.payload import Absence, Misfit
from tests.report.shelf import CONTRACT, Shelf, number

RANGES: dict[str, Any] = {"type": "string", "enum": ["0", "1-9", "10+"]}
NESTED: dict[str, Any] = {
    **CONTRACT,
    "required": ["id"],
    "properties": {
        **CONTRACT["properties"],
        "fleet": {
            "type": "object",
            "properties": {
                "count": RANGES,
                "is_busy": {"type": "boolean"},
                "kinds": {
                    "type": "object",
                    "properties": {"old": number(), "new": number()},
                },
            },
        },
    },
}
FLEET = {"count": 7, "is_busy": True, "kinds": {"old": 3, "new": 4}, "names": ["Emma"]}
Collect = Callable[[], Any]


def open_nested(shelf: Shelf, **collectors: Collect) -> Reporter:
    return open_named(shelf, collectors)


def open_named(shelf: Shelf, collectors: Mapping[str, Collect]) -> Reporter:
    return shelf.open(contract=NESTED, events=None, groups={}, collectors=collectors)


def collect(reporter: Reporter) -> dict[str, Any]:
    values = dict(reporter.preview().payload.values)
    del values["id"]
    return values


def test_a_report_holds_what_the_contract_names_of_the_object(shelf: Shelf) -> None:
    preview = open_nested(shelf, fleet=lambda: FLEET).preview()

    assert preview.payload.report["fleet"] == {
        "count": "1-9",
        "is_busy": True,
        "kinds": {"old": 3, "new": 4},
    }
    assert preview.problem is None


def test_the_collector_is_called_once_for_all_fields_of_a_report(shelf: Shelf) -> None:
    calls = []

    def count() -> object:
        calls.append(1)
        return FLEET

    reporter = open_nested(shelf, fleet=count)
    reporter.preview()
    assert calls == [1]
    reporter.preview()

    assert calls == [1, 1]


def test_the_closest_collector_of_a_field_counts(shelf: Shelf) -> None:
    reporter = open_named(
        shelf,
        {
            "fleet": lambda: FLEET,
            "fleet.kinds": lambda: {"old": 1},
            "fleet.kinds.old": lambda: 2,
        },
    )

    # The object in the middle does not know of any new ones.
    assert collect(reporter) == {
        "fleet.count": "1-9",
        "fleet.is_busy": True,
        "fleet.kinds.old": 2,
    }


def test_what_is_computed_from_the_log_comes_before_the_object(shelf: Shelf) -> None:
    project = {"contract": NESTED, "collectors": {"fleet": lambda: FLEET}}
    preview = shelf.open(
        summarize=lambda _: {"fleet.kinds.old": 9}, **project
    ).preview()
    assert preview.payload.values["fleet.kinds.old"] == 9

    preview = shelf.open(summarize=lambda _: fail(), **project).preview()

    assert preview.payload.values["fleet.kinds.old"] == 3
    assert preview.payload.absences == {"books": "LookupError"}


def fail() -> Any:  # noqa: ANN401  # as a collector
    raise LookupError("/secret/path")


@pytest.mark.parametrize(
    ("collector", "absence"),
    [
        (dict, Absence.UNKNOWN),
        (lambda: None, Absence.UNKNOWN),
        (lambda: {"kinds": {"old": "many", "new": -1}}, Misfit),
        (lambda: {"kinds": 7}, "TypeError"),
        (lambda: 7, "TypeError"),
        (fail, "LookupError"),
    ],
    ids=["empty", "none", "no fit", "no inner object", "no object", "fails"],
)
def test_what_an_object_does_not_say_is_absent(
    collector: Collect, absence: Absence | type[Misfit] | str, shelf: Shelf
) -> None:
    payload = open_nested(shelf, fleet=collector).preview().payload

    for name in ("fleet.kinds.old", "fleet.kinds.new"):
        reason = payload.absences[name]
        assert (Misfit if isinstance(reason, Misfit) else reason) == absence
    assert "fleet" not in payload.report


def test_the_wrapper_of_collectors_wraps_it(shelf: Shelf) -> None:
    wrapped = []

    def wrap(inner: Collect, _on_slow: object) -> Collect:
        wrapped.append(inner)
        return inner

    def count() -> object:
        return FLEET

    shelf.open(
        contract=NESTED,
        collectors={"fleet": count},
        wrap_collector=wrap,
    ).preview()

    assert wrapped == [count]


@pytest.mark.parametrize("name", ["fleet.kind", "flee", "fleet.", "", "fleet.count.x"])
def test_the_name_of_no_object_is_a_fault(name: str, shelf: Shelf) -> None:
    project = open_named(shelf, {name: dict}).project

    assert [it.attribute for it in find_faults(project)] == ["collectors"]
    assert find_faults(open_named(shelf, {"fleet.kinds": dict}).project) == []
