"""The daily run corrects what a clock that ran ahead has dated in the future."""

import datetime as dt

import pytest

from tests.worker import labs, machines
from tests.worker.client import post
from tests.worker.clock import DAY, MILLISECOND, iso, midnight
from tests.worker.database import refresh_installations, select_all
from tests.worker.population import store_identical
from tests.worker.reports import OTHER_UUID, UUID, Report
from tests.worker.statistics import get_statistics
from usage_receiver import configuration
from worker.local.harness import Harness

RETENTION = configuration.read_environment("local")["vars"]["RETENTION_DAYS"] * DAY
# Later than the clock of any machine, so that it decides what is in the future.
DUE = midnight(2100, 5, 18) + dt.timedelta(hours=3, minutes=17)
WEEK = 7 * DAY
YEARS = 10 * 365 * DAY

# What the log says if nothing is corrected.
KEPT = "report: kept dates in the future: is the clock of this run behind?"


def store(worker: Harness, *times: dt.datetime) -> None:
    """Store a report of an installation of its own at each of *times*, in this order."""
    for number, time in enumerate(times):
        worker.query(
            "INSERT INTO reports (received, uuid) VALUES (?1, ?2)",
            *(iso(time), f"{number:032x}"),
        )
    refresh_installations(worker)


def times_of(worker: Harness) -> list[str]:
    return [row["received"] for row in select_all(worker)]


def post_at(worker: Harness, report: Report, time: dt.datetime) -> int:
    return post(worker, report, **labs.clock(time)).status_code


@pytest.mark.parametrize("ahead", [2 * DAY, 300 * DAY, YEARS], ids=str)
def test_a_report_dated_in_the_future_does_not_hold_up_the_purge(
    worker: Harness, ahead: dt.timedelta
) -> None:
    old, kept = DUE - RETENTION - DAY, DUE - RETENTION + DAY
    store(worker, DUE + ahead, old, DUE + ahead, old, DUE + ahead, kept, DUE)

    assert worker.run_cron(DUE) == "ok"

    # The first ones were stored before a report that is due, so they are due as well.
    assert times_of(worker) == [iso(kept), iso(kept), iso(DUE)]
    assert len(select_all(worker, "installations")) == 3
    assert worker.run_cron(DUE + DAY + MILLISECOND) == "ok"
    assert times_of(worker) == [iso(DUE)]


def test_reports_dated_in_the_future_get_a_time_between_their_neighbors(
    worker: Harness,
) -> None:
    before, after = DUE - 20 * DAY, DUE - 10 * DAY
    store(worker, before, DUE + YEARS, DUE + YEARS, after, DUE + YEARS, before)

    assert worker.run_cron(DUE) == "ok"

    # The clock that dated the last one was behind, so the row before it decides.
    assert times_of(worker) == [iso(it) for it in (before, *(after,) * 4, before)]
    latest = select_all(worker, "installations")
    assert [row["received"] for row in latest] == times_of(worker)


def test_a_report_dated_in_the_future_is_kept_for_the_retention_from_the_run_on(
    worker: Harness,
) -> None:
    before = (DUE - 3 * DAY, DUE - 2 * DAY, DUE - DAY)
    store(worker, *before, DUE + YEARS, DUE + YEARS + DAY)

    assert worker.run_cron(DUE) == "ok"
    assert times_of(worker) == [iso(it) for it in (*before, DUE, DUE)]
    assert worker.run_cron(DUE + RETENTION) == "ok"
    assert times_of(worker) == [iso(DUE), iso(DUE)]
    assert worker.run_cron(DUE + RETENTION + DAY) == "ok"
    assert times_of(worker) == []
    assert select_all(worker, "installations") == []


def test_an_installation_reports_again_seven_days_after_the_run(
    instrumented: Harness, report: Report
) -> None:
    for number in range(2):
        other = f"{number}{OTHER_UUID[1:]}"
        post_at(instrumented, {**report, "uuid": other}, DUE - (2 - number) * DAY)
    assert post_at(instrumented, report, DUE + YEARS) == 204
    # It is not accepted twice: its report may have come a moment ago.
    assert post_at(instrumented, report, DUE - DAY) == 429

    assert instrumented.run_cron(DUE) == "ok"

    assert post_at(instrumented, report, DUE + WEEK - MILLISECOND) == 429
    assert post_at(instrumented, report, DUE + WEEK) == 204
    mine = [row["received"] for row in select_all(instrumented) if row["uuid"] == UUID]
    assert mine == [iso(DUE), iso(DUE + WEEK)]


def test_installations_dated_in_the_future_count_from_the_next_edition_on(
    worker: Harness,
) -> None:
    store_identical(worker, 10, DUE - 2 * DAY, "a")
    store_identical(worker, 10, DUE - DAY, "b")
    store_identical(worker, 20, DUE + YEARS, "c")
    assert worker.run_cron(DUE) == "ok"

    assert worker.run_cron(DUE + WEEK) == "ok"

    assert get_statistics(worker)["total"] in {35, 40}


def test_the_last_day_of_an_installation_is_at_most_the_day_of_the_run(
    workshop: Harness,
) -> None:
    machines.store(workshop, 1, DUE - DAY, DUE - DAY)
    machines.store(workshop, 1, DUE + YEARS, DUE + YEARS, start=1)
    machines.store(workshop, 1, DUE - 2 * DAY, DUE + YEARS, start=2)
    machines.store(workshop, 1, DUE - 3 * DAY, DUE - 3 * DAY, start=3)

    assert workshop.run_cron(DUE) == "ok"

    assert [
        (row["first_day"], row["last_day"]) for row in select_all(workshop, "machines")
    ] == [
        (f"{DUE - DAY:%F}", f"{DUE - DAY:%F}"),
        (f"{DUE:%F}", f"{DUE:%F}"),
        (f"{DUE - 2 * DAY:%F}", f"{DUE:%F}"),
        (f"{DUE - 3 * DAY:%F}", f"{DUE - 3 * DAY:%F}"),
    ]


def test_sums_of_future_days_are_added_to_the_day_of_the_run(lab: Harness) -> None:
    events = [labs.tool("explore", seconds=3), labs.tool("mine", seconds=4)]
    before = (DUE - 2 * DAY, DUE - DAY)
    for number, time in enumerate((*before, DUE, DUE + YEARS, DUE + YEARS + DAY)):
        labs.send(lab, events, time, number)

    assert lab.run_cron(DUE) == "ok"

    for column, explored, mined in (("count", 3, 3), ("seconds", 9, 12)):
        sums = labs.counts(lab, column=column)
        assert sums[f"{DUE:%F}", "explore", "shell"] == explored
        assert sums[f"{DUE:%F}", "mine", "shell"] == mined
        assert {day for day, _, _ in sums} == {f"{it:%F}" for it in (*before, DUE)}


def test_editions_go_on_after_runs_in_the_future(worker: Harness) -> None:
    store_identical(worker, 20, DUE - 4 * DAY, "a")
    before = [DUE - 3 * DAY, DUE - 2 * DAY, DUE - DAY]
    for due in (*before, DUE + YEARS, DUE + YEARS + 8 * DAY):
        assert worker.run_cron(due) == "ok"
    # Those in the future have purged the others.
    store_identical(worker, 20, DUE - DAY, "b")

    # The first run takes back what those in the future have published.
    assert worker.run_cron(DUE) == "ok"
    assert worker.run_cron(DUE + DAY) == "ok"

    assert get_statistics(worker)["as_of"] == iso(DUE + DAY)
    days = [row["day"] for row in select_all(worker, "activity")]
    assert days == [f"{due - DAY:%F}" for due in (*before, DUE, DUE + DAY)]
    weeks = [row["as_of"] for row in select_all(worker, "weekly_editions")]
    assert max(weeks) == iso(DUE + DAY)


def test_a_run_whose_clock_is_behind_changes_nothing(worker: Harness) -> None:
    """Once the clock is right again, everything would be due for the purge."""
    for day in range(5):
        assert worker.run_cron(DUE + day * DAY) == "ok"
    store(worker, DUE - YEARS, *(DUE + day * DAY for day in range(5)))
    before = times_of(worker)
    days = select_all(worker, "activity")
    worker.read_log()

    assert worker.run_cron(DUE - 30 * DAY) == "ok"

    assert times_of(worker)[-5:] == before[-5:]
    assert select_all(worker, "activity")[-5:] == days
    assert KEPT in worker.read_log()
    assert worker.run_cron(DUE + 5 * DAY) == "ok"
    assert times_of(worker) == before[1:]


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_clock_that_begins_in_1970_corrects_nothing_in_a_new_database(
    worker: Harness, workshop: Harness, lab: Harness, *, is_empty: bool
) -> None:
    """No run shows yet that the clock is behind."""
    past = dt.datetime.fromtimestamp(0, dt.UTC)
    if not is_empty:
        # These came after the power cut.
        store(worker, past)
        machines.store(workshop, 1, past, past, start=100)
        labs.send(lab, [labs.tool("explore")], past, 100)
    store(worker, DUE, DUE + DAY)
    machines.store(workshop, 2, DUE, DUE + DAY)
    labs.send(lab, [labs.tool("explore")], DUE)
    tables = [(worker, "reports"), (worker, "installations")]
    tables += [(workshop, "machines"), (lab, "counters")]
    before = [select_all(*table) for table in tables]
    worker.read_log()

    for receiver in (worker, workshop, lab):
        assert receiver.run_cron(past) == "ok"

    assert [select_all(*table) for table in tables] == before
    assert KEPT in worker.read_log()


def test_what_was_received_while_a_run_is_late_is_not_in_the_future(
    worker: Harness,
) -> None:
    """The run was due years ago; these reports came just now, by the machine's clock."""
    now = dt.datetime.now(dt.UTC)
    due = dt.datetime(2026, 5, 18, tzinfo=dt.UTC)
    store(worker, due - DAY, now, now + DAY - dt.timedelta(minutes=1))
    before = times_of(worker)
    worker.read_log()

    assert worker.run_cron(due) == "ok"

    assert times_of(worker) == before
    assert not [line for line in worker.read_log() if "future" in line]


@pytest.mark.parametrize("ahead", [MILLISECOND, 30 * DAY], ids=str)
def test_the_purge_skips_reports_from_after_the_run(
    worker: Harness, ahead: dt.timedelta
) -> None:
    due = dt.datetime(2026, 5, 18, tzinfo=dt.UTC)
    store(worker, due + ahead, due - RETENTION - DAY)

    assert worker.run_cron(due) == "ok"

    assert times_of(worker) == [iso(due + ahead)]


def test_the_log_says_how_much_was_corrected(worker: Harness) -> None:
    store(worker, DUE - 2 * DAY, DUE - DAY, DUE + YEARS)
    worker.read_log()

    assert worker.run_cron(DUE) == "ok"

    # The report, and what is kept of its installation.
    assert "report: corrected 2 rows, dated in the future" in worker.read_log()
    assert worker.run_cron(DUE) == "ok"
    assert not [line for line in worker.read_log() if "future" in line]
