"""What the weeks of Printernizer's installations add up to, without their IDs."""

import datetime as dt
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import pytest

from tests.projects.printernizer.client import (
    Report,
    change,
    delete,
    example_report,
    submit,
)
from worker.local.harness import Harness

COLUMNS = ("reports", "jobs", "downloads", "uploads", "uptime_hours", "errors")
INSTALLATION = "installation.installation_id"
WEEK = {
    "usage_stats.job_count": 3,
    "usage_stats.file_count": 2,
    "usage_stats.upload_count": 1,
    "usage_stats.uptime_hours": 134,
    "error_summary": {"total_errors": 4},
}
ONE_WEEK = (1, 3, 2, 1, 134, 4)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def report(
    ends: dt.datetime | None = None,
    changes: Mapping[str, object] = MappingProxyType({}),
) -> Report:
    """A report of one installation about the week before *ends*, by default until now."""
    ends = ends or now()
    changed = example_report()
    times = {
        "period.start": ends - dt.timedelta(days=7),
        "period.end": ends,
    }
    texts = {path: time.isoformat(" ") for path, time in times.items()}
    for path, value in {**texts, **WEEK, **changes}.items():
        changed = change(changed, path, value)
    return changed


def sums(
    worker: Harness, pair: str = "installation.deployment_mode"
) -> dict[str, tuple[int, ...]]:
    """The sums of each value of *pair*."""
    added = ", ".join(f'SUM("{column}") AS "{column}"' for column in COLUMNS)
    rows = worker.query(
        f'SELECT "first", {added} FROM counters WHERE pair = ?1 GROUP BY 1',  # noqa: S608  # fixed names
        pair,
    )
    return {row["first"]: tuple(row[column] for column in COLUMNS) for row in rows}


def test_a_week_adds_its_integers(keyed: Harness) -> None:
    submit(keyed, report())
    submit(keyed, report(changes={INSTALLATION: str(uuid.uuid4())}))

    twice = tuple(2 * value for value in ONE_WEEK)
    assert sums(keyed) == {"docker": twice}
    assert sums(keyed, "installation.app_version") == {"2.41.7-6-gbe0da09": twice}


def test_a_week_counts_on_the_day_when_it_ended(keyed: Harness) -> None:
    ended = now() - dt.timedelta(days=3)

    submit(keyed, report(ended))

    days = {row["day"] for row in keyed.query("SELECT day FROM counters WHERE reports")}
    assert days == {ended.date().isoformat()}


def test_ten_retries_add_once(keyed: Harness) -> None:
    """A client that gets no answer sends the same week again, four times an hour."""
    for _ in range(10):
        assert submit(keyed, report()).status_code == 200

    assert sums(keyed) == {"docker": ONE_WEEK}


@pytest.mark.both
def test_ten_reports_at_once_add_once(keyed: Harness) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = pool.map(lambda _: submit(keyed, report()).status_code, range(10))
        assert set(answers) == {200}

    assert sums(keyed) == {"docker": ONE_WEEK}


@pytest.mark.parametrize(("days", "weeks"), [(0, 1), (1, 1), (6, 1), (7, 2), (30, 2)])
def test_a_week_is_added_if_it_ends_seven_days_after_the_last_one(
    keyed: Harness, days: int, weeks: int
) -> None:
    submit(keyed, report(now() - dt.timedelta(days=days)))

    submit(keyed, report())

    assert sums(keyed)["docker"][0] == weeks


def test_an_earlier_week_is_not_added_after_a_later_one(keyed: Harness) -> None:
    submit(keyed, report())

    submit(keyed, report(now() - dt.timedelta(days=14)))

    assert sums(keyed)["docker"][0] == 1


def test_a_report_over_the_limit_of_an_hour_adds_nothing(keyed: Harness) -> None:
    for days in range(77, 7, -7):
        assert submit(keyed, report(now() - dt.timedelta(days=days))).status_code == 200

    assert submit(keyed, report()).status_code == 429

    assert sums(keyed)["docker"][0] == 10


def test_a_report_without_integers_counts_with_zeros(keyed: Harness) -> None:
    empty = report(changes={"usage_stats": {}, "error_summary": ...})

    assert submit(keyed, empty).status_code == 200

    assert sums(keyed) == {"docker": (1, 0, 0, 0, 0, 0)}


def test_a_report_that_is_refused_adds_nothing(keyed: Harness) -> None:
    refused = report(changes={"usage_stats.job_count": 1_000_001})

    assert submit(keyed, refused).status_code == 422

    assert sums(keyed) == {}


def test_forgetting_an_installation_leaves_the_sums_which_hold_no_id(
    keyed: Harness,
) -> None:
    sent = report()
    submit(keyed, sent)
    installation = str(sent["installation"]["installation_id"])  # type: ignore[index]  # an object

    assert delete(keyed, installation).json()["deleted_count"] == 1

    assert sums(keyed) == {"docker": ONE_WEEK}
    (row, *_) = keyed.query("SELECT * FROM counters")
    assert installation not in row.values()
