"""Sends one HTTP request within a time limit, without following redirects.

No other module opens a socket.
"""

import datetime as dt
import io
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from paperless_report.errors import Problem, ReportingError
from paperless_report.report.outgoing import JSON_HEADERS
from paperless_report.wire.answers import (
    WITH_BODY,
    Answer,
    Cause,
    Failure,
    parse_retry_after,
)
from paperless_report.wire.connection_failures import classify
from paperless_report.wire.headers import complete_headers

if TYPE_CHECKING:
    import requests

# For DNS, connection, TLS, sending and receiving together (decision C6).
DEADLINE_SECONDS = 10.0
# After this long, a terminal shows that the request still runs.
_SLOW_SECONDS = 2.0
# The documented answers are far smaller.
_MOST_BYTES = 4096
_THREAD = "usage-report"

# The threads that send right now, whose records of urllib3 are dropped.
_sending: Final[set[int]] = set()


class _Request(NamedTuple):
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def require_requests() -> None:
    """Check that the package `requests` is installed.

    Raises:
        ReportingError: If it is not.
    """
    if find_spec("requests") is None:
        raise ReportingError(Problem.REQUESTS_MISSING)


def post(
    url: str,
    body: bytes,
    *,
    deadline_seconds: float | None = None,
    on_slow: Callable[[], object] = lambda: None,
) -> Answer | Failure:
    """POST *body*, which is JSON, to *url*, once. Never raise; see `send`."""
    limit = DEADLINE_SECONDS if deadline_seconds is None else deadline_seconds
    headers = complete_headers(JSON_HEADERS)
    return send("POST", url, headers, body, deadline_seconds=limit, on_slow=on_slow)


def send(  # noqa: PLR0913  # a request
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    deadline_seconds: float,
    on_slow: Callable[[], object] = lambda: None,
) -> Answer | Failure:
    """Send a request, once. Never raise.

    The request runs in a thread, because nothing else ends a DNS lookup or a slow
    stream of bytes in time. A late thread is abandoned: it sends nothing more, and it
    ends with the process at the latest.

    Args:
        method: GET or POST.
        url: The URL.
        headers: All headers, apart from those on the connection and the body's length.
        body: The body; a GET request has none.
        deadline_seconds: The time for everything.
        on_slow: Called once if the request takes longer than two seconds.
    """
    outcome: queue.SimpleQueue[Answer | Failure] = queue.SimpleQueue()
    abandoned = threading.Event()
    request = _Request(method, url, headers, body)

    def work() -> None:
        try:
            outcome.put(_send(request, abandoned, deadline_seconds))
        except Exception as error:  # noqa: BLE001  # any failure ends in one line (C5)
            outcome.put(classify(error, deadline_seconds))

    try:
        threading.Thread(target=work, name=_THREAD, daemon=True).start()
    except RuntimeError:
        # The limit on threads is reached, or the interpreter is at its end. The libraries'
        # own time limit is longer only if a DNS lookup or a server is slow.
        work()
    patience = min(_SLOW_SECONDS, deadline_seconds)
    try:
        return outcome.get(timeout=patience)
    except queue.Empty:
        if patience < deadline_seconds:
            on_slow()
    try:
        return outcome.get(timeout=deadline_seconds - patience)
    except queue.Empty:
        return Failure(Cause.TIMEOUT, f"{deadline_seconds:g}")
    finally:
        abandoned.set()


class _Body(io.BytesIO):
    """A request body that can be read until the request is abandoned."""

    def __init__(self, content: bytes, abandoned: threading.Event) -> None:
        super().__init__(content)
        self._abandoned = abandoned

    def read(self, size: int | None = -1) -> bytes:
        if self._abandoned.is_set():
            raise TimeoutError
        return super().read(size)


def _silence_libraries() -> None:
    """Keep urllib3's records of this request out of the host's logs: they hold URLs."""
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "urllib3":
            logging.getLogger(name).addFilter(_is_from_another_thread)


def _is_from_another_thread(record: logging.LogRecord) -> bool:
    return record.thread not in _sending


def _send(
    request: _Request, abandoned: threading.Event, timeout_seconds: float
) -> Answer | Failure:
    # No network code before the admin says yes.
    from paperless_report.wire.session import open_session  # noqa: PLC0415

    _silence_libraries()
    thread = threading.get_ident()
    _sending.add(thread)
    try:
        with (
            open_session(request.url, abandoned) as session,
            session.request(
                request.method,
                request.url,
                data=_Body(request.body, abandoned) if request.body else None,
                headers=dict(request.headers),
                timeout=timeout_seconds,
                # The payload goes to the configured host only.
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            return _read_answer(response)
    finally:
        _sending.discard(thread)


def _read_answer(response: "requests.Response") -> Answer | Failure:
    status, answered = response.status_code, response.headers
    wait = parse_retry_after(
        *(answered.get("Retry-After"), answered.get("Date")),
        now=dt.datetime.now(dt.UTC),
    )
    content = _read(response) if status in WITH_BODY else b""
    if content is None:
        return Failure(Cause.TOO_LONG, retry_after=wait)
    return Answer(status, content, wait)


def _read(response: "requests.Response") -> bytes | None:
    """Read the body without decompressing it; None if it is over the limit.

    Raises:
        Exception: Whatever the libraries raise if it ends too early.
    """
    body = b""
    # Up to the empty piece: only there do the libraries notice a short body.
    while piece := response.raw.read(_MOST_BYTES + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > _MOST_BYTES:
            return None
    return body
