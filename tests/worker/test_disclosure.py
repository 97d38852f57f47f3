"""Neither reports of one's own nor patience gives away a count or an installation's row."""

import datetime as dt
import json
from collections import Counter, defaultdict
from typing import Any

from tests.worker.client import post
from tests.worker.clock import DAY, midnight
from tests.worker.database import clear, select_all, tables
from tests.worker.population import Row, identical_reports, store
from tests.worker.reports import PUBLISHED, UUID, example_report
from tests.worker.statistics import numbers, publish, read_publications
from worker.local.harness import Harness

END = midnight(2026, 5, 17)
SUNDAY = END + dt.timedelta(hours=3, minutes=17)
WEEK = 7 * DAY
VALUES = [f"{number}.0.0" for number in range(40)]


def versions(edition: dict[str, Any]) -> dict[str, int]:
    cells = edition["fields"]["version"]["cells"]
    return {cell["value"]: cell["installs"] for cell in cells}


def test_ten_reports_of_ones_own_publish_no_withheld_count(worker: Harness) -> None:
    """With ten more, true counts of 0, 1 and 2 were published as 10, 11 and 12."""
    own, true = 10, dict(zip(VALUES, [0, 1, 2] * 13 + [0], strict=True))
    rows = identical_reports(80, END - DAY, "x", version="99.0.0")
    for number, (version, count) in enumerate(true.items()):
        day = END - DAY
        rows += identical_reports(count + own, day, f"{number:02}-", version=version)
    store(worker, rows)

    shown = versions(publish(worker, SUNDAY)["7d"])

    assert shown["99.0.0"] == 80
    # Ten are never shown. Fifteen mean eleven to nineteen, with ten reports of one's own.
    assert not {version for version in shown if true.get(version) == 0}
    assert {shown[version] for version in shown if version in true} <= {15}


def test_at_every_boundary_five_true_counts_remain_possible(worker: Harness) -> None:
    """A sender adds one report a step, and sees at which step each number changes.

    The step gives the sum of the count and its offset, and no more: counts that differ
    by up to four change at the same step, each with an offset of its own.
    """
    changes: dict[tuple[int, int], set[int]] = defaultdict(set)
    rows = identical_reports(80, END - DAY, "x", version="99.0.0")
    for number, version in enumerate(VALUES):
        count = 15 + number % 10
        rows += identical_reports(count, END - DAY, f"{number:02}-", version=version)
    before: dict[str, int] = {}
    for step in range(6):
        own = (
            identical_reports(1, END - DAY, f"{number:02}-{step}", version=version)
            for number, version in enumerate(VALUES)
        )
        rows += [row for reports in own for row in reports] if step else []
        store(worker, rows)
        clear(worker, "publications")
        shown = versions(publish(worker, SUNDAY)["7d"])
        for number, version in enumerate(VALUES):
            if step and shown[version] > before[version]:
                changes[(before[version], step)] |= {15 + number % 10}
        before = shown

    # Forty cells: every pair of number and step is reached from different counts.
    assert max(len(counts) for counts in changes.values()) > 1
    for counts in changes.values():
        assert max(counts) - min(counts) <= 4


ROWS = [
    {"version": "2.15.0", "channel": "stable", "python": "3.12.3", "arch": "x86_64"},
    {"version": "3.0.0", "channel": "dev", "python": "3.13.1", "arch": "riscv64"},
]


def everyday_population() -> list[Row]:
    """Two groups of 40, which report in every week of the test."""
    return [
        row
        for week in (2, 1, 0)
        for group, facts in zip("ab", ROWS, strict=True)
        for row in identical_reports(40, END - DAY - week * WEEK, group, **facts)
    ]


def test_one_newcomer_changes_no_number(worker: Harness) -> None:
    """Whatever the boundaries are: the edition repeats the numbers of the last one."""
    store(worker, everyday_population())
    before = publish(worker, SUNDAY - WEEK)
    store(worker, identical_reports(1, END - DAY, "victim", **ROWS[1]))

    after = publish(worker, SUNDAY)

    for period in ("7d", "30d", "365d"):
        assert numbers(after[period]) == numbers(before[period])


def test_five_reports_of_ones_own_show_a_newcomer_at_boundaries_and_only_there(
    worker: Harness,
) -> None:
    """The rule on small changes cannot hide this, and docs/explanation/privacy.md says so.

    The sender supplies the five changes, and more to bring a number to its boundary. Each
    number of the newcomer's row moves at one of five counts, and stays at the others.
    """
    moved: Counter[tuple[str, str]] = Counter()
    for extra in range(5):
        clear(worker, "publications", "reports", "installations")
        store(worker, everyday_population())
        publish(worker, SUNDAY - WEEK)
        store(worker, identical_reports(5 + extra, END - DAY, "own", **ROWS[0]))
        _, without = numbers(publish(worker, SUNDAY)["365d"])
        clear(worker, "publications")
        store(worker, identical_reports(1, END - DAY, "victim", **ROWS[0]))
        _, cells = numbers(publish(worker, SUNDAY)["365d"])
        moved.update(name for name in cells if cells[name] != without[name])

    fields = [name for name, rule in PUBLISHED.items() if rule is True]
    assert moved == Counter((name, json.dumps(ROWS[0].get(name))) for name in fields)


def test_no_two_numbers_of_a_day_differ_by_a_part_of_a_day(worker: Harness) -> None:
    """On the 8th, 7d and the running month differed by 3 hours and 17 minutes."""
    due = dt.datetime(2026, 10, 8, 3, 17, tzinfo=dt.UTC)
    rows = [
        row
        for group, facts in zip("ab", ROWS, strict=True)
        for row in identical_reports(30, due - 3 * DAY, group, **facts)
    ]
    victim = dt.datetime(2026, 10, 1, 1, 30, tzinfo=dt.UTC)
    store(worker, [*identical_reports(1, victim, "v", **ROWS[1]), *rows])

    editions = publish(worker, due)

    assert set(editions) == {"7d", "30d", "365d"}
    assert len({edition["until"] for edition in editions.values()}) == 1
    for edition in editions.values():
        assert numbers(edition) == numbers(editions["7d"])
        for end in ("from", "until"):
            assert edition[end].endswith("T00:00:00.000Z")


def test_nothing_exact_survives_forgetting_and_the_retention(worker: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    month = now.replace(day=1) - 10 * DAY
    report = {**example_report(), "arch": "my-very-own-machine", "uuid": UUID}
    store(worker, identical_reports(40, month, version="2.15.0", channel="stable"))
    own = dict.fromkeys(select_all(worker, "installations")[0]) | report
    store(worker, [{**own, "received": select_all(worker)[0]["received"]}])
    publish(worker, now)
    assert post(worker, {"uuid": UUID}, "/forget").status_code == 204
    publish(worker, now + dt.timedelta(minutes=5))
    publish(worker, now + 400 * DAY)

    for table in tables(worker):
        assert "very-own" not in str(select_all(worker, table))
    assert select_all(worker, "reports") == select_all(worker, "installations") == []
    assert select_all(worker, "cells") == []
    for edition in read_publications(worker).values():
        total, cells = numbers(edition)
        assert all(count % 5 == 0 and count >= 15 for count in cells.values())
        assert total is None or total % 5 == 0
