"""Fields that a project computes from what is recorded, all from one moment."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from paperless_report import Recorded, Reporter, Result, find_faults
from paperless_report.state.log import MOST_ROWS
from tests.report.shelf import CONTRACT, DAY, NOON, Shelf, number

COUNTED = {
    **CONTRACT,
    "required": ["id"],
    "properties": {**CONTRACT["properties"], "loans": number(), "days": number()},
}
EVENTS = {
    it: {"type": "object", "properties": {"count": number()}}
    for it in ("loan", "fault")
}
Summarize = Callable[[Recorded], Mapping[str, Any]]


def open_shelf(shelf: Shelf, summarize: Summarize, **changes: object) -> Reporter:
    declared: dict[str, Any] = {
        "contract": COUNTED,
        "events": EVENTS,
        "groups": {},
        "logged": (*EVENTS,),
        "keeps_log": True,
        "collectors": {},
        "summarize": summarize,
    }
    return shelf.open(**{**declared, **changes})


def count_loans(recorded: Recorded) -> dict[str, Any]:
    return {
        "loans": len([it for it in recorded.log if it.event == "loan"]),
        "days": len(recorded.history),
    }


def test_a_report_holds_what_the_project_computes_from_its_log_and_its_history(
    shelf: Shelf,
) -> None:
    reporter = open_shelf(shelf, count_loans)
    reporter.turn_on()
    for _ in range(2):
        reporter.count("loan")
        shelf.now += DAY
        assert reporter.run(now=True).result is Result.SENT

    bodies = [json.loads(it.body) for it in shelf.endpoint.arrived]
    assert [(it["loans"], it["days"]) for it in bodies] == [(1, 0), (2, 1)]
    assert reporter.preview().payload.values["loans"] == 2


def test_the_project_sees_one_moment_in_each_run_and_preview(shelf: Shelf) -> None:
    seen: list[Recorded] = []

    def summarize(recorded: Recorded) -> dict[str, Any]:
        seen.append(recorded)
        return {}

    reporter = open_shelf(shelf, summarize)
    reporter.preview()
    reporter.turn_on()
    shelf.now += DAY
    reporter.run(now=True)

    before, during = seen
    assert (before.now, during.now) == (NOON, NOON + DAY)
    assert before.turned_on is None
    assert before.installation_id is None
    assert during.turned_on == NOON
    assert during.installation_id == reporter.status().installation_id


def test_a_value_that_does_not_fit_and_an_unknown_name_are_left_out(
    shelf: Shelf,
) -> None:
    reporter = open_shelf(
        shelf, lambda _: {"loans": -1, "days": 3, "secret": "x", "books": None}
    )

    assert {*reporter.preview().payload.values} == {"id", "days"}


def test_a_collector_wins(shelf: Shelf) -> None:
    reporter = open_shelf(
        shelf, lambda _: {"loans": 1, "days": 1}, collectors={"loans": lambda: 2}
    )

    values = reporter.preview().payload.values
    assert (values["loans"], values["days"]) == (2, 1)


@pytest.mark.parametrize("error", [ValueError("/home/me"), SystemExit(1)])
def test_an_error_of_the_project_leaves_its_fields_out_and_says_its_class(
    shelf: Shelf, error: BaseException
) -> None:
    def summarize(_recorded: Recorded) -> dict[str, Any]:
        raise error

    payload = open_shelf(shelf, summarize).preview().payload

    assert {*payload.values} == {"id"}
    assert payload.absences["loans"] == type(error).__name__


def test_a_project_must_give_a_function(shelf: Shelf) -> None:
    reporter = open_shelf(shelf, "count_loans")  # type: ignore[arg-type]  # the fault

    assert [it.attribute for it in find_faults(reporter.project)] == ["summarize"]


def test_many_events_of_one_kind_do_not_push_out_those_of_another(
    shelf: Shelf,
) -> None:
    reporter = open_shelf(shelf, count_loans)
    reporter.count("loan")
    shelf.now += dt.timedelta(hours=1)
    for _ in range(2):
        for _ in range(MOST_ROWS // 2 + 1):
            reporter.count("fault")
        reporter.flush()

    assert len(reporter.read_log("loan")) == 1
    assert len(reporter.read_log("fault")) == MOST_ROWS
