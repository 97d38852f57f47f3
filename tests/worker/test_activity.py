"""Each day gets one row with the number of installations that were active."""

import datetime as dt
import json

import pytest

from tests.support import pages
from tests.worker.clock import DAY, DUE, midnight
from tests.worker.database import select_all
from tests.worker.machines import store as store_machines
from tests.worker.operator import ask, read_rows
from tests.worker.population import store_identical
from worker.local.harness import Harness

TODAY = midnight(DUE.year, DUE.month, DUE.day)
YESTERDAY = f"{TODAY - DAY:%F}"
MINUTE = dt.timedelta(minutes=1)
INSTALLATIONS = "/operator/installations"


def run(worker: Harness, due: dt.datetime = DUE) -> list[tuple[object, ...]]:
    """Run the daily work, and return the rows without the kind."""
    assert worker.run_cron(due) == "ok"
    return [tuple(row.values())[1:] for row in select_all(worker, "activity")]


def test_an_installation_that_reports_once_in_seven_days_is_active_on_that_day(
    worker: Harness,
) -> None:
    """With the storage mode once, later reports do not change what a day was."""
    week, month = TODAY - 7 * DAY, TODAY - 30 * DAY
    times = [TODAY, TODAY - MINUTE, TODAY - DAY, TODAY - DAY - MINUTE]
    times += [week, week - MINUTE, month, month - MINUTE]
    for number, received in enumerate(times):
        store_identical(worker, 1 + number, received, f"{number}")
    # They reported again after the day.
    store_identical(worker, 2, TODAY + MINUTE, "1")

    # 2 and 3 were active on the day, 4 and 5 in the week, 6 and 7 in the month.
    assert run(worker) == [(YESTERDAY, 2 + 3, 2 + 3 + 4 + 5, 2 + 3 + 4 + 5 + 6 + 7)]


def test_with_the_newest_facts_alone_the_last_day_decides(operated: Harness) -> None:
    """The first and last day, in days before today, of how many installations."""
    spans = {(0, 0): 1, (40, 0): 2, (1, 1): 4, (7, 7): 8, (8, 8): 16}
    spans |= {(30, 30): 32, (31, 31): 64}
    start = 0
    for (first, last), count in spans.items():
        store_machines(operated, count, TODAY - first * DAY, TODAY - last * DAY, start)
        start += count

    # Who first reported today was not there yesterday.
    assert run(operated) == [(YESTERDAY, 2 + 4, 2 + 4 + 8, 2 + 4 + 8 + 16 + 32)]


@pytest.mark.parametrize("kind", ["once", "latest"])
def test_excluded_installations_are_not_active(
    worker: Harness, operated: Harness, kind: str
) -> None:
    if kind == "once":
        store_identical(worker, 5, TODAY - MINUTE)
        worker.query("UPDATE installations SET excluded = 1 WHERE uuid LIKE '%1'")
        assert run(worker) == [(YESTERDAY, 4, 4, 4)]
    else:
        store_machines(operated, 3, TODAY - DAY, TODAY - DAY)
        store_machines(operated, 9, TODAY - DAY, TODAY - DAY, 3, excluded=1)
        assert run(operated) == [(YESTERDAY, 3, 3, 3)]


def test_the_first_run_of_a_day_decides(operated: Harness) -> None:
    """A later one would count who reported since; the operator may delete the row first."""
    store_machines(operated, 3, TODAY - DAY, TODAY - DAY)
    first = run(operated)
    store_machines(operated, 4, TODAY - 2 * DAY, TODAY, 3)

    assert run(operated, DUE + 6 * MINUTE) == first == [(YESTERDAY, 3, 3, 3)]
    (recipe,) = (
        it.text
        for it in pages.blocks("docs/how-to/operators-view.md", "sql")
        if "activity" in it.text
    )
    operated.query(recipe.replace("2026-05-14", YESTERDAY))
    assert run(operated) == [(YESTERDAY, 7, 7, 7)]


def test_every_day_has_its_row_and_no_row_is_deleted(operated: Harness) -> None:
    store_machines(operated, 3, TODAY - DAY, TODAY - DAY)

    for days in (0, 1, 2, 400):
        rows = run(operated, DUE + days * DAY)

    assert rows == [
        (YESTERDAY, 3, 3, 3),
        (f"{TODAY:%F}", 0, 3, 3),
        (f"{TODAY + DAY:%F}", 0, 3, 3),
        (f"{TODAY + 399 * DAY:%F}", 0, 0, 0),
    ]


def test_a_number_is_null_where_reports_are_not_kept_that_long(
    instrumented: Harness,
) -> None:
    store_identical(instrumented, 3, TODAY - MINUTE)

    assert instrumented.run_cron(DUE, cron="30") == "ok"

    (row,) = select_all(instrumented, "activity")
    assert (row["active_7"], row["active_30"]) == (3, None)


def test_the_rows_are_read_by_day(operated: Harness) -> None:
    rows = [(f"2026-{month:02d}-01", month) for month in range(1, 13)]
    operated.query(
        """INSERT INTO activity
        SELECT 'machine', value ->> 0, value ->> 1, 20, NULL FROM json_each(?1)
        UNION ALL SELECT 'another kind', '2026-03-01', 1, 1, 1""",
        json.dumps(rows),
    )

    read = read_rows(operated, f"{INSTALLATIONS}?from=2026-03-01&until=2026-05-01")

    assert read == [
        {
            "day": f"2026-0{month}-01",
            "active_1": month,
            "active_7": 20,
            "active_30": None,
        }
        for month in (3, 4)
    ]
    text = ask(operated, f"{INSTALLATIONS}.csv?from=2026-03-01&until=2026-04-01").text
    assert text == "day,active_1,active_7,active_30\r\n2026-03-01,3,20,\r\n"
    assert (
        len(read_rows(operated, f"{INSTALLATIONS}?from=2020-01-01&until=2030-01-01"))
        == 12
    )


@pytest.mark.parametrize(
    "query", ["from=yesterday", "until=2026-02-30", "from=1&from=2"]
)
def test_a_wrong_range_is_refused(operator_runtime: Harness, query: str) -> None:
    response = ask(operator_runtime, f"{INSTALLATIONS}?{query}")

    assert response.status_code == 400
    assert "as 2026-11-27" in response.json()["detail"]


@pytest.mark.cloudflare
@pytest.mark.parametrize("installs", [1000, 4000])
def test_a_day_reads_each_installation_once_and_writes_one_row(
    instrumented: Harness, installs: int
) -> None:
    store_identical(instrumented, installs, TODAY - DAY / 2)
    instrumented.read_log()

    assert instrumented.run_cron(DUE) == "ok"

    trips = json.loads(instrumented.read_log()[-1])
    statements = [meta for trip in trips[-3:] for meta in trip]
    assert len(statements) == 3
    assert sum(meta["rows_read"] for meta in statements) <= 2 * installs + 100
    assert sum(meta["rows_written"] for meta in statements) == 1
