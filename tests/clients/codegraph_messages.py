"""Reads what a codegraph sent, from either client: each event of each batch."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.clients.comparison import Message
from tests.support.endpoint import Arrived


def read_messages(arrived: Iterable[Arrived]) -> list[Message]:
    return [message for request in arrived for message in _read(request)]


def _read(request: Arrived) -> Iterator[Message]:
    envelope = json.loads(request.body)
    for event in envelope.pop("events"):
        props = event["props"]
        parts = (event["event"], *(props.get(it) for it in ("kind", "name")))
        yield Message(
            # An `install` has a kind, too.
            name=" ".join(it for it in parts if it),
            method=request.method,
            path=request.path,
            headers={name.lower(): text for name, text in request.headers.items()},
            fields={**_flatten(envelope), **_flatten(event)},
        )


def _flatten(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the values of nested objects by their dotted names, as texts."""
    flat: dict[str, str] = {}
    for name, part in value.items():
        if isinstance(part, dict):
            flat |= _flatten(part, f"{prefix}{name}.")
        else:
            flat[prefix + name] = part if isinstance(part, str) else json.dumps(part)
    return flat
