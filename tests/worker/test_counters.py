"""Counters sum what installations did by UTC day and pair of values, without an ID."""

import datetime as dt
import json
from typing import Any

import pytest

from tests.worker.client import get, post
from tests.worker.clock import DAY, iso
from tests.worker.d1_usage import billed_rows, round_trips
from tests.worker.database import select_all
from tests.worker.labs import (
    MOST_EVENTS,
    NOON,
    TOOLS,
    clock,
    counts,
    lab_id,
    send,
    tool,
    values_of,
)
from worker.local.harness import Harness

MOST = 2**53 - 1
SECOND = dt.timedelta(seconds=1)
OLDEST = dt.timedelta(days=30)
NEWEST = dt.timedelta(minutes=10)
TODAY = f"{NOON:%F}"


def test_an_event_is_added_to_each_of_its_pairs(lab: Harness) -> None:
    send(lab, [tool("explore", ok=True, seconds=5)], channel="beta", version="1.4")
    send(lab, [tool("explore", ok=True, seconds=7)], channel="beta", version="1.5")

    for pair, key in {
        TOOLS: ("explore", "shell"),
        "client": ("shell", ""),
        "ok,channel": ("true", "beta"),
    }.items():
        assert counts(lab, pair) == {(TODAY, *key): 2}
        assert counts(lab, pair, column="seconds") == {(TODAY, *key): 12}


def test_no_counter_holds_an_id(lab: Harness) -> None:
    send(lab, [tool("explore")])

    assert lab_id() not in json.dumps(select_all(lab, "counters"))
    assert "id" not in select_all(lab, "counters")[0]


def test_values_that_are_not_reported_are_the_empty_text(lab: Harness) -> None:
    send(lab, [{"event": "tool", "props": {"name": "search"}}])

    assert counts(lab) == {(TODAY, "search", ""): 1}
    assert counts(lab, "ok,channel") == {(TODAY, "", ""): 1}


@pytest.mark.parametrize("props", [{}, {"languages": []}, {"languages": ["c", "C"]}])
def test_an_empty_list_and_one_that_does_not_fit_count_as_not_reported(
    lab: Harness, props: object
) -> None:
    send(lab, [{"event": "scan", "props": props}], version="1.4")

    assert counts(lab, "languages,version", "scan") == {(TODAY, "", "1.4"): 1}


def test_a_list_counts_once_for_each_element(lab: Harness) -> None:
    send(lab, [{"event": "scan", "props": {"languages": ["go", "c", "c"]}}])

    assert counts(lab, "languages,version", "scan") == {
        (TODAY, "c", ""): 1,
        (TODAY, "go", ""): 1,
    }


def test_an_event_without_pairs_has_one_sum_a_day(lab: Harness) -> None:
    send(lab, [{"event": "stop"}, {"event": "stop", "props": None}])

    assert counts(lab, "", "stop") == {(TODAY, "", ""): 2}


@pytest.mark.parametrize(
    ("age", "is_in_bounds"),
    [
        (OLDEST, True),
        (OLDEST + SECOND, False),
        (-NEWEST, True),
        (-NEWEST - SECOND, False),
        (DAY, True),
    ],
)
def test_an_event_counts_on_the_day_of_its_own_time_within_bounds(
    lab: Harness, age: dt.timedelta, *, is_in_bounds: bool
) -> None:
    now = NOON.replace(hour=23, minute=55)
    send(lab, [{**tool("search"), "ts": iso(now - age)}], now)

    day = now - age if is_in_bounds else now
    assert list(counts(lab)) == [(f"{day:%F}", "search", "shell")]


@pytest.mark.parametrize(
    "time", [None, 0, 1779105600000, "yesterday", "", [], {}, True, "9" * 400]
)
def test_an_event_without_a_time_counts_on_the_day_of_receipt(
    lab: Harness, time: object
) -> None:
    send(lab, [{**tool("search"), "ts": time}])

    assert list(counts(lab)) == [(TODAY, "search", "shell")]


@pytest.mark.parametrize(
    "time", ["Sun, 17 May 2026 10:00:00 GMT", "2026-05-17", "2026-05-18T01:00:00+02:00"]
)
def test_a_time_is_any_text_that_is_a_date(lab: Harness, time: str) -> None:
    send(lab, [{**tool("search"), "ts": time}])

    assert list(counts(lab)) == [("2026-05-17", "search", "shell")]


def test_a_sum_stops_at_the_largest_exact_integer(lab: Harness) -> None:
    events = [tool("explore", seconds=MOST)] * MOST_EVENTS
    for _ in range(2):
        send(lab, events)

    assert set(counts(lab, column="seconds").values()) == {MOST}
    assert set(counts(lab).values()) == {2 * MOST_EVENTS}


BAD_EVENTS: dict[str, Any] = {
    "null": None,
    "a text": "tool",
    "a number": 7,
    "a list": [tool("explore")],
    "an empty object": {},
    "an unknown name": {"event": "unknown", "props": {}},
    "a number as name": {"event": 7, "props": {}},
    "no required property": {"event": "tool", "props": {"client": "shell"}},
    "a text as properties": {"event": "tool", "props": "name"},
    "a list as properties": {"event": "tool", "props": [1]},
    "a name that is too long": tool("x" * 65),
    "a name with a line break": tool("explore\n"),
    "a name with NUL": tool("explore\0"),
    "a lone surrogate": tool("\ud800"),
    "a name with markup": tool("<script>"),
    "a name with quotes": tool("'); DROP TABLE counters; --"),
    **{
        f"a name of Object.prototype: {name}": {"event": name, "props": {}}
        for name in ("constructor", "toString", "hasOwnProperty", "valueOf")
    },
    "the prototype itself": {"event": "__proto__", "props": {}},
}


@pytest.mark.parametrize("bad", BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_an_event_that_does_not_fit_is_dropped_at_every_place(
    lab: Harness, bad: object
) -> None:
    for place in range(3):
        events: list[object] = [tool("explore"), tool("search")]
        events.insert(place, bad)
        send(lab, events)

    assert counts(lab) == {
        (TODAY, "explore", "shell"): 3,
        (TODAY, "search", "shell"): 3,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("client", "<b>"), ("ok", "true"), ("ok", 1), ("seconds", -1), ("seconds", 1.5)],
)
def test_an_optional_property_that_does_not_fit_is_dropped_alone(
    lab: Harness, name: str, value: object
) -> None:
    event = {"event": "tool", "props": {"name": "explore", "seconds": 3, name: value}}
    send(lab, [event])

    assert sum(counts(lab).values()) == 1
    assert sum(counts(lab, column="seconds").values()) == 3 * (name != "seconds")


def test_names_of_the_prototype_are_values_like_others(lab: Harness) -> None:
    names = ["constructor", "toString", "__proto__", "hasOwnProperty"]
    send(lab, [tool(name, client=name) for name in names])

    assert values_of(lab) == {(name, name): 1 for name in names}


@pytest.mark.parametrize("events", [None, 7, "tool", {}, {"0": 1}])
def test_events_that_are_not_a_list_count_nothing(lab: Harness, events: object) -> None:
    send(lab, events)

    assert select_all(lab, "counters") == []
    assert len(select_all(lab, "labs")) == 1


def test_only_the_first_hundred_events_of_a_report_count(lab: Harness) -> None:
    events = [tool("explore") if i < MOST_EVENTS else tool("late") for i in range(1000)]
    send(lab, events)

    assert counts(lab) == {(TODAY, "explore", "shell"): MOST_EVENTS}


@pytest.mark.cloudflare
def test_a_report_is_one_round_trip_with_one_statement_for_its_events(
    lab: Harness,
) -> None:
    """A row of a counter is written once and read at most eight times.

    The first report of a day reads more: it looks for the row on the days before.
    """
    clients = [f"client {number}" for number in range(5)]
    events = [
        tool("explore", client=clients[i % 5], ok=True) for i in range(MOST_EVENTS)
    ]
    first, again = (send(lab, events, NOON + SECOND * i) for i in range(2))

    for response in (first, again):
        (trip,) = round_trips(response)
        assert len(trip) == 2
    # Five rows by tool and client, five by client, one by result; three numbers of two pairs.
    read, written = billed_rows(first)
    assert (read <= 50 * 11, written) == (True, 1 + 11 + 2 * 3)
    read, written = billed_rows(again)
    assert (read <= 8 * 11, written) == (True, 11)


@pytest.mark.cloudflare
def test_a_flood_reads_a_bounded_number_of_rows_and_writes_almost_none(
    lab: Harness,
) -> None:
    for start in range(0, 700, MOST_EVENTS):
        names = range(start, start + MOST_EVENTS)
        response = send(lab, [tool(f"x{i}", client=f"y{i}") for i in names])

    # All values are `(other)` by then: a row by tool and client, by client, and by result.
    read, written = billed_rows(response)
    assert (read < 8000, written) == (True, 3)


@pytest.mark.both
@pytest.mark.parametrize("event", ["BEFORE INSERT", "AFTER INSERT", "BEFORE UPDATE"])
def test_a_statement_that_fails_leaves_neither_facts_nor_counters(
    lab: Harness, event: str
) -> None:
    send(lab, [tool("search")], version="1.4")
    before = [select_all(lab, table) for table in ("labs", "counters")]
    lab.query(
        f"CREATE TRIGGER failure {event} ON counters WHEN NEW.second = 'shell'"
        " BEGIN SELECT RAISE(ABORT, 'failure'); END"
    )
    try:
        report = {
            "id": lab_id(),
            "version": "1.5",
            "events": [tool("explore"), tool("search")],
        }
        response = post(lab, report, "/batch", **clock(NOON))
    finally:
        lab.query("DROP TRIGGER failure")

    assert response.status_code == 503
    assert [select_all(lab, table) for table in ("labs", "counters")] == before


def test_counters_are_purged_after_their_retention(lab: Harness) -> None:
    retention = dt.timedelta(days=60)
    for age in (retention, retention + DAY):
        send(lab, [tool("search")], NOON - age)

    assert lab.run_cron(NOON) == "ok"

    assert list(counts(lab)) == [(f"{NOON - retention:%F}", "search", "shell")]
    assert {row["day"] for row in select_all(lab, "counters")} == {
        f"{NOON - retention:%F}"
    }


def test_forgetting_an_installation_keeps_what_it_counted(lab: Harness) -> None:
    send(lab, [tool("explore")])

    assert post(lab, {"id": lab_id()}, "/forget").status_code == 204
    assert select_all(lab, "labs") == []
    assert counts(lab) == {(TODAY, "explore", "shell"): 1}


def test_no_page_or_statistic_shows_a_counter(lab: Harness) -> None:
    send(lab, [tool("explore", client="unmistakable")])
    assert lab.run_cron(NOON) == "ok"

    for path in ("/", "/stats", "/stats.csv", "/fields", "/openapi.json"):
        assert "unmistakable" not in get(lab, path).text
