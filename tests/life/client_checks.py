"""Compares what the clients keep with their models, and searches their files for IDs."""

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.life.twin import Twin

_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def find_client_faults(twins: list[Twin], now: dt.datetime) -> Iterator[str]:
    """List everything in which a client differs from its model at *now*, the end."""
    for number, twin in enumerate(twins):
        reporter = twin.real.open()
        kept = reporter.export()
        where = f"installation {number}, {twin.persona.value}"
        asks = bool(reporter.growth())
        for name, found, expected in (
            *_list_values(twin, kept),
            ("whether to ask the admin again", asks, twin.model.needs_consent),
        ):
            if found != expected:
                yield f"{where}: {name} is {found}, not {expected}"
        for name, found, expected in _list_events(twin, kept, now + twin.wrong):
            yield from (f"{where}: {name}: {it}" for it in sorted(found - expected))
            yield from (f"{where}: no {name}: {it}" for it in sorted(expected - found))
        for known in sorted(_find_ids(twin)):
            yield f"{where}: a file has {known}"


def _list_values(
    twin: Twin, kept: dict[str, Any]
) -> Iterator[tuple[str, object, object]]:
    """List what is kept and what the model says, by name."""
    model, sending = twin.model, kept["sending"]["report"]
    yield "the choice", kept["on"], model.is_on
    yield "the ID", kept["installation_id"], model.installation_id
    yield "what is set aside", sorted(kept["set_aside"]), sorted(model.aside)
    yield "the last report", _read_time(sending["last_sent"]), model.last_sent
    yield "the number of failures", sending["failures"], model.failures


_Events = Counter[tuple[object, ...]]


def _list_events(
    twin: Twin, kept: dict[str, Any], now: dt.datetime
) -> Iterator[tuple[str, _Events, _Events]]:
    """List what was sent, and what waits to be, here and in the model, by name."""
    model = twin.model
    counted = {tuple(it.values())[:-1]: it["value"] for it in kept["counts"]}
    expected = {
        (day, event, _to_json(dict(labels)), name): value
        for day, sums in model.sums.items()
        for (event, labels, name), value in sums.items()
        if value
    }
    requests = ((_read_time(it["at"]),) for it in kept["history"])
    yield "request", Counter(requests), Counter((at,) for at in model.requests)
    yield "sum", Counter(counted), Counter(expected)
    logged = ((_read_time(it["at"]) or now, it["event"]) for it in kept["log"])
    # Nothing is sent any more that is too old, but it may still be there.
    young = (it for it in logged if now - it[0] <= model.rules.log_for)
    entries = ((it.at, it.event) for it in model.list_log(now))
    yield "event", Counter(young), Counter(entries)


def _to_json(labels: dict[str, object]) -> str:
    return json.dumps(labels, separators=(",", ":"), sort_keys=True)


def _read_time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _find_ids(twin: Twin) -> set[str]:
    """Find the IDs in the files of a client that must not be there any more."""
    files = [it.read_bytes() for it in twin.real.folder.iterdir() if it.is_file()]
    found = {it.decode() for content in files for it in _ID.findall(content)}
    return found - {twin.model.installation_id, *twin.model.aside}
