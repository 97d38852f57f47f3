"""Which facts of an OctoPrint instance each event replaces, and how they are rounded."""

import datetime as dt
import json

import pytest

from tests.projects.octoprint.client import (
    FACTS,
    ID,
    PONG,
    STARTUP,
    read_counters,
    read_facts,
    track,
)
from tests.support.pages import ROOT
from tests.worker.client import get
from tests.worker.database import select_all
from worker.local.harness import Harness

LISTS = ("plugins", "achievements")
OF_A_PI = ("pi_model", "octopi_version", "octopiuptodate_build")
GIB = 2**30
SCHEMA = ROOT / "projects" / "octoprint" / "report.schema.json"


def test_a_pong_replaces_every_fact(receiver: Harness) -> None:
    track(receiver, "pong", PONG)
    assert read_facts(receiver) == FACTS

    track(receiver, "pong", {"version": "1.12.0", "plugins": ""}, country="FR")

    changed = {"version": "1.12.0", "plugins": "[]", "country": "FR"}
    assert read_facts(receiver) == {**dict.fromkeys(FACTS), **changed}


def test_a_startup_keeps_the_plugins_and_the_achievements_only(
    receiver: Harness,
) -> None:
    track(receiver, "pong", PONG)
    elsewhere = {it: STARTUP[it] for it in STARTUP if it not in OF_A_PI}

    # Even if it has lists.
    track(receiver, "startup", {**elsewhere, "plugins": "x:1", "achievements": ""})

    assert read_facts(receiver) == {**FACTS, **dict.fromkeys(OF_A_PI)}


def test_the_first_startup_of_an_instance_has_no_lists(receiver: Harness) -> None:
    track(receiver, "startup", STARTUP)

    assert read_facts(receiver) == {**FACTS, **dict.fromkeys(LISTS)}


def test_a_ping_moves_the_last_day_and_keeps_every_fact(receiver: Harness) -> None:
    track(receiver, "pong", PONG)
    long_ago = "UPDATE instances SET first_day = '2026-01-02', last_day = '2026-01-03'"
    receiver.query(long_ago)

    track(receiver, "ping", {**PONG, "octoprint_uptime": 900}, country="FR")

    assert read_facts(receiver) == FACTS
    (row,) = select_all(receiver, "instances")
    today = str(dt.datetime.now(dt.UTC).date())
    assert (row["first_day"], row["last_day"]) == ("2026-01-02", today)


def test_pings_pongs_and_startups_are_not_counted(receiver: Harness) -> None:
    for event in ("ping", "pong", "startup"):
        track(receiver, event, PONG)

    assert read_counters(receiver) == {}


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        *(
            ("ram", size, bucket)
            for size, bucket in [
                (0, None),
                (1, "0.5"),
                (GIB // 2, "0.5"),
                (GIB // 2 + 1, "1"),
                (927_000_000, "1"),
                (GIB, "1"),
                (GIB + 1, "2"),
                (2 * GIB, "2"),
                (4 * GIB + 1, "8"),
                (16 * GIB, "16"),
                (32 * GIB, "32"),
                (32 * GIB + 1, "more than 32"),
                (10**15 - 1, "more than 32"),
                (10**15, None),
                ("unknown", None),
                (25.5, None),
                (-1, None),
            ]
        ),
        *(
            ("cores", number, stored)
            for number, stored in [
                (0, None),
                (1, 1),
                (15, 15),
                (16, 16),
                (17, 16),
                (256, 16),
                ("unknown", None),
                (4.0, None),
                (None, None),
                ("", None),
                (" 4", None),
                ("0x4", None),
                ("1e1", None),
            ]
        ),
        ("bits", 32, 32),
        ("bits", 128, None),
        ("os", "plan9", None),
        ("python", "2.7.18", "2.7.18"),
        ("python", "3.14.0rc1+", "3.14.0rc1+"),
        ("python", "unknown", None),
        ("pip", "25.0.dev1", "25.0.dev1"),
        ("version", None, None),
        ("version", "1.12.0.dev5+g0123abc.dirty", "1.12.0.dev5+g0123abc.dirty"),
        ("pi_model", "Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi 5 Model B"),
        ("pi_model", "Raspberry Pi Zero W Rev 1.1", "Raspberry Pi Zero W"),
        ("pi_model", "Raspberry Pi 400", "Raspberry Pi 400"),
        ("pi_model", "Orange Pi", None),
        ("plugins", "a:1,b:2:3,a:4", '["a","b"]'),
        ("plugins", "a:1,0,b:?,:2", '["a","b"]'),
        ("plugins", "my plugin+x:1,<b>:1", '["my plugin+x"]'),
        ("achievements", "sprint,made_up,sprint", '["sprint"]'),
    ],
)
def test_a_fact_is_rounded_or_dropped(
    receiver: Harness, field: str, sent: object, stored: object
) -> None:
    track(receiver, "pong", {**PONG, field: sent})

    assert read_facts(receiver) == {**FACTS, field: stored}


@pytest.mark.parametrize(("number", "stored"), [(250, 250), (251, None)])
def test_a_list_of_plugins_is_bounded(
    receiver: Harness, number: int, stored: int | None
) -> None:
    plugins = ",".join(f"plugin_with_a_long_name_{it}:1.0" for it in range(number))

    track(receiver, "pong", {**PONG, "plugins": plugins})

    kept = read_facts(receiver)["plugins"]
    assert (kept and len(json.loads(kept))) == stored


@pytest.mark.parametrize("country", ["", "XX", "T1", "de", "DEU", "constructor"])
def test_a_country_that_cloudflare_does_not_know_is_not_stored(
    receiver: Harness, country: str
) -> None:
    track(receiver, "pong", PONG, country=country)

    assert read_facts(receiver) == {**FACTS, "country": None}


def test_an_instance_cannot_send_its_id_or_country(receiver: Harness) -> None:
    sent = {**PONG, "id": ID[::-1], "country": "FR", "event": "ping", "excluded": 1}

    track(receiver, "pong", sent)

    assert read_facts(receiver) == FACTS
    assert [row["excluded"] for row in select_all(receiver, "instances")] == [0]


def test_the_contract_and_the_page_of_fields_mark_what_the_receiver_adds(
    receiver: Harness,
) -> None:
    properties = json.loads(SCHEMA.read_text("utf-8"))["properties"]

    added = [name for name in properties if "x-set-by-receiver" in properties[name]]

    assert added == ["country"]
    assert "added by the receiver" in get(receiver, "/fields").text
