"""The operator reads sums of counters by day and value, as JSON and as CSV."""

import csv
import datetime as dt
import io
import json
from collections import Counter

import pytest

from tests.worker.operator import add, ask, days_ago, read_rows, today
from worker.local.harness import Harness

PAIR = "tool,client"
USED = f"/operator/counters?event=used&pair={PAIR}"
MOST = 2**53 - 1


@pytest.fixture
def used(operated: Harness) -> Harness:
    """The receiver with the use of three tools on three days, and other counters beside."""
    add(
        *(operated, "used", PAIR),
        *((days_ago(9), "search", "cli", 5, 50), (days_ago(9), "search", "web", 1, 10)),
        *((days_ago(2), "search", "cli", 2, 20), (days_ago(2), "open", "web", 7, 70)),
        *((days_ago(2), "(other)", "", 4, 40), (days_ago(0), "list", "", 3, 30)),
    )
    add(operated, "used", "client", (days_ago(2), "cli", "", 99, 990))
    add(operated, "stopped", "", (days_ago(2), "", "", 6, 0))
    bookkeeping = (days_ago(2), "", "#fresh", 1000, 0)
    add(operated, "used", f"#{PAIR}", bookkeeping)
    return operated


def test_by_default_there_is_a_row_for_each_day_and_pair_of_values(
    used: Harness,
) -> None:
    assert read_rows(used, USED) == [
        {
            "day": day,
            "first": first,
            "second": second,
            "count": count,
            "seconds": 10 * count,
        }
        for day, first, second, count in (
            (days_ago(9), "search", "cli", 5),
            (days_ago(9), "search", "web", 1),
            (days_ago(2), "open", "web", 7),
            (days_ago(2), "(other)", "(unknown)", 4),
            (days_ago(2), "search", "cli", 2),
            (days_ago(0), "list", "(unknown)", 3),
        )
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "first",
            [("search", 6), ("open", 7), ("(other)", 4), ("search", 2), ("list", 3)],
        ),
        (
            "second",
            [
                ("cli", 5),
                ("web", 1),
                ("web", 7),
                ("(unknown)", 4),
                ("cli", 2),
                ("(unknown)", 3),
            ],
        ),
        ("none", [(6,), (13,), (3,)]),
    ],
)
def test_the_values_that_are_not_asked_for_are_added_up(
    used: Harness, by: str, expected: list[tuple[object, ...]]
) -> None:
    rows = read_rows(used, f"{USED}&by={by}")

    names = ["count"] if by == "none" else [by, "count"]
    assert [tuple(row[name] for name in names) for row in rows] == expected
    assert {*rows[0]} == {"day", "count", "seconds", *names}


def test_a_week_begins_on_sunday_as_an_edition_does(operated: Harness) -> None:
    sunday = today() - dt.timedelta(days=today().isoweekday() % 7 + 14)
    days = [f"{sunday + dt.timedelta(days=number)}" for number in range(-1, 8)]
    add(operated, "stopped", "", *((day, "", "", 1, 0) for day in days))

    rows = read_rows(operated, "/operator/counters?event=stopped&step=week")

    weeks = Counter({str(sunday + dt.timedelta(days=7 * n)): 0 for n in (-1, 0, 1)})
    assert {row["day"] for row in rows} == {*weeks}
    assert [row["count"] for row in rows] == [1, 7, 1]


def test_a_total_has_one_row_for_each_value_the_largest_first(used: Harness) -> None:
    rows = read_rows(used, f"{USED}&by=first&step=total")

    assert rows == [
        {"first": first, "count": count, "seconds": 10 * count}
        for first, count in (("search", 8), ("open", 7), ("(other)", 4), ("list", 3))
    ]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (9, 2, [9]),
        (9, 1, [9, 2, 2, 2]),
        (2, 0, [2, 2, 2]),
        (2, -1, [2, 2, 2, 0]),
        (1, 0, []),
        (0, 2, []),
        (5000, -5000, [9, 9, 2, 2, 2, 0]),
    ],
)
def test_a_range_has_its_first_day_and_not_its_end(
    used: Harness, start: int, end: int, days: list[int]
) -> None:
    query = f"&by=first&from={days_ago(start)}&until={days_ago(end)}"

    rows = read_rows(used, USED + query)

    assert {row["day"] for row in rows} == {days_ago(number) for number in days}


def test_times_as_grafana_writes_them_are_read_as_their_day(used: Harness) -> None:
    query = f"&from={days_ago(2)}T23:59:59.999Z&until={days_ago(1)}T00:00:00Z"

    rows = read_rows(used, USED + query)

    assert {row["day"] for row in rows} == {days_ago(2)}


def test_values_beyond_the_largest_are_added_to_other(used: Harness) -> None:
    rows = read_rows(used, f"{USED}&by=first&step=total&top=2")

    assert {row["first"]: row["count"] for row in rows} == {
        "search": 8,
        "open": 7,
        "(other)": 7,
    }


def test_an_answer_has_a_bounded_number_of_rows_and_loses_no_count(
    operated: Harness,
) -> None:
    tools = 1000
    add(
        *(operated, "used", PAIR),
        *(
            (days_ago(day), f"tool{n}", "cli", 1, 0)
            for day in (1, 2)
            for n in range(tools)
        ),
    )

    rows = read_rows(operated, f"{USED}&top=500")

    assert len(rows) == 2 * 501
    assert sum(row["count"] for row in rows) == 2 * tools
    assert len(read_rows(operated, USED)) == 2 * 21


def test_too_many_rows_are_refused_with_what_to_change(operated: Harness) -> None:
    query = f"{USED}&top=500&from={days_ago(366)}"

    response = ask(operated, query)

    assert response.status_code == 400
    assert "a larger step or a smaller top" in response.json()["detail"]
    for change in ("&step=week", "&step=total", "&by=none"):
        assert ask(operated, query + change).status_code == 200
    assert ask(operated, query.replace("500", "200")).status_code == 200


def test_a_sum_of_numbers_at_the_limit_stays_there(operated: Harness) -> None:
    """Their sum would be too large for an integer of the database."""
    rows = [(days_ago(1), f"tool{n}", "cli", MOST, 1) for n in range(1100)]
    add(operated, "used", PAIR, *rows)

    (row,) = read_rows(operated, f"{USED}&by=none&step=total")

    assert row == {"count": MOST, "seconds": 1100}


def test_the_csv_has_the_same_rows(used: Harness) -> None:
    for query in ("", "&by=first&step=total", "&by=none&step=week", "&from=2020-01-01"):
        response = ask(used, USED.replace("?", ".csv?") + query)

        assert response.headers["Content-Type"].startswith("text/csv")
        lines = csv.DictReader(io.StringIO(response.text))
        rows = read_rows(used, USED + query)
        assert list(lines) == [
            {name: str(value) for name, value in row.items()} for row in rows
        ]
        assert lines.fieldnames == list(rows[0])


def test_a_spreadsheet_runs_no_value_as_a_formula(operated: Harness) -> None:
    add(operated, "used", PAIR, (days_ago(0), "=1+1", '@x,"y"', 1, 1))

    text = ask(operated, USED.replace("?", ".csv?")).text

    assert text.splitlines()[1:] == [f'{days_ago(0)},\'=1+1,"\'@x,""y""",1,1']


def test_without_counters_there_are_no_rows(operated: Harness) -> None:
    assert read_rows(operated, USED) == []
    text = ask(operated, USED.replace("?", ".csv?")).text
    assert text == "day,first,second,count,seconds\r\n"


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "Set event to one of these: used; stopped."),
        ("?event=", "Set event to one of these: used; stopped."),
        ("?event=constructor", "Set event to one of these: used; stopped."),
        ("?event=__proto__", "Set event to one of these: used; stopped."),
        ("?event=used&event=used", "Set event to one of these: used; stopped."),
        ("?event=used", "Set pair to one of these: tool,client; client."),
        ("?event=used&pair=tool", "Set pair to one of these: tool,client; client."),
        (
            "?event=used&pair=%23tool,client",
            "Set pair to one of these: tool,client; client.",
        ),
        ("?event=used&pair=client&by=second", "Set by to one of these: first; none."),
        ("?event=used&pair=client&by=both", "Set by to one of these: first; none."),
        ("?event=stopped&by=first", "Set by to one of these: none."),
        ("?event=stopped&step=month", "Set step to one of these: day; week; total."),
        *(
            (f"?event=stopped&top={top}", "Set top to a whole number from 1 to 500.")
            for top in ("0", "501", "-1", "1e2", "", "9999999999999999999", "5&top=5")
        ),
        *(
            (f"?event=stopped&{name}={day}", f"Write {name} as 2026-11-27 or")
            for name in ("from", "until")
            for day in (
                *(
                    "",
                    "today",
                    "2026-02-30",
                    "2026-13-01",
                    "0000-00-00",
                    "1764201600000",
                ),
                *("2026-11-27T25:00:00Z", "2026-11-27T00:00:00", "2026-11-27%2000:00"),
                *("2026-11-27T00:00:00%2B02:00", "+012026-11-27", "2026-11-27'--"),
                f"2026-11-27&{name}=2026-11-27",
            )
        ),
    ],
)
def test_a_wrong_query_is_refused_with_what_is_allowed(
    operator_runtime: Harness, query: str, detail: str
) -> None:
    for path in ("/operator/counters", "/operator/counters.csv"):
        response = ask(operator_runtime, path + query)

        assert response.status_code == 400
        assert response.json()["detail"].startswith(detail)
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.cloudflare
def test_a_query_reads_the_rows_of_its_pair_only(operated: Harness) -> None:
    """Other pairs and events of the same days are not read, however many there are."""
    others = [(days_ago(1), f"tool{n}", "cli", 1, 1) for n in range(1000)]
    add(operated, "used", PAIR, *others)
    add(operated, "stopped", "", (days_ago(1), "", "", 6, 0))

    response = ask(operated, "/operator/counters?event=stopped")

    assert response.json() == [{"day": days_ago(1), "count": 6}]
    ((read,),) = json.loads(response.headers["Round-Trips"])
    # Some for each of the 31 days, and some for the row.
    assert read["rows_read"] < 4 * 31
