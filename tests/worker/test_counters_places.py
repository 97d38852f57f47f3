"""A pair keeps 500 open rows a day, and what it had before is among them, whatever is sent."""

import datetime as dt

import pytest

from tests.support import pages
from tests.worker.clock import DAY
from tests.worker.database import split_statements
from tests.worker.labs import (
    MOST_OPEN_ROWS,
    NOON,
    OTHER,
    TOOLS,
    count_open,
    counts,
    send,
    send_all,
    tool,
    values_of,
)
from worker.local.harness import Harness

MIDNIGHT = NOON.replace(hour=0)
KNOWN = [tool(f"known {i % 15}", client=f"client {i % 20}") for i in range(60)]
KNOWN_VALUES = {(f"known {i % 15}", f"client {i % 20}") for i in range(60)}


def made_up(count: int, start: int = 0) -> list[dict[str, object]]:
    return [tool(f"x{i}", client=f"y{i}") for i in range(start, start + count)]


def remember(worker: Harness, *days_ago: int) -> None:
    """Send the known traffic of past days."""
    for days in days_ago:
        send_all(worker, KNOWN, NOON - days * DAY)


def test_ten_thousand_made_up_names_at_midnight_displace_nothing_known(
    lab: Harness,
) -> None:
    remember(lab, 7, 2)

    send_all(lab, made_up(10_000), MIDNIGHT)
    send_all(lab, KNOWN)

    rows = values_of(lab)
    assert set(rows) >= KNOWN_VALUES
    assert count_open(rows) <= MOST_OPEN_ROWS
    assert sum(rows.values()) == 10_000 + len(KNOWN)
    assert rows[OTHER, OTHER] >= 10_000 - MOST_OPEN_ROWS
    clients = counts(lab, "client")
    assert all((f"{NOON:%F}", client, "") in clients for _, client in KNOWN_VALUES)


def test_the_first_five_hundred_rows_of_a_new_pair_are_kept(lab: Harness) -> None:
    send_all(lab, made_up(MOST_OPEN_ROWS + 1))

    rows = values_of(lab)
    assert count_open(rows) == MOST_OPEN_ROWS
    assert rows[OTHER, OTHER] == 1


def test_a_row_that_is_kept_is_added_to_for_the_rest_of_the_day(lab: Harness) -> None:
    for _ in range(2):
        send_all(lab, made_up(MOST_OPEN_ROWS + 50))

    rows = values_of(lab)
    assert {count for row, count in rows.items() if row != (OTHER, OTHER)} == {2}
    assert rows[OTHER, OTHER] == 100


def test_values_that_the_contract_lists_are_never_other(lab: Harness) -> None:
    send_all(lab, made_up(MOST_OPEN_ROWS))

    send(
        lab,
        [tool("explore", client="new"), {"event": "tool", "props": {"name": "search"}}],
    )

    rows = values_of(lab)
    assert rows["explore", OTHER] == 1
    assert rows["search", ""] == 1


def test_a_known_first_value_is_kept_with_a_new_second_one(lab: Harness) -> None:
    remember(lab, 3, 1)
    send_all(lab, made_up(1000), MIDNIGHT)

    send(lab, [tool("known 1", client="new"), tool("known 1", client="newer")])

    assert values_of(lab)["known 1", OTHER] == 2
    assert count_open(values_of(lab)) <= MOST_OPEN_ROWS


@pytest.mark.parametrize(
    ("days", "is_known"),
    [((1, 2), True), ((6, 7), True), ((1,), False), ((1, 8), False)],
)
def test_a_row_is_known_if_the_pair_had_it_on_two_of_the_seven_days_before(
    lab: Harness, days: tuple[int, ...], *, is_known: bool
) -> None:
    remember(lab, *days)
    send_all(lab, made_up(1000), MIDNIGHT)

    send_all(lab, KNOWN)

    assert (set(values_of(lab)) >= KNOWN_VALUES) is is_known


def test_the_text_other_is_a_value_without_a_place(lab: Harness) -> None:
    send_all(lab, made_up(MOST_OPEN_ROWS))
    before = values_of(lab)

    send(lab, [tool(OTHER, client=OTHER)] * 3)

    assert values_of(lab) == {**before, (OTHER, OTHER): 3}


def test_names_like_those_of_places_are_values_like_others(lab: Harness) -> None:
    send(lab, [tool(name, client="") for name in ("known", "fresh", "first")])

    assert {first for first, _ in values_of(lab)} == {"known", "fresh", "first"}


def test_no_day_has_more_rows_however_much_is_sent_over_days(lab: Harness) -> None:
    """The same names every other day, then late ones for every day before."""
    for days in range(6):
        day = NOON + days * DAY
        send_all(lab, made_up(600, start=600 * (days % 2)), day)
    for days in range(5, -1, -1):
        send_all(lab, made_up(400, start=250), NOON + 6 * DAY, NOON + days * DAY)

    days_seen = {day for day, _, _ in counts(lab)}
    assert len(days_seen) == 6
    for seen in days_seen:
        rows = values_of(lab, dt.datetime.fromisoformat(seen))
        assert count_open(rows) <= MOST_OPEN_ROWS
        assert sum(rows.values()) == 600 + 400


def test_each_pair_has_places_of_its_own(lab: Harness) -> None:
    send_all(lab, [tool("explore", client=f"y{i}") for i in range(MOST_OPEN_ROWS + 5)])
    send(lab, [{"event": "scan", "props": {"languages": ["go"]}}], version="1.4")

    assert counts(lab, TOOLS)[f"{NOON:%F}", "explore", OTHER] == 5
    assert counts(lab, "client")[f"{NOON:%F}", OTHER, ""] == 5
    assert counts(lab, "languages,version", "scan")[f"{NOON:%F}", "go", "1.4"] == 1


def test_the_recipe_for_a_flood_removes_made_up_names_and_frees_their_places(
    lab: Harness,
) -> None:
    remember(lab, 2, 1)
    send_all(lab, made_up(1000), MIDNIGHT)
    send_all(lab, KNOWN)
    today = f"{NOON:%F}"

    (look,) = read_recipe("SELECT first, second, count")
    assert len(lab.query(look, today, "tool", TOOLS)) == 50
    for pair in (TOOLS, "client"):
        for sql in read_recipe("DELETE FROM counters"):
            lab.query(sql, today, "tool", pair)

    assert set(values_of(lab)) == {*KNOWN_VALUES, (OTHER, OTHER)}
    send(lab, [tool("new", client="new")])
    assert values_of(lab)["new", "new"] == 1


def read_recipe(words: str) -> list[str]:
    """The statements of the recipe in docs/how-to/moderate.md that contains *words*.

    ?1 is the day, ?2 the event and ?3 the pair.
    """
    (recipe,) = (
        it.text
        for it in pages.blocks("docs/how-to/moderate.md", "sql")
        if words in it.text
    )
    for example, parameter in (
        ("'#name,client_name'", "'#' || ?3"),
        ("'name,client_name'", "?3"),
        ("'mcp_tool'", "?2"),
        ("'2026-05-14'", "?1"),
    ):
        recipe = recipe.replace(example, parameter)
    return list(split_statements(recipe))
