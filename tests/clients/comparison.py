"""Compares what a real client sent with what ours sent, field by field. It does no I/O."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

ID = "{id}"
EVERY = "every message"
_ABSENT = "absent"
# They follow from where and what is sent.
_OF_CONNECTION = ("host", "content-length", "connection")
_SHAPES = (
    (r"None|null", "none"),
    (r"True|False|true|false", "boolean"),
    (r"-?[0-9]+", "integer"),
    (r"-?[0-9]+\.[0-9]+", "number"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T12:00:00\.000Z", "noon of a day"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z", "time"),
)


@dataclass(frozen=True)
class Message:
    """An event, with the request that it was sent in.

    Attributes:
        name: What kind of event it is. Messages of the same name are compared.
        method: GET or POST.
        path: The path, with `{id}` in place of the ID.
        headers: The headers by their names in lower case.
        fields: The fields of the query or the body by their names, as texts.
    """

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]


class Difference(NamedTuple):
    """Where the messages of a name differ.

    Attributes:
        message: Their name.
        part: `number`, `method`, `path`, `header NAME`, or the name of a field.
        theirs: How many there are, or the shape of the part, in the real client's messages.
        ours: The same in ours.
    """

    message: str
    part: str
    theirs: str
    ours: str


def find_differences(
    theirs: Collection[Message],
    ours: Collection[Message],
    *,
    volatile: Collection[str] = (),
) -> set[Difference]:
    """List the differences between the messages of two clients that did the same things.

    A part has to have the same values in both, in as many messages as there are. Of a
    difference, only the shapes are returned, so that it is the same in every run.

    Args:
        theirs: The messages of the real client.
        ours: Those of our client.
        volatile: Names of fields that need the same shape only: they depend on the moment.
    """
    counts = Counter(it.name for it in theirs), Counter(it.name for it in ours)
    found = {
        Difference(name, "number", str(counts[0][name]), str(counts[1][name]))
        for name in {*counts[0], *counts[1]}
        if counts[0][name] != counts[1][name]
    }
    both = {*counts[0]} & {*counts[1]}
    for name in both:
        pair = [
            _list_values([it for it in messages if it.name == name])
            for messages in (theirs, ours)
        ]
        for part in {*pair[0], *pair[1]}:
            values = [it.get(part, {_ABSENT}) for it in pair]
            shapes = [_describe(it) for it in values]
            if shapes[0] != shapes[1]:
                found.add(Difference(name, part, *shapes))
            elif values[0] != values[1] and part not in volatile:
                found.add(Difference(name, part, shapes[0], f"another {shapes[1]}"))
    return _join(found, both)


def _list_values(messages: Collection[Message]) -> dict[str, set[str]]:
    """Return the values of each part in *messages*."""
    parts = [_list_parts(it) for it in messages]
    names = {name for it in parts for name in it}
    return {name: {it.get(name, _ABSENT) for it in parts} for name in names}


def _list_parts(message: Message) -> dict[str, str]:
    headers = {
        f"header {name}": text
        for name, text in message.headers.items()
        if name not in _OF_CONNECTION
    }
    return {
        "method": message.method,
        "path": message.path,
        **headers,
        **message.fields,
    }


def _describe(values: Iterable[str]) -> str:
    return " or ".join(sorted({*map(_find_shape, values)}))


def _find_shape(text: str) -> str:
    if text == _ABSENT:
        return text
    fitting = (shape for pattern, shape in _SHAPES if re.fullmatch(pattern, text))
    return next(fitting, "text")


def _join(found: set[Difference], names: set[str]) -> set[Difference]:
    """Replace the differences that the messages of all *names* have by one for all."""
    messages: dict[Difference, set[str]] = {}
    for it in found:
        messages.setdefault(it._replace(message=EVERY), set()).add(it.message)
    joined = {it for it in messages if messages[it] == names and len(names) > 1}
    kept = {it for it in found if it._replace(message=EVERY) not in joined}
    return kept | joined
