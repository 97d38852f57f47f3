"""Keeps what was sent, without the installation ID, which it puts back when shown.

The ID must be gone once it is deleted. So a row holds a marker in its place, and two
bytes of its digest: enough to see whether an ID is the one that was sent, and too little
to find out an ID.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from paperless_report.report.outgoing import Sent
from paperless_report.state.database import make_damage, read_text, read_time

if TYPE_CHECKING:
    from sqlite3 import Connection

MOST_AGE = timedelta(days=366)
MOST_BYTES = 1_000_000
DELETED = b"<deleted ID>"

_MARKER = b"\xff"  # UTF-8 never contains this byte


def begin(  # noqa: PLR0913, PLR0917  # a row
    connection: "Connection",
    at: datetime,
    url: str,
    body: bytes,
    installation_id: str,
    method: str = "POST",
) -> int:
    """Add a request with a *body* in UTF-8 before it is sent: a crash must not hide it.

    Returns:
        The number of the row, for `answer`.
    """
    cursor = connection.execute(
        "INSERT INTO history (at, url, body, digest, method) VALUES (?, ?, ?, ?, ?)",
        (
            at.timestamp(),
            _cut(url.encode(), installation_id),
            _cut(body, installation_id),
            _digest(installation_id),
            method,
        ),
    )
    connection.execute(
        "DELETE FROM history WHERE at < ?", ((at - MOST_AGE).timestamp(),)
    )
    connection.execute(
        "DELETE FROM history WHERE id IN (SELECT id FROM (SELECT id, SUM(LENGTH(url) "
        "+ LENGTH(body) + COALESCE(LENGTH(answer), 0)) OVER (ORDER BY id DESC) "
        "AS bytes FROM history) WHERE bytes > ?)",
        (MOST_BYTES,),
    )
    return int(cursor.lastrowid or 0)


def answer(connection: "Connection", row: int, text: str, installation_id: str) -> None:
    """Add the endpoint's answer to a request."""
    content = text.encode("utf-8", "replace")
    connection.execute(
        "UPDATE history SET answer = ? WHERE id = ?",
        (_cut(content, installation_id), row),
    )


def list_sent(
    connection: "Connection | None", known_ids: Collection[str] = ()
) -> list[Sent]:
    """List all requests, the oldest first.

    *known_ids* are the IDs that are still there: they are put back. A deleted ID is shown
    as `<deleted ID>`.
    """
    if connection is None:
        return []
    ids = {_digest(it): it.encode() for it in known_ids}
    rows = connection.execute(
        "SELECT at, CAST(url AS BLOB), CAST(body AS BLOB), CAST(digest AS BLOB), "
        "CAST(answer AS BLOB), method FROM history ORDER BY id"
    ).fetchall()
    return [
        Sent(
            at=read_time(at),
            url=_put_back(url, known).decode("utf-8", "replace"),
            body=_put_back(body, known),
            answer=None
            if text is None
            else _put_back(text, known).decode("utf-8", "replace"),
            method=read_text(method),
        )
        for at, url, body, digest, text, method in rows
        for known in [ids.get(digest, DELETED)]
    ]


def list_unanswered(connection: "Connection", since: datetime | None) -> list[Sent]:
    """List the requests after *since* that got no HTTP answer, the oldest first.

    The endpoint may have received them. Their bodies are without IDs.
    """
    return [
        sent
        for sent in list_sent(connection)
        if (since is None or sent.at > since) and not (sent.answer or "")[:1].isdigit()
    ]


def unlink(connection: "Connection", installation_id: str) -> None:
    """Drop the digest of an ID that is deleted."""
    connection.execute(
        "UPDATE history SET digest = NULL WHERE digest = ?",
        (_digest(installation_id),),
    )


def _cut(content: bytes, installation_id: str) -> bytes:
    """Replace each ID, also in capitals or without hyphens, as an endpoint may say it."""
    parts = map(re.escape, installation_id.encode().split(b"-"))
    return re.sub(b"-?".join(parts), _MARKER, content, flags=re.IGNORECASE)


def _put_back(content: bytes | None, installation_id: bytes) -> bytes:
    if content is None:
        raise make_damage("a request is missing")
    return content.replace(_MARKER, installation_id)


def _digest(installation_id: str) -> bytes:
    import hashlib  # noqa: PLC0415  # it loads OpenSSL

    return hashlib.sha256(installation_id.encode()).digest()[:2]
