"""Hostile batches: no 500, nothing stored that the contracts do not allow, and no sum too high."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.projects.codegraph.recorded import MACHINE, Event, batch, event, usage
from tests.projects.codegraph.stored import FACTS, read_machines, read_sums
from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.support.pages import ROOT
from tests.worker.client import post
from tests.worker.database import clear, select_all
from worker.local.harness import Harness

SCHEMA = json.loads((ROOT / "projects/codegraph/report.schema.json").read_text("utf-8"))
INHERITED = (
    *("constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf"),
    *("propertyIsEnumerable", "toLocaleString", "__proto__", "__defineGetter__"),
    *("__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
)
VALUES = (*STRINGS, *OTHER_TYPES, *INHERITED, ["claude", "\0"], [None] * 5)
_TOKEN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:+-")
_LABEL = _TOKEN | set("/ @()")
_OPEN = {
    "name": (_TOKEN, 64),
    "client_name": (_LABEL, 64),
    "client_version": (_LABEL, 32),
}
_OPEN |= {"codegraph_version": (_TOKEN, 32)}
_OPEN |= {"targets": (_TOKEN, 24), "languages": (_TOKEN, 24)}
_CLOSED = {
    "scope": {"local", "global"},
    "kind": {"fresh", "upgrade", "reinstall"},
    "file_count_bucket": {"<100", "100-1k", "1k-10k", "10k+"},
    "duration_bucket": {"<10s", "10-60s", "1-5m", "5m+"},
    "sqlite_backend": {"native", "wasm"},
}
_MOST = 1_000_000

# A valid event of each kind, with every property.
_SQLITE = {"sqlite_backend": "native"}
WHOLE = {
    "mcp_tool": usage(
        *("mcp_tool", "codegraph_node", 2, 1),
        client_name="claude-code",
        client_version="2.1.7",
    ),
    "cli_command": usage("cli_command", "query", 1, 0),
    "install": event(
        "install", targets=["claude"], scope="local", kind="fresh", **_SQLITE
    ),
    "index": event(
        "index",
        languages=["go"],
        file_count_bucket="<100",
        duration_bucket="<10s",
        **_SQLITE,
    ),
    "uninstall": event("uninstall", targets=["claude"]),
}
PROPERTIES = [(name, it) for name, sent in WHOLE.items() for it in sent["props"]]


def send(worker: Harness, content: object) -> requests.Response:
    return post(worker, content, "/v1/events")


def assert_clean(worker: Harness) -> None:
    """Every stored value is one that its contract allows."""
    for row in select_all(worker, "machines"):
        assert not set(row["machine_id"]) - set("0123456789abcdef-")
        for name in ("codegraph_version", "os", "arch"):
            assert row[name] is None or not set(row[name]) - _TOKEN
    for (_, _, pair, first, second), (count, errors) in read_sums(worker).items():
        assert 0 <= count <= _MOST * 100
        assert 0 <= errors <= _MOST * 100
        for name, value in zip(pair.split(","), (first, second), strict=False):
            if name in _OPEN:
                characters, longest = _OPEN[name]
                assert not set(value) - characters
                assert len(value) <= longest
            else:
                assert value == "" or value in _CLOSED[name]


def replace_property(sent: Event, name: str, value: object) -> Event:
    return {**sent, "props": {**sent["props"], name: value}}


def in_batches(events: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(events), 50):
        yield events[start : start + 50]


@pytest.mark.parametrize(("kind", "name"), PROPERTIES, ids=lambda it: it)
def test_a_property_is_stored_as_it_is_or_not_at_all(
    receiver: Harness, kind: str, name: str
) -> None:
    events = [replace_property(WHOLE[kind], name, value) for value in VALUES]

    for part in in_batches(events):
        # Longer texts make the body too large.
        fitting = [it for it in part if len(json.dumps(it)) < 1000]
        assert send(receiver, batch(fitting)).status_code == 204

    assert_clean(receiver)


@pytest.mark.nightly
@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda value: value, id="a batch"),
        pytest.param(batch, id="the events"),
        pytest.param(lambda value: batch([value]), id="an event"),
        pytest.param(
            lambda value: batch([{**WHOLE["index"], "event": value}]), id="a name"
        ),
        pytest.param(
            lambda value: batch([{**WHOLE["index"], "props": value}]), id="properties"
        ),
        pytest.param(
            lambda value: batch([{**WHOLE["index"], "ts": value}]), id="a time"
        ),
        pytest.param(lambda value: batch([WHOLE["index"]], machine=value), id="an ID"),
    ],
)
def test_a_hostile_value_in_any_place_is_refused_or_dropped(
    receiver: Harness, place: Callable[[object], object]
) -> None:
    for value in VALUES:
        response = send(receiver, place(value))

        assert response.status_code in {204, 400}, value
        assert response.text in {"", "bad request\n"}
    assert_clean(receiver)
    assert {*read_machines(receiver)} <= {MACHINE}


def test_a_fact_is_stored_as_it_is_or_not_at_all(receiver: Harness) -> None:
    for value in VALUES:
        sent = batch([event("index")], **dict.fromkeys(FACTS, value))
        assert send(receiver, sent).status_code == 204

        for stored in read_machines(receiver)[MACHINE].values():
            assert stored == value
            assert type(stored) is not float
    assert_clean(receiver)


@pytest.mark.parametrize("name", INHERITED)
def test_a_name_that_every_object_has_is_not_an_event_nor_a_property(
    receiver: Harness, name: str
) -> None:
    # As text: Python's dict would lose a repeated key.
    sent = (
        f'{{"machine_id":"{MACHINE}","{name}":{{"os":"x"}},"events":['
        f'{{"event":"{name}"}},{{"event":"usage_rollup","props":{{"kind":"{name}","name":"x",'
        f'"count":1}}}},{{"event":"install","props":{{"{name}":{{"scope":"local","kind":"fresh"}}}}}},'
        '{"event":"index"}]}'
    )

    assert send(receiver, sent.encode()).status_code == 204
    assert {key[1] for key in read_sums(receiver)} == {"index"}
    assert read_machines(receiver) == {MACHINE: {}}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        *(
            (it, value, True)
            for it in ("node_major", "schema_version")
            for value in (0, 99)
        ),
        *(
            (it, value, False)
            for it in ("node_major", "schema_version")
            for value in (-1, 100, 0.5, "24", True)
        ),
    ],
)
def test_a_number_of_the_envelope_is_kept_up_to_its_bounds(
    receiver: Harness, name: str, value: object, *, kept: bool
) -> None:
    send(receiver, batch([event("index")], **{name: value}))

    assert read_machines(receiver)[MACHINE].get(name) == (value if kept else None)


@pytest.mark.parametrize("kind", ["mcp_tool", "cli_command"])
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        *((it, True) for it in (0, 1, _MOST)),
        *((it, False) for it in (-1, _MOST + 1, 2**53, 1e308, 0.5, "1", True, None)),
    ],
)
def test_a_count_is_kept_up_to_its_bounds(
    receiver: Harness, kind: str, value: object, *, kept: bool
) -> None:
    whole = WHOLE[kind]
    counted = replace_property(whole, "count", value)
    failed = replace_property(whole, "error_count", value)

    send(receiver, batch([counted]))
    counts = {count for count, _ in read_sums(receiver).values()}
    clear(receiver)
    send(receiver, batch([failed]))
    errors = {errors for _, errors in read_sums(receiver).values()}

    assert counts == ({value} if kept else set())
    assert errors == {value if kept else 0}


@pytest.mark.parametrize(
    ("kind", "name", "most"), [("index", "languages", 32), ("install", "targets", 12)]
)
def test_a_list_is_kept_up_to_its_length_and_dropped_whole(
    receiver: Harness, kind: str, name: str, most: int
) -> None:
    items = [f"x{number}" for number in range(most + 1)]
    for sent, expected in (
        (items[:most], {*items[:most]}),
        (items, {""}),
        ([*items[: most - 1], "\0"], {""}),
        (["x" * 24], {"x" * 24}),
        (["x" * 25, "x"], {""}),
    ):
        clear(receiver)
        send(receiver, batch([replace_property(WHOLE[kind], name, sent)]))

        firsts = {key[3] for key in read_sums(receiver) if key[2].startswith(name)}
        assert firsts == expected


@pytest.mark.parametrize("name", WHOLE)
def test_the_largest_batch_adds_up(receiver: Harness, name: str) -> None:
    sent = WHOLE[name]
    if "count" in sent["props"]:
        sent = replace_property(sent, "count", _MOST)

    assert send(receiver, batch([sent] * 100)).status_code == 204

    most = 100 * _MOST if "count" in sent["props"] else 100
    assert {count for count, _ in read_sums(receiver).values()} == {most}


def test_a_bad_event_at_any_place_takes_nothing_with_it(receiver: Harness) -> None:
    bad: Iterator[object] = itertools.cycle(
        (None, [], "index", 1, {}, event("constructor"), event("mcp_tool", name="x"))
    )
    for place in range(100):
        events: list[object] = [event("index")] * 99
        events.insert(place, next(bad))

        assert send(receiver, batch(events)).status_code == 204

    assert {count for count, _ in read_sums(receiver).values()} == {100 * 99}


@pytest.mark.parametrize("bad", [None, "index", {}, event("__proto__")])
def test_a_batch_of_bad_events_stores_nothing(receiver: Harness, bad: object) -> None:
    assert send(receiver, batch([bad] * 1000)).status_code == 204

    assert read_sums(receiver) == {}
    assert read_machines(receiver) == {}


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_deep_value_is_ignored(receiver: Harness, opening: str) -> None:
    deep = opening * 10_000 + "1" + ("]" if opening == "[" else "}") * 10_000
    whole = json.dumps(batch([event("index")]))
    text = f'{whole[:-1]},"deep":{deep}}}'

    assert send(receiver, text.encode()).status_code == 204
    assert {count for count, _ in read_sums(receiver).values()} == {1}
