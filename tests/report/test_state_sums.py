"""Sums add up, stay within bounds, and lose nothing that is added while they are sent."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from paperless_report.report.outgoing import Sum
from paperless_report.state import sums
from paperless_report.state.database import Database

DAY, NEXT_DAY = "2026-11-26", "2026-11-27"
KEY = ("command", '{"name":"add"}', "count")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with Database(tmp_path).write() as connection:
        yield connection


def values(connection: Connection) -> dict[tuple[str, ...], int]:
    """Return all sums by day, event, labels and name."""
    return {it[:4]: it.value for it in sums.list_days(connection, "9999-12-31")}


def test_the_counts_of_a_day_are_merged_by_event_labels_and_name(
    connection: Connection,
) -> None:
    other = ("command", '{"name":"remove"}', "count")

    sums.add(connection, DAY, {KEY: 1, other: 2})
    sums.add(connection, DAY, {KEY: 3})
    sums.add(connection, NEXT_DAY, {KEY: 5})

    assert values(connection) == {
        (DAY, *KEY): 4,
        (DAY, *other): 2,
        (NEXT_DAY, *KEY): 5,
    }


def test_only_days_that_are_over_are_listed_to_be_sent(connection: Connection) -> None:
    sums.add(connection, NEXT_DAY, {KEY: 1})
    sums.add(connection, DAY, {KEY: 2})

    assert sums.list_days(connection, NEXT_DAY) == [Sum(DAY, *KEY, 2)]


def test_what_is_added_while_sums_are_sent_stays(connection: Connection) -> None:
    sums.add(connection, DAY, {KEY: 3, ("b", "{}", "count"): 1})
    sent = sums.list_days(connection, NEXT_DAY)
    sums.add(connection, DAY, {KEY: 2})

    sums.subtract(connection, sent)

    assert values(connection) == {(DAY, *KEY): 2}


def test_sums_that_were_dropped_while_they_were_sent_stay_dropped(
    connection: Connection,
) -> None:
    sums.add(connection, DAY, {KEY: 3})
    sent = sums.list_days(connection, NEXT_DAY)
    sums.delete_all(connection)

    sums.subtract(connection, sent)

    assert values(connection) == {}


@pytest.mark.parametrize(
    "numbers", [(2**70,), (sums.MOST, sums.MOST), (sums.MOST - 1, 2**63)]
)
def test_a_sum_stays_an_integer_that_json_readers_know(
    connection: Connection, numbers: tuple[int, ...]
) -> None:
    for number in numbers:
        sums.add(connection, DAY, {KEY: number})

    assert values(connection) == {(DAY, *KEY): 2**53 - 1}


def test_a_group_that_is_off_has_no_sums(connection: Connection) -> None:
    sums.add(
        connection, DAY, {KEY: 1, ("b", "{}", "count"): 1, ("c", "{}", "count"): 1}
    )

    sums.delete_events(connection, ["command", "b"])

    assert list(values(connection)) == [(DAY, "c", "{}", "count")]


@pytest.mark.parametrize(
    ("days", "is_kept"),
    [(-5000, False), (-91, False), (-90, True), (0, True), (90, True), (91, False)],
)
def test_sums_are_kept_for_90_days_even_if_the_clock_was_wrong(
    connection: Connection, days: int, *, is_kept: bool
) -> None:
    old = date.fromisoformat(DAY) + timedelta(days=days)
    sums.add(connection, old.isoformat(), {KEY: 1})

    sums.add(connection, DAY, {("b", "{}", "count"): 1})

    assert ((old.isoformat(), *KEY) in values(connection)) is is_kept


def test_beyond_10000_sums_the_oldest_are_dropped(connection: Connection) -> None:
    many = {
        ("b", f'{{"n":{number}}}', "count"): 1 for number in range(sums.MOST_ROWS - 1)
    }
    sums.add(connection, DAY, {KEY: 1, ("a", "{}", "count"): 1})
    sums.add(connection, NEXT_DAY, many)

    left = values(connection)

    assert len(left) == sums.MOST_ROWS
    assert [it for it in left if it[0] == DAY] == [(DAY, *KEY)]
