"""What codegraph's receiver must have stored of a batch: the machine's facts, and sums of its events."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from tests.projects.codegraph.recorded import Event
from tests.worker.database import select_all
from worker.local.harness import Harness

# By event, as the operator asks for them.
PAIRS = {
    "mcp_tool": (
        "name,client_name",
        "name,codegraph_version",
        "client_name,client_version",
    ),
    "cli_command": ("name",),
    "install": ("targets,scope", "scope,kind"),
    "index": ("languages", "file_count_bucket,duration_bucket", "sqlite_backend"),
    "uninstall": ("targets",),
}
FACTS = ("codegraph_version", "os", "arch", "node_major", "ci", "schema_version")

# The number of events and of errors, by day, event, pair, first and second value.
Sums = Mapping[tuple[str, ...], tuple[int, int]]


def sum_events(
    events: Iterable[Event], day: dt.date, facts: Mapping[str, object]
) -> Sums:
    """The sums that *events* add, all of them valid and of one *day*."""
    counts: Counter[tuple[str, ...]] = Counter()
    errors: Counter[tuple[str, ...]] = Counter()
    for sent in events:
        props = sent["props"]
        is_usage = sent["event"] == "usage_rollup"
        name = props["kind"] if is_usage else sent["event"]
        for pair in PAIRS[name]:
            values = [_list_values({**facts, **props}, it) for it in pair.split(",")]
            for first, second in product(*values, *[[""]] * (2 - len(values))):
                key = (f"{day}", name, pair, first, second)
                counts[key] += int(props["count"]) if is_usage else 1
                errors[key] += props.get("error_count", 0)
    return {key: (counts[key], errors[key]) for key in counts}


def sum_batch(body: Event) -> Sums:
    """The sums that a valid batch adds, whose events all have a time."""
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for day in {it["ts"][:10] for it in body["events"]}:
        events = [it for it in body["events"] if it["ts"].startswith(day)]
        sums |= sum_events(events, dt.date.fromisoformat(day), body)
    return sums


def _list_values(values: Mapping[str, Any], name: str) -> list[str]:
    value = values.get(name, "")
    return (value or [""]) if isinstance(value, list) else [str(value)]


def read_sums(worker: Harness) -> Sums:
    """The sums in the database, without the rows on their number, whose pairs begin with #."""
    rows = select_all(worker, "counters")
    keys = ("day", "event", "pair", "first", "second")
    return {
        tuple(row[key] for key in keys): (row["count"], row["errors"])
        for row in rows
        if not row["pair"].startswith("#")
    }


def read_machines(worker: Harness) -> dict[str, dict[str, Any]]:
    """The stored facts that are known, by ID."""
    return {
        row["machine_id"]: {it: row[it] for it in FACTS if row[it] is not None}
        for row in select_all(worker, "machines")
    }
