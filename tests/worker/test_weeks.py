"""Every weekly edition is kept, and published for charts over time."""

import csv
import io
from typing import Any

import pytest

from tests.worker.client import get
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear, select_all
from tests.worker.failing_database import failing
from tests.worker.population import store_identical
from tests.worker.statistics import publish, read_publications
from worker.local.harness import Harness

SUNDAY = midnight(2026, 5, 24)
WEEK = 7 * DAY


def read_weeks(worker: Harness, query: str = "") -> list[dict[str, Any]]:
    response = get(worker, f"/stats/weeks.json{query}")
    assert response.status_code == 200, response.text
    rows: list[dict[str, Any]] = response.json()
    return rows


@pytest.fixture
def three_weeks(worker: Harness) -> Harness:
    """The Worker with the editions of three weeks, in which the versions change."""
    for number, (old, new) in enumerate(((60, 20), (40, 40), (20, 60))):
        due = SUNDAY + number * WEEK
        for version, installs in (("2.14.0", old), ("2.15.0", new)):
            name = f"{number}{version[3]}"
            store_identical(worker, installs, due - DAY, name, version=version)
        publish(worker, due)
    return worker


def test_every_week_stays_after_the_next_edition(three_weeks: Harness) -> None:
    rows = read_weeks(three_weeks, "?field=version")

    expected = [
        {"until": iso(SUNDAY + number * WEEK), "field": "version", "total": 80}
        | {"value": version, "installs": installs}
        for number, cells in enumerate(
            (
                {"2.14.0": 60, "2.15.0": 20},
                {"2.14.0": 40, "2.15.0": 40},
                {"2.15.0": 60, "2.14.0": 20},
            )
        )
        for version, installs in cells.items()
    ]
    assert rows == expected
    (current,) = [
        publication
        for period, publication in read_publications(three_weeks).items()
        if period == "7d"
    ]
    assert current["until"] == rows[-1]["until"]


def test_a_week_repeats_what_was_published_and_nothing_else(worker: Harness) -> None:
    """An exact number, or one that was too small to publish, is in no row (S10)."""
    store_identical(worker, 37, SUNDAY - DAY, "a", version="2.14.0")
    store_identical(worker, 9, SUNDAY - DAY, "b", version="2.15.0")
    edition = publish(worker, SUNDAY)["7d"]

    rows = read_weeks(worker)

    published = {
        (name, cell["value"], cell["installs"])
        for name, field in edition["fields"].items()
        for cell in field["cells"]
    }
    published.add(("total", None, edition["total"]))
    assert {(row["field"], row["value"], row["installs"]) for row in rows} == published
    assert "2.15.0" not in str(rows)
    assert all(row["installs"] % 5 == row["total"] % 5 == 0 for row in rows)


def test_commits_are_a_part_of_the_betas(worker: Harness) -> None:
    facts = {"channel": "beta", "commit": "bd86dca57"}
    store_identical(worker, 20, SUNDAY - DAY, "a", **facts)
    store_identical(worker, 60, SUNDAY - DAY, "b", channel="stable")
    publish(worker, SUNDAY)

    (row,) = read_weeks(worker, "?field=commit")

    assert (row["installs"], row["total"]) == (20, 20)


def test_a_withheld_value_leaves_every_week_until_that_is_undone(
    three_weeks: Harness,
) -> None:
    before = read_weeks(three_weeks)
    three_weeks.query("INSERT INTO withheld_values VALUES ('version', '2.14.0')")

    after = read_weeks(three_weeks)

    assert after == [row for row in before if row["value"] != "2.14.0"]
    assert "2.14.0" not in get(three_weeks, "/stats/weeks.csv").text
    clear(three_weeks, "withheld_values")
    assert read_weeks(three_weeks) == before


def test_the_csv_has_the_same_rows(three_weeks: Harness) -> None:
    text = get(three_weeks, "/stats/weeks.csv").text

    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row.pop("rounding") for row in rows} == {"rounded to 5, shown from 15"}
    expected = [
        {name: str(value) for name, value in row.items()}
        | {"value": row["value"] or ("" if row["field"] == "total" else "(unknown)")}
        for row in read_weeks(three_weeks)
    ]
    assert rows == expected


def test_the_week_that_an_earlier_release_published_is_kept(worker: Harness) -> None:
    store_identical(worker, 40, SUNDAY - DAY, "a")
    publish(worker, SUNDAY)
    clear(worker, "weekly_editions")
    store_identical(worker, 40, SUNDAY + 5 * DAY, "b")

    publish(worker, SUNDAY + WEEK)

    weeks = [row["until"] for row in read_weeks(worker, "?field=total")]
    assert weeks == [iso(SUNDAY), iso(SUNDAY + WEEK)]


def test_a_run_that_fails_to_keep_the_week_publishes_nothing(worker: Harness) -> None:
    store_identical(worker, 40, DUE - DAY)

    with failing(worker, "week not kept"):
        assert worker.run_cron(DUE) != "ok"

    assert select_all(worker, "publications") == []
    publish(worker, DUE)
    assert [row["installs"] for row in read_weeks(worker, "?field=total")] == [40]


def test_without_an_edition_there_are_no_rows(worker: Harness) -> None:
    assert read_weeks(worker) == []
    header = "until,field,value,installs,total,rounding\r\n"
    assert get(worker, "/stats/weeks.csv").text == header


@pytest.mark.parametrize(
    "query", ["?field=nothing", "?field=uuid", "?field=version&field=arch"]
)
def test_an_unknown_field_is_refused_with_the_allowed_ones(
    worker: Harness, query: str
) -> None:
    for path in ("/stats/weeks.json", "/stats/weeks.csv"):
        response = get(worker, path + query)

        assert response.status_code == 400
        assert "total, version, channel" in response.json()["detail"]
        assert "nothing" not in response.text
