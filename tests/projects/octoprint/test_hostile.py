"""Hostile events end as 204 or 404, and only what the contracts allow is stored."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.projects.octoprint.client import (
    FACTS,
    ID,
    PONG,
    encode,
    read_counters,
    read_facts,
    track,
)
from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.support.pages import ROOT
from tests.worker.client import get
from tests.worker.database import select_all, tables
from worker.local.harness import Harness

FOLDER = ROOT / "projects" / "octoprint"
EVENTS = json.loads((FOLDER / "events.schema.json").read_text("utf-8"))
REPORT = json.loads((FOLDER / "report.schema.json").read_text("utf-8"))["properties"]
VALUES = (*STRINGS, *map(str, OTHER_TYPES))
# What is never stored, whatever it is: texts and traces of a machine.
NEVER_STORED = {
    "ping": ("octoprint_uptime", "printer_state"),
    "pong": ("platform", "freq"),
    "startup": ("platform", "freq"),
    "print_started": ("file",),
    "print_done": ("file",),
    "print_cancelled": ("file",),
    "print_failed": ("file", "commerror_text"),
    "printer_connected": ("printer_port",),
    "commerror_firmware": ("commerror_text",),
    "install_plugin": ("plugin_version",),
    "update_failed": ("from_version",),
    "system_throttled": ("throttled_mask", "throttled_now", "throttled_past"),
    "webui_load": ("os_version",),
    "made_up": ("name",),
}
# Between them, they have every type of value.
HARDEST = (
    "pong",
    "print_failed",
    "printer_connected",
    "system_throttled",
    "webui_load",
)
# Names that every object of JavaScript has.
INHERITED = (
    *("__proto__", "constructor", "prototype", "toString", "toLocaleString", "valueOf"),
    *("hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "__defineGetter__"),
    *("__defineSetter__", "__lookupGetter__", "__lookupSetter__", "get", "size"),
)


def fits(value: str, schema: dict[str, Any]) -> bool:
    """Whether the text of a counted *value* is one of the contract."""
    match schema["type"]:
        case "boolean":
            return value in {"true", "false"}
        case "integer":
            number = int(value) if re.fullmatch("[0-9]+", value) else -1
            return number in schema.get(
                "enum", range(schema.get("minimum", 0), schema.get("maximum", -1) + 1)
            )
    if "enum" in schema:
        return value in schema["enum"]
    pattern = schema["pattern"].removesuffix("$")
    return len(value) <= schema["maxLength"] and bool(re.fullmatch(pattern, value))


def assert_clean(worker: Harness) -> None:
    """Every counted value fits the contract of its event."""
    for (event, pair, *values), (count, seconds) in read_counters(worker).items():
        names = list(filter(None, pair.split(",")))
        assert count >= 1
        assert 0 <= seconds <= 2_592_000 * count
        assert not any(values[len(names) :])
        for name, value in zip(names, values, strict=False):
            schema = EVENTS[event]["properties"][name]
            assert value in {"", "(other)"} or fits(value, schema), (event, name, value)


def list_fields(event: str) -> list[str]:
    """Every field that OctoPrint sends, so that each is tried with each event."""
    of_events = {name for it in EVENTS.values() for name in it["properties"]}
    named = {name for names in NEVER_STORED.values() for name in names}
    return sorted({*REPORT, *of_events, *named, event})


def send_all(worker: Harness, paths: Iterable[str]) -> set[int]:
    with requests.Session() as session:
        return {
            session.get(f"{worker.url}{path}", timeout=30).status_code for path in paths
        }


@pytest.mark.parametrize("event", HARDEST)
def test_a_hostile_value_in_every_field_is_dropped(
    receiver: Harness, event: str
) -> None:
    queries = [encode(dict.fromkeys(list_fields(event), it)) for it in VALUES]

    # Longer ones make the address too long, so these are sent one by one below.
    short = [it for it in queries if len(it) < 14_000]
    assert send_all(receiver, (f"/track/{ID}/{event}/?{it}" for it in short)) == {204}

    assert_clean(receiver)
    assert_facts_fit(receiver)


def assert_facts_fit(receiver: Harness) -> None:
    for row in select_all(receiver, "instances"):
        for name, value in row.items():
            if value is None or name in {"first_day", "last_day", "excluded"}:
                continue
            schema = REPORT[name]
            is_list = schema["type"] == "array"
            for it in json.loads(value) if is_list else [value]:
                assert fits(str(it), schema["items"] if is_list else schema), name


@pytest.mark.nightly
@pytest.mark.parametrize("event", [*EVENTS, "commerror_timeout", "pong", "startup"])
def test_a_hostile_value_in_each_field_is_dropped(
    receiver: Harness, event: str
) -> None:
    queries = (encode({name: it}) for name in list_fields(event) for it in VALUES)

    assert send_all(receiver, (f"/track/{ID}/{event}/?{it}" for it in queries)) == {204}

    assert_clean(receiver)
    assert_facts_fit(receiver)


def test_hostile_lists_keep_the_elements_that_fit(receiver: Harness) -> None:
    elements = [it for it in VALUES if len(it) < 50 and "," not in it]
    plugins = ",".join([*(f"{it}:1" for it in elements), "octolapse:0.4.5"])
    achievements = ",".join([*elements, "sprint"])

    track(receiver, "pong", {"plugins": plugins, "achievements": achievements})

    facts = read_facts(receiver)
    assert "octolapse" in json.loads(facts["plugins"])
    assert facts["achievements"] == '["sprint"]'
    assert_facts_fit(receiver)


@pytest.mark.parametrize("name", INHERITED)
def test_an_inherited_name_is_neither_an_event_nor_a_field(
    receiver: Harness, name: str
) -> None:
    assert track(receiver, name, {name: "1"}).status_code == 204
    assert track(receiver, "print_done", {name: "1"}).status_code == 204
    assert track(receiver, "pong", {**PONG, name: "1"}).status_code == 204

    assert read_counters(receiver) == {("print_done", "origin", "", ""): (1, 0)}
    assert read_facts(receiver) == FACTS


def test_an_event_that_does_not_exist_is_answered_and_stores_nothing(
    receiver: Harness,
) -> None:
    names = ["commerror", "Ping", "print_paused", "_", "0", "x" * 2000]

    assert {track(receiver, it, PONG).status_code for it in names} == {204}

    assert read_counters(receiver) == {}
    assert select_all(receiver, "instances") == []


def test_a_hostile_path_stores_nothing(receiver: Harness) -> None:
    texts = [quote(it.encode("utf-8", "surrogatepass"), safe="") for it in VALUES]
    paths = [
        *(f"/track/{ID}/{it}/" for it in texts if it),
        *(f"/track/{it}/ping/" for it in texts if it),
    ]

    assert send_all(receiver, paths) <= {204, 404}

    assert read_counters(receiver) == {}
    assert select_all(receiver, "instances") == []


@pytest.mark.parametrize(
    ("event", "field", "sent", "counted"),
    [
        *(
            ("print_done", "elapsed", sent, ("", seconds))
            for sent, seconds in [
                (0, 0),
                (1, 1),
                (2_592_000, 2_592_000),
                (2_592_001, 0),
                (2**53, 0),
                (10**15, 0),
                ("9" * 400, 0),
                (-1, 0),
                ("-0", 0),
                (1.0, 0),
                ("1e3", 0),
                ("0x10", 0),
                ("Infinity", 0),
                ("NaN", 0),
                (None, 0),
                (True, 0),
                (" 7", 0),
                ("007", 7),
                ("٣", 0),  # a digit, but not of ASCII
            ]
        ),
        *(
            ("printer_connected", "printer_baudrate", sent, (counted, 0))
            for sent, counted in [
                (115200, "115200"),
                (0, ""),
                (115201, ""),
                (1_000_000, "1000000"),
                (10**9, ""),
                (None, ""),
            ]
        ),
        *(
            ("webui_load", "browser_version", sent, (counted, 0))
            for sent, counted in [
                ("0", "0"),
                ("132.0.6834.110", "132"),
                ("9999", "9999"),
                ("10000", ""),
                (".1", ""),
                ("-1", ""),
                ("unknown", ""),
            ]
        ),
    ],
)
def test_a_number_counts_up_to_its_bound(
    receiver: Harness, event: str, field: str, sent: object, counted: tuple[str, int]
) -> None:
    assert track(receiver, event, {field: sent}).status_code == 204

    rows = read_counters(receiver)
    value, seconds = counted
    assert (1, seconds) in rows.values()
    if value:
        assert value in {it for _, _, *values in rows for it in values}
    assert_clean(receiver)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_last_of_a_repeated_key_counts(receiver: Harness, method: str) -> None:
    text = "elapsed=1&elapsed=2&origin=made_up&origin=sdcard&elapsed=30"
    url = f"{receiver.url}/track/{ID}/print_done/"

    if method == "GET":
        requests.get(f"{url}?{text}", timeout=30)
    else:
        requests.post(url, text, timeout=30)

    assert read_counters(receiver) == {("print_done", "origin", "sdcard", ""): (1, 30)}


@pytest.mark.parametrize(
    ("text", "plugin"),
    [
        ("plugin=my%20plugin%2Bx", "my plugin+x"),
        ("plugin=my+plugin%2bx", "my plugin+x"),
        ("plugin=a=b", ""),
        ("plugin=a%3Db", ""),
        ("plugin=%61", "a"),
        ("plugin=%", ""),
        ("plugin=%zz", ""),
        ("plugin=%ff", ""),
        ("plugin=%C3%28", ""),
        ("plugin=a%00", ""),
        ("plugin", ""),
        ("plugin=", ""),
        ("=a", ""),
        ("&&&plugin=a&&&", "a"),
        ("plugin[]=a", ""),
        ("plugin=None", ""),
        ("Plugin=a", ""),
        ("plugin%00=a", ""),
        ("plugin=True", ""),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_odd_encodings_are_decoded_as_in_any_form(
    receiver: Harness, method: str, text: str, plugin: str
) -> None:
    url = f"{receiver.url}/track/{ID}/enable_plugin/"

    response = (
        requests.get(f"{url}?{text}", timeout=30)
        if method == "GET"
        else requests.post(url, text, timeout=30)
    )

    assert response.status_code == 204
    assert read_counters(receiver) == {("enable_plugin", "plugin", plugin, ""): (1, 0)}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"elapsed=1&x=" + b"x" * 20_000, id="a long value"),
        pytest.param(b"&".join([b"a=1"] * 10_000), id="many fields"),
        pytest.param(b"elapsed=1&x=" + b"%FF" * 6_000, id="a long encoded value"),
    ],
)
def test_an_oversized_body_is_answered_and_not_read(
    receiver: Harness, body: bytes
) -> None:
    url = f"{receiver.url}/track/{ID}/print_done/"

    for data in (body, iter([body])):
        assert requests.post(url, data, timeout=30).status_code == 204

    assert read_counters(receiver) == {}


def test_nothing_that_the_contracts_do_not_name_is_stored(receiver: Harness) -> None:
    for event, names in NEVER_STORED.items():
        fields = {**(PONG if event == "pong" else {}), **dict.fromkeys(names, "canary")}
        # Nor what names the sender.
        track(receiver, event, fields, **{"User-Agent": "canary", "Referer": "canary"})

    everything = [select_all(receiver, it) for it in tables(receiver)]

    assert "canary" not in json.dumps(everything)
    assert "canary" not in "".join(receiver.read_log())
    assert "canary" not in get(receiver, "/").text


def test_the_page_lists_what_is_never_stored() -> None:
    text = (ROOT / "docs" / "explanation" / "deviations.md").read_text("utf-8")
    rule = text.partition("## OctoPrint")[2].partition("**Never stored.**")[2]
    rule = rule.partition("- **")[0]
    sent = {name for event in NEVER_STORED for name in NEVER_STORED[event]}

    assert {*re.findall("`([a-z_]+)`", rule)} == sent - {"name"}
