"""What codegraph's own server answered when it was recorded, and where ours differs."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.projects.codegraph.recorded import (
    CHUNKED,
    MACHINE,
    Event,
    batch,
    build_request,
    compact,
    event,
    to_time,
)


@dataclass(frozen=True)
class Answer:
    """A status, a text, and the headers that matter: None for one that must be missing."""

    status: int
    text: str = ""
    headers: Mapping[str, str | None] = field(default_factory=dict)


def refused(status: int, text: str, **headers: str) -> Answer:
    body = f"{text}\n"
    plain = {
        "content-type": "text/plain;charset=UTF-8",
        "content-length": str(len(body)),
    }
    return Answer(status, body, {**plain, **headers})


def without_body(answer: Answer) -> Answer:
    """The answer to HEAD."""
    return Answer(answer.status, "", {**answer.headers, "content-length": None})


ACCEPTED = Answer(204, "", {"content-type": None, "content-length": None})
NOT_FOUND = refused(404, "not found")
NOT_ALLOWED = refused(405, "method not allowed", allow="POST")
LENGTH_REQUIRED = refused(411, "length required")
TOO_LARGE = refused(413, "payload too large")
BAD_REQUEST = refused(400, "bad request")
LIMITED = refused(429, "rate limited")

_INDEX = event("index")
_BODY = compact(batch([_INDEX]))
_NO_EVENTS = {name: part for name, part in batch([]).items() if name != "events"}
_NIL = "00000000-0000-0000-0000-000000000000"
_PLAIN = ("host: 127.0.0.1", "content-type: text/plain")
_TOO_LONG = compact(batch([], filler="x" * 65_537))[:65_537]
_INVALID_UTF8 = compact(batch([_INDEX], machine="\x7f")).replace(b"\x7f", b"\xff")


def post(content: object) -> bytes:
    return build_request(compact(content))


# Each request with its recorded answer. None of them has another answer here.
REQUESTS = {
    "POST one index event": (post(batch([_INDEX])), ACCEPTED),
    "POST events: []": (post(batch([])), ACCEPTED),
    "POST events missing": (post(_NO_EVENTS), ACCEPTED),
    "POST events is a string": (post(batch("x")), ACCEPTED),
    "POST 150 events": (post(batch([_INDEX] * 150)), ACCEPTED),
    "POST uppercase machine_id": (post(batch([_INDEX], MACHINE.upper())), ACCEPTED),
    "POST UUID of no valid version (nil)": (post(batch([_INDEX], _NIL)), ACCEPTED),
    "POST machine_id without dashes": (
        post(batch([_INDEX], MACHINE.replace("-", ""))),
        BAD_REQUEST,
    ),
    "POST machine_id null": (post(batch([_INDEX], None)), BAD_REQUEST),
    "POST no Content-Type": (build_request(_BODY, headers=_PLAIN[:1]), ACCEPTED),
    "POST Content-Type text/plain": (build_request(_BODY, headers=_PLAIN), ACCEPTED),
    "POST broken JSON": (build_request(b'{"machine_id":'), BAD_REQUEST),
    "POST null": (post(None), BAD_REQUEST),
    'POST "x"': (post("x"), BAD_REQUEST),
    "POST empty body (Content-Length: 0)": (build_request(b""), LENGTH_REQUIRED),
    "POST chunked": (build_request(_BODY, framing=CHUNKED), LENGTH_REQUIRED),
    "POST 65537 bytes": (build_request(_TOO_LONG), TOO_LARGE),
    "POST invalid UTF-8": (build_request(_INVALID_UTF8), BAD_REQUEST),
    "POST with BOM": (build_request(b"\xef\xbb\xbf" + _BODY), ACCEPTED),
    "POST with query ?x=1": (build_request(_BODY, path="/v1/events?x=1"), ACCEPTED),
    "GET /v1/events": (build_request(b"", "GET"), NOT_ALLOWED),
    "HEAD /v1/events": (build_request(b"", "HEAD"), without_body(NOT_ALLOWED)),
    "PUT /v1/events": (build_request(_BODY, "PUT"), NOT_ALLOWED),
    "OPTIONS /v1/events (CORS preflight)": (
        build_request(
            *(b"", "OPTIONS"),
            headers=(
                *("host: 127.0.0.1", "origin: https://example.org"),
                "access-control-request-method: POST",
            ),
        ),
        NOT_ALLOWED,
    ),
    "HEAD /": (build_request(b"", "HEAD", "/"), without_body(NOT_FOUND)),
    "POST /": (build_request(_BODY, path="/"), NOT_FOUND),
    "GET /nope": (build_request(b"", "GET", "/nope"), NOT_FOUND),
    "POST /admin/rollup (no ADMIN_TOKEN)": (
        build_request(b"", path="/admin/rollup"),
        NOT_FOUND,
    ),
}


@dataclass(frozen=True)
class EventCase:
    """Events, and what their server stored of them.

    `deviates`: their server answered 500 and stored nothing. Then docs/explanation/deviations.md has a row.
    """

    name: str
    events: tuple[object, ...]
    stored: tuple[Event, ...] = ()
    facts: Mapping[str, object] = field(
        default_factory=lambda: {"codegraph_version": "1.6.1", "os": "linux"}
    )
    deviates: bool = False

    def body(self) -> Event:
        return {"machine_id": MACHINE, **self.facts, "events": list(self.events)}


@dataclass(frozen=True)
class TimeCase:
    """The time of an event, and how far the day that counts is from the day of receipt."""

    name: str
    write: Callable[[dt.datetime], object]
    shift: dt.timedelta = dt.timedelta()


_DAY = dt.timedelta(days=1)
_FIVE_MINUTES = dt.timedelta(minutes=5)
_KIND = {"scope": "local", "kind": "fresh"}


def _install(name: str, *, keeps: bool = False, **props: object) -> EventCase:
    sent = event("install", **props, **_KIND)
    stored = sent if keeps else event("install", **_KIND)
    return EventCase(f"install {name}", (sent,), (stored,))


def _call(name: str, /, *dropped: str, **props: object) -> EventCase:
    """A call of a tool; without its name or count, the event is dropped."""
    sent = {"kind": "mcp_tool", "name": "x", "count": 1, **props}
    kept = {key: value for key, value in sent.items() if key not in dropped}
    is_kept = not {"name", "count"} & {*dropped}
    stored = (event("usage_rollup", **kept),) if is_kept else ()
    return EventCase(f"rollup {name}", (event("usage_rollup", **sent),), stored)


def _envelope(name: str, **facts: object) -> EventCase:
    return EventCase(f"envelope {name}", (_INDEX,), (_INDEX,), facts)


EVENTS = (
    *(
        EventCase(f"event name {name}", (event(name),), deviates=True)
        for name in ("constructor", "toString", "__proto__", "hasOwnProperty")
    ),
    EventCase("install without kind", (event("install", scope="local"),)),
    _install("targets 13 items", targets=["claude"] * 13),
    _install("targets with a 25-char item", targets=["claude", "x" * 25]),
    _install("targets []", keeps=True, targets=[]),
    _call("count 1000000", count=1_000_000),
    _call("count 1000001", "count", count=1_000_001),
    _call("count 0", count=0),
    _call("count 1.0", count=1.0),
    _call("name 65 chars", "name", name="x" * 65),
    _call(
        "client_name 'Claude Code (x) a/b@c'",
        client_name="Claude Code (x) a/b@c",
        client_version="2.1 beta",
    ),
    _call("client_name with \xfc", "client_name", client_name="Cl\xfcde"),
    EventCase("index props null", ({"event": "index", "props": None},), (_INDEX,)),
    EventCase("index no props", ({"event": "index"},), (_INDEX,)),
    EventCase("event null", (None,)),
    EventCase("event a string", ("index",)),
    EventCase(
        "poisoned + good", (event("constructor"), _INDEX), (_INDEX,), deviates=True
    ),
    _envelope("os 17 chars", os="x" * 17),
    _envelope("codegraph_version with space", codegraph_version="1.6 1"),
    _envelope("node_major 100", node_major=100),
    _envelope("ci 'true'", ci="true"),
    _envelope("schema_version 2.5", schema_version=2.5),
)

TIMES = (
    TimeCase("+5 min", lambda now: to_time(now + _FIVE_MINUTES), _FIVE_MINUTES),
    TimeCase("+11 min", lambda now: to_time(now + dt.timedelta(minutes=11))),
    TimeCase("-29 d", lambda now: to_time(now - 29 * _DAY), -29 * _DAY),
    TimeCase("number", lambda _: 1_764_000_000_000),
    TimeCase(
        "'Thu, 26 Nov 2026 00:00:00 GMT'",
        lambda now: (now - _DAY).strftime("%a, %d %b %Y 00:00:00 GMT"),
        -_DAY,
    ),
    TimeCase("without zone", lambda now: f"{(now - _DAY).date()}T10:00:00", -_DAY),
    TimeCase("date only", lambda now: f"{(now - _DAY).date()}", -_DAY),
)
