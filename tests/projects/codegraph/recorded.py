"""The requests that codegraph 1.6.1 sent when it was recorded, with their times shifted."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]

MACHINE = "99f0e63c-f267-4ca3-a010-147b690d4535"
CHUNKED = "transfer-encoding: chunked"
_PATH = "/v1/events"
# All was recorded before this time; usage is of the day before yesterday.
_RECORDED = dt.datetime(2026, 11, 26, 0, 33, tzinfo=dt.UTC)
_HEADERS = (
    "host: 127.0.0.1:18083",
    "connection: keep-alive",
    "content-type: application/json",
    "accept: */*",
    "accept-language: *",
    "sec-fetch-mode: cors",
    "user-agent: node",
    "accept-encoding: gzip, deflate",
)


def to_time(time: dt.datetime) -> str:
    """*time* as JavaScript's `toISOString` writes it."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def batch(events: object, machine: object = MACHINE, **facts: object) -> Event:
    """The body of a request, with *facts* in place of the usual ones."""
    usual = {
        "codegraph_version": "1.6.1",
        "os": "linux",
        "arch": "x64",
        "node_major": 24,
        "ci": False,
        "schema_version": 2,
    }
    return {"machine_id": machine, **usual, **facts, "events": events}


def event(kind: str, ts: object = None, /, **props: object) -> Event:
    """An event; without *ts*, one of today."""
    times = {} if ts is None else {"ts": ts}
    return {"event": kind, **times, "props": props}


def usage(
    kind: str, name: str, count: int, errors: int, ts: object = None, **client: str
) -> Event:
    """The calls of a tool, or the runs of a command, on one day."""
    props = {"kind": kind, "name": name, "count": count, "error_count": errors}
    return event("usage_rollup", ts, **props, **client)


def compact(content: object) -> bytes:
    """JSON as JavaScript's `JSON.stringify` writes it."""
    return json.dumps(content, separators=(",", ":")).encode()


def build_request(
    body: bytes,
    method: str = "POST",
    path: str = _PATH,
    headers: Iterable[str] = _HEADERS,
    framing: str | None = None,
) -> bytes:
    """The bytes of a request. Without *framing*, it states the length of its body."""
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    sent = chunks if framing == CHUNKED else body
    lines = (
        f"{method} {path} HTTP/1.1",
        *headers,
        framing or f"content-length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + sent


@dataclass(frozen=True)
class Recording:
    """One recorded request: its events, with the times that they had then."""

    events: tuple[Event, ...]
    ci: bool = False

    def build(self, now: dt.datetime = _RECORDED) -> bytes:
        """The request as if it were sent at *now*, in UTC."""
        return build_request(compact(self.body(now)))

    def body(self, now: dt.datetime) -> Event:
        events = [{**it, "ts": _shift(it["ts"], now)} for it in self.events]
        return batch(events, ci=self.ci)


def _shift(recorded: str, now: dt.datetime) -> str:
    """Shift a recorded time to *now*; the noon of a day stays a noon."""
    time = dt.datetime.fromisoformat(recorded)
    is_day = time.time() == dt.time(12)
    shift = now.date() - _RECORDED.date() if is_day else now - _RECORDED
    return to_time(time + shift)


def _index(time: str) -> Event:
    return event(
        "index",
        f"2026-11-26T00:{time}Z",
        languages=["go", "python"],
        file_count_bucket="<100",
        duration_bucket="<10s",
    )


def _command(name: str) -> Event:
    return usage("cli_command", name, 1, 0, _DAY)


def _tool(name: str, count: int, errors: int) -> Event:
    client = {"client_name": "claude-code", "client_version": "2.1.7"}
    return usage("mcp_tool", name, count, errors, _DAY, **client)


_DAY = "2026-11-24T12:00:00.000Z"
_QUERY = _command("query")
_CLAUDE = ["claude"]
# A number that is missing was a request to another path.
RECORDINGS = {
    "001": Recording((_index("30:16.718"),)),
    "002": Recording(
        (
            event(
                *("install", "2026-11-24T22:30:49.442Z"),
                targets=["claude", "cursor"],
                scope="global",
                kind="fresh",
            ),
        )
    ),
    "003": Recording(
        (
            _command("install"),
            *[_QUERY] * 3,
            *(_command(name) for name in ("files", "callers", "query", "serve")),
            _tool("codegraph_explore", 3, 1),
            _tool("codegraph_node", 1, 1),
            _tool("codegraph_search", 1, 0),
        )
    ),
    "005": Recording(
        (
            event(
                *("install", "2026-11-26T00:31:46.123Z"),
                targets=_CLAUDE,
                scope="local",
                kind="fresh",
            ),
        )
    ),
    "006": Recording(
        (
            event(
                *("install", "2026-11-26T00:31:46.278Z"),
                targets=_CLAUDE,
                scope="global",
                kind="reinstall",
            ),
        )
    ),
    "007": Recording(
        (event("uninstall", "2026-11-26T00:31:46.504Z", targets=_CLAUDE),)
    ),
    "009": Recording((event("uninstall", "2026-11-26T00:31:47.113Z"),)),
    "010": Recording((_index("31:47.631"),), ci=True),
    "011": Recording((_index("32:17.440"),)),
    "013": Recording((_index("32:18.500"),)),
    "014": Recording((_index("32:18.500"),)),
    "015": Recording((_index("32:18.500"), _index("32:20.534"))),
    "017": Recording((_index("32:21.074"),)),
    "018": Recording((_QUERY,) * 100),
    "019": Recording((_QUERY,) * 30),
}
