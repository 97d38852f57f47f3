"""What OctoPrint's events cost in rows, on a day and in a flood of made-up names."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.projects.octoprint.client import (
    ID,
    PONG,
    STARTUP,
    Fields,
    encode,
    track,
)
from tests.projects.octoprint.recorded import COUNTED, RECORDINGS
from tests.worker.clock import DAY, midnight
from tests.worker.d1_usage import billed_rows, round_trips
from tests.worker.database import select_all
from usage_receiver import configuration
from worker.local.harness import Harness

OCTOPRINT = configuration.PAPERLESS_NGX.with_name("octoprint")
QUARTER = dt.timedelta(minutes=15)
START = midnight(2026, 5, 18)
PLACES = 500
INSTANCES = 145_000
PINGS_A_DAY = 96
# Printers of one company, which restart in the same minute.
FARM = 100
CONNECTIONS = 8


def clock(time: dt.datetime) -> dict[str, str]:
    return {"Test-Clock": str(round(time.timestamp() * 1000))}


def test_the_limits_fit_the_traffic() -> None:
    environment = configuration.read_environment(None, OCTOPRINT)
    limits = {it["name"]: it["simple"]["limit"] for it in environment["ratelimits"]}

    # In case one of Cloudflare's locations gets all pings, and they come in waves.
    assert limits["LIMIT_ALL"] >= 2 * INSTANCES * PINGS_A_DAY / (24 * 60)
    # Ping, pong and startup, and what follows a connection to a printer.
    assert limits["LIMIT_ADDRESS"] >= FARM * 6
    assert limits["LIMIT_ADDRESS"] < limits["LIMIT_NETWORK"] < limits["LIMIT_ALL"]


def track_at(
    worker: Harness,
    time: dt.datetime,
    event: str,
    fields: Fields = {},  # noqa: B006
) -> requests.Response:
    response = track(worker, event, fields, **clock(time))
    assert response.status_code == 204
    return response


def replay(worker: Harness, time: dt.datetime) -> None:
    """Send every recorded event as if it were *time*."""
    for recording in RECORDINGS:
        fields = recording.text
        url = f"{worker.url}/track/{ID}/{recording.event}/?{fields}"
        assert requests.get(url, headers=clock(time), timeout=30).status_code == 204


@pytest.mark.cloudflare
def test_a_ping_writes_one_row_on_the_first_of_a_day_and_none_after(
    instrumented: Harness,
) -> None:
    pings = [
        billed_rows(track_at(instrumented, START + it * QUARTER, "ping"))
        for it in range(2 * 96 + 1)
    ]

    # 96 a day.
    assert [it for it, (_, written) in enumerate(pings) if written] == [0, 96, 192]
    assert {written for _, written in pings} == {0, 1}
    assert max(read for read, _ in pings) <= 1


@pytest.mark.cloudflare
def test_a_day_of_an_instance_writes_a_row_for_each_change(
    instrumented: Harness,
) -> None:
    def written(event: str, fields: Fields, hours: int) -> int:
        time = START + dt.timedelta(hours=hours)
        return billed_rows(track_at(instrumented, time, event, fields))[1]

    assert written("startup", STARTUP, 0) == 1
    assert written("pong", PONG, 0) == 1
    assert written("ping", {}, 0) == 0
    assert written("pong", PONG, 1) == 0
    assert written("startup", STARTUP, 2) == 0
    assert written("ping", {"printer_state": "PRINTING"}, 3) == 0
    assert written("pong", {**PONG, "version": "1.11.9"}, 4) == 1
    # Memory and load that stay within the same size.
    assert written("pong", {**PONG, "version": "1.11.9", "ram": 3_970_000_000}, 5) == 0
    assert written("ping", {}, 24) == 1


@pytest.mark.parametrize(
    ("event", "fields", "trips"),
    [
        ("ping", {}, 1),
        ("pong", PONG, 1),
        ("startup", STARTUP, 1),
        ("print_done", {"origin": "local", "elapsed": 60}, 1),
        ("made_up", {}, 0),
        ("print_failed", {"reason": "cancelled"}, 0),
    ],
)
def test_an_event_is_one_transaction_or_none(
    instrumented: Harness, event: str, fields: Fields, trips: int
) -> None:
    assert len(round_trips(track_at(instrumented, START, event, fields))) == trips


def send_all(worker: Harness, time: dt.datetime, queries: Iterable[str]) -> None:
    """Send each of *queries* from an instance of its own, over a few connections."""
    paths = [
        f"/track/{number:08x}{ID[8:]}/{query}" for number, query in enumerate(queries)
    ]

    def send(part: list[str]) -> Counter[int]:
        with requests.Session() as session:
            return Counter(
                session.get(
                    f"{worker.url}{path}", headers=clock(time), timeout=60
                ).status_code
                for path in part
            )

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = [paths[start::CONNECTIONS] for start in range(CONNECTIONS)]
        assert sum(pool.map(send, parts), Counter()) == {204: len(paths)}


@pytest.mark.nightly
@pytest.mark.parametrize("names", [PLACES + 100, 10_000])
def test_a_flood_of_made_up_names_displaces_no_name_that_was_there_before(
    instrumented: Harness, names: int
) -> None:
    for days in (5, 2):
        replay(instrumented, START - days * DAY)
    made_up = (
        f"enable_plugin/?{encode({'plugin': f'made_up_{number}'})}"
        for number in range(names)
    )

    send_all(instrumented, START, made_up)
    replay(instrumented, START + dt.timedelta(hours=1))

    rows = [
        it for it in select_all(instrumented, "counters") if it["day"] == "2026-05-18"
    ]
    counted = {
        (it["event"], it["pair"], it["first"], it["second"]): (
            it["count"],
            it["seconds"],
        )
        for it in rows
    }
    assert {it: counted.get(it) for it in COUNTED} == COUNTED
    flooded = [it for it in rows if it["first"].startswith("made_up_")]
    assert len(flooded) < PLACES
    other = counted["enable_plugin", "plugin", "(other)", ""]
    assert len(flooded) + other[0] == names
