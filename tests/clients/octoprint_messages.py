"""Reads what an OctoPrint sent, from either client."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from tests.clients.comparison import ID, Message
from tests.support.endpoint import Arrived


def read_messages(arrived: Iterable[Arrived]) -> list[Message]:
    return [_read(it) for it in arrived]


def _read(request: Arrived) -> Message:
    url = urlsplit(request.path)
    _, track, _, event, end = url.path.split("/")
    return Message(
        name=event,
        method=request.method,
        path=f"/{track}/{ID}/{event}/{end}",
        headers={name.lower(): text for name, text in request.headers.items()},
        fields=dict(
            parse_qsl(url.query or request.body.decode(), keep_blank_values=True)
        ),
    )
