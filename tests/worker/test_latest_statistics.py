"""The statistics of the storage mode latest: who counts in a period, and with which facts."""

import datetime as dt
import json
from typing import Any

import pytest

from tests.worker.client import post
from tests.worker.clock import DAY, midnight
from tests.worker.machines import (
    QUARTER,
    SUNDAY,
    machine_id,
    rounded,
    send,
    store,
    total_is,
)
from tests.worker.statistics import publish
from worker.local.harness import Harness


def cells(edition: dict[str, Any], field: str) -> dict[str | None, int]:
    return {
        cell["value"]: cell["installs"] for cell in edition["fields"][field]["cells"]
    }


def expect_cells(
    worker: Harness, field: str, counts: dict[str | None, int]
) -> dict[str | None, int]:
    """The published cells of *counts*."""
    published = {
        value: rounded(worker, count, field, json.dumps(value))
        for value, count in counts.items()
    }
    return {value: count for value, count in published.items() if count is not None}


def test_pings_across_the_end_of_a_month_count_once_in_it_with_the_newest_facts(
    workshop: Harness,
) -> None:
    """What the last report before the end said is not kept; the count is hours later."""
    end = midnight(2026, 5, 1)
    for number in range(16):
        for ping in range(-2, 3):
            version = "1.4" if ping < 1 else "1.5"
            send(workshop, number, end + ping * QUARTER, version)

    april = publish(workshop, end + 13 * QUARTER)["2026-04"]

    assert total_is(workshop, april, 16)
    assert cells(april, "machine.version") == expect_cells(
        workshop, "machine.version", {"1.5": 16}
    )


def test_a_month_stays_as_the_first_run_after_its_end_counted_it(
    workshop: Harness,
) -> None:
    store(workshop, 20, midnight(2026, 4, 10), midnight(2026, 4, 30))
    april = publish(workshop, midnight(2026, 5, 1) + QUARTER)["2026-04"]

    store(workshop, 20, midnight(2026, 4, 10), midnight(2026, 5, 2), start=100)

    assert publish(workshop, midnight(2026, 5, 3))["2026-04"] == april


def test_an_installation_that_was_silent_in_a_period_and_reports_after_it_counts(
    workshop: Harness,
) -> None:
    """A report after the end is a late arrival of one that existed before it."""
    store(workshop, 20, midnight(2026, 1, 1), midnight(2026, 5, 1))
    store(workshop, 20, midnight(2026, 5, 1), midnight(2026, 5, 1), start=100)

    april = publish(workshop, midnight(2026, 5, 1) + QUARTER)["2026-04"]

    assert total_is(workshop, april, 20)


def test_an_installation_last_seen_on_the_first_day_of_a_window_counts(
    workshop: Harness,
) -> None:
    sunday = midnight(2026, 5, 17)
    store(workshop, 20, midnight(2026, 5, 1), sunday - 7 * DAY)
    store(workshop, 30, midnight(2026, 5, 1), sunday - 8 * DAY, start=100)

    editions = publish(workshop, SUNDAY)

    assert total_is(workshop, editions["7d"], 20)
    assert total_is(workshop, editions["30d"], 50)


def test_an_installation_that_changes_its_version_in_the_week_counts_once(
    workshop: Harness,
) -> None:
    for number in range(16):
        send(workshop, number, SUNDAY - 5 * DAY, "1.4")
        send(workshop, number, SUNDAY - 3 * DAY, "1.5")

    week = publish(workshop, SUNDAY)["7d"]

    assert total_is(workshop, week, 16)
    assert cells(week, "machine.version") == expect_cells(
        workshop, "machine.version", {"1.5": 16}
    )


@pytest.mark.parametrize("wrong", [-400 * DAY, -3 * DAY, 3 * DAY, 400 * DAY])
def test_a_wrong_clock_that_was_corrected_changes_no_number(
    workshop: Harness, wrong: dt.timedelta
) -> None:
    for number in range(16):
        send(workshop, number, SUNDAY - 2 * DAY + wrong)
        send(workshop, number, SUNDAY - 2 * DAY)

    assert total_is(workshop, publish(workshop, SUNDAY)["7d"], 16)


def test_installations_with_a_first_day_in_the_future_do_not_count_yet(
    workshop: Harness,
) -> None:
    store(workshop, 20, SUNDAY - DAY, SUNDAY - DAY)
    store(workshop, 20, SUNDAY + 90 * DAY, SUNDAY + 90 * DAY, start=100)

    assert total_is(workshop, publish(workshop, SUNDAY)["7d"], 20)


def test_a_forgotten_installation_counts_again_from_the_next_report(
    workshop: Harness,
) -> None:
    store(workshop, 20, SUNDAY - 40 * DAY, SUNDAY - DAY)
    publish(workshop, SUNDAY)
    for number in range(6):
        post(workshop, {"id": machine_id(number)}, "/forget")
    workshop.query("UPDATE machines SET last_day = '2026-05-20'")

    without = publish(workshop, SUNDAY + 7 * DAY)
    for number in range(6):
        send(workshop, number, SUNDAY + 8 * DAY)
    again = publish(workshop, SUNDAY + 14 * DAY)

    assert total_is(workshop, without["30d"], 14)
    assert total_is(workshop, again["30d"], 20)


def test_an_excluded_installation_is_in_no_number(workshop: Harness) -> None:
    store(workshop, 20, SUNDAY - DAY, SUNDAY - DAY)
    store(workshop, 20, SUNDAY - DAY, SUNDAY - DAY, start=100, excluded=1)

    assert total_is(workshop, publish(workshop, SUNDAY)["7d"], 20)


@pytest.mark.parametrize("changed", [4, 5])
@pytest.mark.parametrize("change", ["joined", "left"])
def test_an_edition_repeats_its_numbers_until_five_installations_changed(
    workshop: Harness, changed: int, change: str
) -> None:
    store(workshop, 40, SUNDAY - 60 * DAY, SUNDAY - DAY)
    before = publish(workshop, SUNDAY)["7d"]
    workshop.query("UPDATE machines SET last_day = '2026-05-20'")
    if change == "joined":
        store(workshop, changed, SUNDAY + DAY, SUNDAY + DAY, start=100)
    else:
        workshop.query(
            "UPDATE machines SET last_day = '2026-05-15' WHERE \"machine.id\" < ?1",
            machine_id(changed),
        )

    after = publish(workshop, SUNDAY + 7 * DAY)["7d"]

    assert (after["as_of"] == before["as_of"]) == (changed < 5)
    now = 40 + changed if change == "joined" else 40 - changed
    assert total_is(workshop, after, 40 if changed < 5 else now)


def test_installations_that_the_purge_deletes_count_as_gone(workshop: Harness) -> None:
    store(workshop, 20, SUNDAY - 60 * DAY, SUNDAY - DAY)
    store(workshop, 20, SUNDAY - 60 * DAY, SUNDAY - 6 * DAY, start=100)
    assert workshop.run_cron(SUNDAY, "8") == "ok"
    workshop.query(
        "UPDATE machines SET last_day = '2026-05-20' WHERE \"machine.id\" < ?1",
        machine_id(100),
    )
    assert workshop.run_cron(SUNDAY + 3 * DAY, "8") == "ok"

    assert workshop.run_cron(SUNDAY + 7 * DAY, "8") == "ok"

    (row,) = workshop.query("SELECT body FROM publications WHERE period = '7d'")
    assert total_is(workshop, json.loads(row["body"]), 20)


def test_each_element_of_a_list_counts_once_for_each_installation(
    workshop: Harness,
) -> None:
    lists = {
        '["axe","saw"]': 16,
        '["axe"]': 17,
        "[]": 18,
        # From an older contract: neither is listed now.
        '["adze","axe","gimlet"]': 19,
    }
    for start, (tools, count) in enumerate(lists.items()):
        store(
            workshop, count, SUNDAY - DAY, SUNDAY - DAY, 100 * start + 1000, tools=tools
        )
    store(workshop, 20, SUNDAY - DAY, SUNDAY - DAY)

    week = publish(workshop, SUNDAY)["7d"]

    assert total_is(workshop, week, 16 + 17 + 18 + 19 + 20)
    assert cells(week, "tools") == expect_cells(
        workshop, "tools", {"axe": 16 + 17 + 19, "saw": 16, "other": 19, None: 20}
    )


@pytest.mark.cloudflare
@pytest.mark.parametrize("installs", [2_000, 6_000])
def test_a_run_reads_each_installation_a_few_times_and_writes_only_publications(
    workshop: Harness, installs: int
) -> None:
    store(workshop, installs, SUNDAY - 10 * DAY, SUNDAY - DAY)
    workshop.read_log()

    publish(workshop, SUNDAY)

    trips = json.loads(workshop.read_log()[-1])
    statements = [meta for batch in trips for meta in batch]
    # Twice in each of the three statements that count, one of them for the operator, and once
    # each for the first day, for dates in the future and for the purge.
    assert sum(meta["rows_read"] for meta in statements) <= 9 * installs + 500
    # The publications, the edition of the week, and the number of active installations.
    assert sum(meta["rows_written"] for meta in statements) <= 6
