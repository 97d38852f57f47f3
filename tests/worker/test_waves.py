"""`exclude` finds a wave of made-up installations, takes it out of the statistics, and puts it back."""

import datetime as dt
import shlex
from typing import Any

import pytest

from tests.support import pages
from tests.worker.clock import DAY, DUE, iso
from tests.worker.database import select_all, split_statements
from tests.worker.population import identical_reports, store
from tests.worker.statistics import publish
from usage_receiver import (
    command_line,
    configuration,
    exclude,
    generate,
    options,
    waves,
)
from usage_receiver.selection import (
    ExcludeError,
    Selection,
    build_conditions,
    parse_ids,
)
from worker.local.harness import Harness

# The wave of the page. It lies in two hours of the clock.
SINCE = dt.datetime(2026, 5, 14, 21, 40, tzinfo=dt.UTC)
WAVE = {"version": "9.9.9", "arch": "riscv64", "channel": "stable"}
HONEST = {"version": "2.15.0", "arch": "x86_64", "channel": "stable"}
WHOLE_WAVE = Selection(
    values=("version=9.9.9", "arch=riscv64"),
    since="2026-05-14T21:40",
    until="2026-05-14T22:20",
)


@pytest.fixture
def flooded(worker: Harness) -> Harness:
    """The Worker with forty honest installations and a wave of thirty others."""
    rows = []
    for number in range(40):
        time = SINCE - number * dt.timedelta(hours=5)
        rows += identical_reports(1, time, f"a{number}", **HONEST)
    for number in range(30):
        time = SINCE + number * dt.timedelta(seconds=80)
        rows += identical_reports(1, time, f"b{number}", **WAVE)
    # Alike in everything that marks the wave, but first seen on another day.
    rows += identical_reports(5, SINCE + DAY, "c", **WAVE)
    store(worker, sorted(rows, key=lambda row: row["received"]))
    return worker


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return generate.describe_installations(configuration.PAPERLESS_NGX)


def make_query(worker: Harness) -> exclude.Query:
    def query(sql: str) -> list[dict[str, Any]]:
        results = [worker.query(it) for it in split_statements(f"{sql};\n")]
        return next(filter(None, results), [])

    return query


def run(
    worker: Harness,
    described: dict[str, Any],
    selection: Selection,
    *,
    undo: bool = False,
    apply: bool = True,
) -> str:
    """Run `exclude` on the database, and return what it prints as one line."""

    query = make_query(worker)
    lines = exclude.exclude(query, described, selection, apply=apply, undo=undo)
    assert max(map(len, lines)) <= 80
    return " ".join(lines)


def parse_wave(line: str) -> Selection:
    """Return the selection of a line that names a wave, as a shell passes it on."""
    arguments = ["exclude", *shlex.split(line)]
    return options.read_selection(command_line.create_parser().parse_args(arguments))


def excluded(worker: Harness) -> set[str]:
    rows = select_all(worker, "installations")
    return {row["uuid"][0] for row in rows if row["excluded"]}


def versions(worker: Harness, due: dt.datetime = DUE) -> dict[str, int]:
    cells = publish(worker, due)["30d"]["fields"]["version"]["cells"]
    return {cell["value"]: cell["installs"] for cell in cells}


def test_a_wave_and_nothing_else_is_found_as_on_the_page(
    flooded: Harness, described: dict[str, Any]
) -> None:
    found = waves.find_waves(make_query(flooded), described)

    shown = [it.text for it in pages.blocks("docs/how-to/moderate.md", "text")]
    assert "\n".join(found) in (it.rstrip() for it in shown)
    printed = run(flooded, described, parse_wave(found[1]), apply=False)
    assert printed.startswith("30 of 75 installations match.")


def test_the_line_of_a_wave_selects_it_whatever_its_values_are(
    worker: Harness, described: dict[str, Any]
) -> None:
    facts = {"version": "it's $(id) 9", "channel": "beta", "multi_user": 1}
    store(worker, identical_reports(12, SINCE, "a", **facts))
    # Too few.
    store(worker, identical_reports(9, SINCE + DAY, "b", version="2.15.0"))

    found = waves.find_waves(make_query(worker), described)

    assert len(found) == 3
    assert "multi_user=true" in found[1]
    printed = run(worker, described, parse_wave(found[1]))
    assert "12 installations are excluded now." in printed
    assert waves.find_waves(make_query(worker), described) == [
        "No 10 installations are alike and were first seen within an hour."
    ]


def test_without_consent_the_command_only_counts(
    flooded: Harness, described: dict[str, Any]
) -> None:
    printed = run(flooded, described, WHOLE_WAVE, apply=False)

    assert printed == (
        "30 of 75 installations match. First seen from 2026-05-14T21:40:00.000Z to"
        " 2026-05-14T22:18:40.000Z. Nothing has changed. To exclude 30 installations,"
        " add --yes."
    )
    assert excluded(flooded) == set()


def test_an_excluded_wave_is_in_no_number_until_it_is_readmitted(
    flooded: Harness, described: dict[str, Any]
) -> None:
    """The next run counts the same edition again, on any day of the week."""
    before = versions(flooded)
    assert set(before) == {"2.15.0", "9.9.9"}
    edition = publish(flooded)["30d"]["until"]

    printed = run(flooded, described, WHOLE_WAVE)

    assert "30 installations are excluded now." in printed
    assert f"which ends on {edition[:10]}, again." in printed
    assert excluded(flooded) == {"b"}
    assert len(waves.find_waves(make_query(flooded), described)) == 1
    assert versions(flooded, DUE + DAY) == {"2.15.0": before["2.15.0"]}
    again = publish(flooded, DUE + 2 * DAY)["30d"]
    assert (again["until"], again["as_of"]) == (edition, iso(DUE + DAY))

    run(flooded, described, WHOLE_WAVE, undo=True)

    assert excluded(flooded) == set()
    assert versions(flooded, DUE + 3 * DAY) == before


def test_fewer_than_five_change_no_edition_before_others_do(
    flooded: Harness, described: dict[str, Any]
) -> None:
    """The difference could show what one installation sent."""
    before = versions(flooded)
    ids = [
        row["uuid"]
        for row in select_all(flooded, "installations")
        if row["version"] == "9.9.9"
    ]

    printed = run(flooded, described, Selection(ids=ids[:3]))

    assert "stays as it is" in printed
    assert versions(flooded, DUE + DAY) == before
    printed = run(flooded, described, Selection(ids=ids[3:20]))
    assert "counts the current edition" in printed
    assert versions(flooded, DUE + 2 * DAY) != before


def test_ids_are_matched_in_any_case_and_printed_never(
    flooded: Harness, described: dict[str, Any]
) -> None:
    rows = select_all(flooded, "installations")
    known = [row["uuid"] for row in rows][:2]
    text = f"{known[0].upper()}\n\n {known[1]},\r\nno-such-id\n"

    printed = run(flooded, described, Selection(ids=parse_ids(text)))

    assert printed.startswith("2 of 75 installations match (3 IDs given).")
    assert not any(it in printed.lower() for it in (*known, "no-such-id"))
    rows = select_all(flooded, "installations")
    assert {row["uuid"] for row in rows if row["excluded"]} == set(known)


# What a shell, wrangler or SQLite could read as something else than text.
NASTY = "it's; UPDATE installations SET excluded = 1; -- \" $(id) \n\N{PILE OF POO}"


@pytest.mark.parametrize(
    "selection", [Selection(values=[f"version={NASTY}"]), Selection(ids=[NASTY])]
)
def test_a_value_is_only_compared(
    flooded: Harness, described: dict[str, Any], selection: Selection
) -> None:
    assert run(flooded, described, selection).startswith("0 of 75 installations match")
    assert excluded(flooded) == set()


def test_everything_that_is_wrong_is_named_at_once(
    flooded: Harness, described: dict[str, Any]
) -> None:
    values = ("uuid=1", "edition=9", "arch", "multi_user=maybe", "build_date=soon")
    wrong = Selection(values=values, since="yesterday", until="2026-5-14", ids=[""])

    with pytest.raises(ExcludeError) as refused:
        run(flooded, described, wrong)

    text = " ".join(str(refused.value).split())
    for part in (
        *(
            "uuid is the ID",
            "edition is not a field",
            "arch is not a field and a value",
        ),
        *(
            "multi_user is of the type boolean",
            "--since yesterday",
            "--until 2026-5-14",
        ),
        "There are no IDs.",
    ):
        assert part in text
    with pytest.raises(ExcludeError, match="Say which installations"):
        run(flooded, described, Selection())


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        ("2026-02-30", None, "--since 2026-02-30 is not a day or a time"),
        (None, "2026-05-14T25:00", "--until 2026-05-14T25:00 is not a day or a time"),
        ("2026-05-15", "2026-05-14T21:40", "2026-05-15 is after --until"),
        ("2026-05-14T21:41", "2026-05-14T21:40Z", "21:41 is after --until"),
    ],
)
def test_times_that_can_match_nothing_are_refused(
    described: dict[str, Any], since: str | None, until: str | None, reason: str
) -> None:
    with pytest.raises(ExcludeError, match=reason):
        build_conditions(described, Selection(since=since, until=until))


def test_a_day_may_begin_and_end_a_time(described: dict[str, Any]) -> None:
    for since, until in (("2026-05-14T21:40", "2026-05-14"), ("2026-05-14",) * 2):
        assert build_conditions(described, Selection(since=since, until=until))
