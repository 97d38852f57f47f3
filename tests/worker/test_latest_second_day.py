"""The storage mode latest with a short retention, counted from the second day on."""

from collections.abc import Iterator

import pytest

from tests.worker.client import get
from tests.worker.clock import DAY, midnight
from tests.worker.database import clear
from tests.worker.machines import (
    QUARTER,
    SUNDAY,
    rounded,
    run_workshop,
    send,
    store,
    total_is,
)
from tests.worker.statistics import publish
from worker.local.harness import Harness


@pytest.fixture(scope="module")
def short_runtime() -> Iterator[Harness]:
    with run_workshop("short.ts") as worker:
        yield worker


@pytest.fixture
def short(short_runtime: Harness) -> Harness:
    """A receiver that keeps eight days and counts from the second day on, with empty tables."""
    clear(short_runtime)
    return short_runtime


def test_an_installation_counts_from_its_second_day_on(short: Harness) -> None:
    store(short, 20, SUNDAY - 2 * DAY, SUNDAY - DAY)
    store(short, 30, SUNDAY - DAY, SUNDAY - DAY, start=100)

    week = publish(short, SUNDAY)["7d"]

    assert total_is(short, week, 20)
    assert week["newcomers"] == rounded(short, 30, "newcomers")
    assert "from their second day on" in get(short, "/").text


def test_many_reports_of_one_day_are_one_day(short: Harness) -> None:
    for number in range(16):
        for ping in range(3):
            send(short, number, midnight(2026, 5, 16) + ping * QUARTER)
    store(short, 20, SUNDAY - 2 * DAY, SUNDAY - DAY, start=100)

    week = publish(short, SUNDAY)["7d"]

    assert total_is(short, week, 20)
    assert week["newcomers"] == rounded(short, 16, "newcomers")


def test_only_periods_that_the_retention_covers_are_counted_listed_and_served(
    short: Harness,
) -> None:
    store(short, 20, SUNDAY - 40 * DAY, SUNDAY - DAY)
    assert set(publish(short, SUNDAY)) == {"7d"}
    # Published while the retention was longer.
    short.query(
        "INSERT INTO publications SELECT kind, '30d', as_of, body, counted_until, removed"
        " FROM publications"
    )

    statistics = get(short, "/stats").json()

    assert (statistics["period"], statistics["periods"]) == ("7d", ["7d"])
    assert get(short, "/stats?period=30d").status_code == 404
    page = get(short, "/").text
    assert "7 days</a>" in page
    assert "30 days</a>" not in page


def test_the_page_says_how_late_reports_count(short: Harness) -> None:
    assert "even one from after the end" in get(short, "/").text
