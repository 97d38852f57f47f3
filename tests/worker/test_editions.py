"""An edition is written once a week, of whole days, and shows no small change."""

import datetime as dt

import pytest

from tests.worker.client import post
from tests.worker.clock import DAY, iso, midnight
from tests.worker.database import clear, select_all
from tests.worker.population import identical_reports, store, store_identical
from tests.worker.reports import UUID
from tests.worker.statistics import (
    WINDOWS,
    get_statistics,
    numbers,
    publish,
    read_publications,
    rounded,
)
from worker.local.harness import Harness

# The cron of a Sunday, and the end of its edition.
END = midnight(2026, 5, 17)
SUNDAY = END + dt.timedelta(hours=3, minutes=17)
WEEK = 7 * DAY
every_window = pytest.mark.parametrize("period", WINDOWS)


def ends(worker: Harness) -> set[tuple[str, str]]:
    """When the windows were counted, and their ends."""
    publications = read_publications(worker)
    return {
        (publications[period]["as_of"], publications[period]["until"])
        for period in WINDOWS
        if period in publications
    }


@pytest.fixture
def running(worker: Harness) -> Harness:
    """The Worker with an edition of a Sunday, of 40 installations."""
    for days in (30, 1):
        store_identical(worker, 40, SUNDAY - WEEK - days * DAY, "a", python="3.12.3")
    publish(worker, SUNDAY - WEEK)
    assert ends(worker) == {(iso(SUNDAY - WEEK), iso(END - WEEK))}
    return worker


def test_an_edition_appears_on_sunday_and_on_no_other_day(running: Harness) -> None:
    store_identical(running, 20, SUNDAY - DAY, "b")

    for days in range(-6, 0):
        publish(running, SUNDAY + days * DAY)
        assert ends(running) == {(iso(SUNDAY - WEEK), iso(END - WEEK))}
    publish(running, SUNDAY)
    assert ends(running) == {(iso(SUNDAY), iso(END))}


def test_an_edition_that_is_late_ends_as_if_it_had_been_on_time(
    running: Harness,
) -> None:
    """Reports that came in the meantime are in the next one."""
    rows = select_all(running)
    rows += identical_reports(20, END - DAY, "b", python="3.13.1")
    store(running, rows[-20:])
    for days in (0, 1, 2):
        store_identical(running, 20, END + days * DAY, "b", python="3.14.0")

    publish(running, SUNDAY + 3 * DAY)

    for period in ("7d", "30d"):
        edition, begin = read_publications(running)[period], END - WINDOWS[period] * DAY
        assert (edition["from"], edition["until"]) == (iso(begin), iso(END))
        assert numbers(edition) == rounded(running, rows, begin, END)


def test_the_first_edition_appears_on_any_day_as_soon_as_its_total_can(
    worker: Harness,
) -> None:
    tuesday = SUNDAY + 2 * DAY
    store_identical(worker, 10, tuesday - DAY, "a")
    publish(worker, tuesday)
    assert get_statistics(worker)["periods"] == []
    assert get_statistics(worker)["as_of"] is None

    store_identical(worker, 5, tuesday, "b")
    publish(worker, tuesday + DAY)
    assert ends(worker) == {(iso(tuesday + DAY), iso(END + 3 * DAY))}

    store_identical(worker, 20, tuesday + DAY, "c")
    publish(worker, tuesday + 2 * DAY)
    assert ends(worker) == {(iso(tuesday + DAY), iso(END + 3 * DAY))}
    publish(worker, SUNDAY + WEEK)
    assert ends(worker) == {(iso(SUNDAY + WEEK), iso(END + WEEK))}


def test_a_run_that_repeats_an_edition_changes_nothing(running: Harness) -> None:
    store_identical(running, 20, SUNDAY - DAY, "b")
    before = publish(running, SUNDAY)
    clear(running, "reports", "installations")

    for hours in (0, 1, 20):
        assert publish(running, SUNDAY + dt.timedelta(hours=hours)) == before


@every_window
@pytest.mark.parametrize(
    ("joined", "repeats"), [(0, True), (1, True), (4, True), (5, False)]
)
def test_numbers_are_repeated_until_five_installations_are_new(
    running: Harness, period: str, joined: int, *, repeats: bool
) -> None:
    before = read_publications(running)[period]
    store_identical(running, 40, SUNDAY - DAY, "a", python="3.14.0")
    store_identical(running, joined, SUNDAY - DAY, "b", python="3.14.0")

    edition = publish(running, SUNDAY)[period]

    assert edition["until"] == iso(END)
    assert (edition["as_of"] == before["as_of"]) == repeats
    assert (numbers(edition) == numbers(before)) == repeats


@pytest.mark.parametrize(("left", "repeats"), [(4, True), (5, False)])
def test_numbers_are_repeated_until_five_installations_are_gone(
    running: Harness, left: int, *, repeats: bool
) -> None:
    before = read_publications(running)["7d"]
    # All others report again.
    store(running, identical_reports(40, SUNDAY - DAY, "a", python="3.14.0")[left:])

    edition = publish(running, SUNDAY)["7d"]

    assert (edition["as_of"] == before["as_of"]) == repeats
    assert (numbers(edition) == numbers(before)) == repeats


def test_changes_of_several_weeks_add_up_until_they_are_shown(running: Harness) -> None:
    before = read_publications(running)["365d"]
    for week in range(4):
        store_identical(running, 2, SUNDAY - DAY + week * WEEK, f"b{week}")
        edition = publish(running, SUNDAY + week * WEEK)["365d"]
        assert edition["until"] == iso(END + week * WEEK)
        shown = week >= 2
        assert (edition["as_of"] == before["as_of"]) != shown
    # The third week showed six; the two of the fourth wait.
    assert edition["as_of"] == iso(SUNDAY + 2 * WEEK)


@every_window
@pytest.mark.parametrize(("forgotten", "repeats"), [(4, True), (5, False)])
def test_forgotten_installations_are_gone_from_the_next_numbers(
    running: Harness, period: str, forgotten: int, *, repeats: bool
) -> None:
    """They count as gone, although nothing of them is left."""
    ids = [f"{number}{UUID[1:]}" for number in range(forgotten)]
    store(
        running,
        [
            {**row, "uuid": uuid}
            for row, uuid in zip(
                identical_reports(forgotten, SUNDAY - 9 * DAY), ids, strict=True
            )
        ],
    )
    running.query("UPDATE installations SET first_received = '2026-01-01'")
    store_identical(running, 40, SUNDAY - DAY, "a")
    before = read_publications(running)[period]

    for uuid in ids:
        assert post(running, {"uuid": uuid}, "/forget").status_code == 204
    # Nothing to forget: it counts nothing.
    assert post(running, {"uuid": UUID}, "/forget").status_code == 204
    edition = publish(running, SUNDAY)[period]

    assert (edition["as_of"] == before["as_of"]) == repeats
    if not repeats:
        rows = select_all(running)
        start = END - WINDOWS[period] * DAY
        assert numbers(edition) == rounded(running, rows, start, END)


@pytest.mark.parametrize(("between", "repeats"), [(8, True), (9, False)])
def test_a_longer_period_shows_no_few_beside_repeated_numbers_of_a_shorter_one(
    worker: Harness, between: int, *, repeats: bool
) -> None:
    """Four left 7d, which still shows them: a reader sees the others between the two."""
    store_identical(worker, between - 4, SUNDAY - 23 * DAY, "b", python="3.13.1")
    store_identical(worker, 5, SUNDAY - 36 * DAY, "c", python="3.14.0")
    store_identical(worker, 44, SUNDAY - 8 * DAY, "a", python="3.12.3")
    before = publish(worker, SUNDAY - WEEK)
    store_identical(worker, 40, SUNDAY - DAY, "a", python="3.12.3")

    after = publish(worker, SUNDAY)

    assert numbers(after["7d"]) == numbers(before["7d"])
    # Five have left 30d, so that it does not repeat its own numbers.
    assert after["30d"]["as_of"] == (before["7d"]["as_of"] if repeats else iso(SUNDAY))
    assert (numbers(after["30d"]) == numbers(before["7d"])) == repeats


def test_installations_that_were_purged_are_gone_from_the_next_numbers(
    worker: Harness,
) -> None:
    """The purge of each day deletes them before the edition could see that they left."""
    store_identical(worker, 40, SUNDAY - 360 * DAY)
    assert publish(worker, SUNDAY)["365d"]["total"] == 40

    for days in range(1, 8):
        editions = publish(worker, SUNDAY + days * DAY)

    assert select_all(worker) == []
    assert editions["365d"]["total"] is None
    assert editions["30d"]["as_of"] == iso(SUNDAY)


@pytest.mark.parametrize(("between", "repeats"), [(1, True), (4, True), (5, False)])
def test_a_longer_period_shows_no_few_installations_beside_a_shorter_one(
    worker: Harness, between: int, *, repeats: bool
) -> None:
    """On a Sunday that begins a month, that month ends with the edition, too."""
    end = midnight(2026, 3, 1)
    rows = store_identical(worker, 40, end - DAY, "a", python="3.12.3")
    rows += store_identical(worker, between, end - 9 * DAY, "b", python="3.13.1")

    editions = publish(worker, end + dt.timedelta(hours=3))

    week = rounded(worker, rows, end - WEEK, end)
    for period in ("30d", "365d", "2026-02"):
        longer = rounded(worker, rows, end - 28 * DAY, end)
        assert numbers(editions[period]) == (week if repeats else longer)
        assert editions[period]["until"] == iso(end)


def test_without_a_secret_a_run_draws_one(worker: Harness) -> None:
    store_identical(worker, 20, SUNDAY - DAY)
    clear(worker, "rounding_secret")

    publish(worker, SUNDAY)
    (first,) = select_all(worker, "rounding_secret")
    publish(worker, SUNDAY + WEEK)

    assert len(first["secret"]) == 32
    assert select_all(worker, "rounding_secret") == [first]
