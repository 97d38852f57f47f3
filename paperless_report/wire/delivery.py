"""Sends one HTTP request within ten seconds, without following redirects.

No other module opens a socket.
"""

import datetime as dt
import io
import logging
import queue
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from paperless_report.errors import Problem, ReportingError
from paperless_report.wire.answers import (
    WITH_BODY,
    Answer,
    Cause,
    Failure,
    parse_retry_after,
)

if TYPE_CHECKING:
    import requests

# For DNS, connection, TLS, sending and receiving together (decision C6).
DEADLINE_SECONDS = 10.0
# After this long, a terminal shows that the request still runs.
_SLOW_SECONDS = 2.0
# The documented answers are far smaller.
_MOST_BYTES = 4096
_THREAD = "usage-report"

_Request = TypeVar("_Request")


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
    """POST *body* to *url*, once. Never raise.

    The request runs in a thread, because nothing else ends a DNS lookup or a slow
    stream of bytes in time. A late thread is abandoned: it sends nothing more, and it
    ends with the process at the latest.

    Args:
        url: The URL to POST to.
        body: JSON.
        deadline_seconds: The time for everything; 10 by default.
        on_slow: Called once if the request takes longer than two seconds.
    """
    limit = DEADLINE_SECONDS if deadline_seconds is None else deadline_seconds
    outcome: queue.SimpleQueue[Answer | Failure] = queue.SimpleQueue()
    abandoned = threading.Event()

    def work() -> None:
        try:
            outcome.put(_post(url, _Body(body, abandoned), limit))
        except Exception as error:  # noqa: BLE001  # any failure ends in one line (C5)
            outcome.put(_no_connection(error))

    try:
        threading.Thread(target=work, name=_THREAD, daemon=True).start()
    except RuntimeError as error:  # the limit on threads is reached
        return _no_connection(error)
    patience = min(_SLOW_SECONDS, limit)
    try:
        return outcome.get(timeout=patience)
    except queue.Empty:
        if patience < limit:
            on_slow()
    try:
        return outcome.get(timeout=limit - patience)
    except queue.Empty:
        return Failure(Cause.TIMEOUT, f"{limit:g}")
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


def _no_connection(error: Exception) -> Failure:
    # Only the class: the message may quote URLs, proxies and paths.
    return Failure(Cause.NO_CONNECTION, type(error).__name__)


def _silence_libraries() -> None:
    """Keep urllib3's records of this request out of the host's logs: they hold URLs."""
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "urllib3":
            logging.getLogger(name).addFilter(_is_from_another_thread)


def _is_from_another_thread(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


def _post(url: str, body: io.BytesIO, timeout_seconds: float) -> Answer | Failure:
    import requests  # noqa: PLC0415  # no network code before the admin says yes

    _silence_libraries()
    with requests.Session() as session:
        session.auth = _add_no_credentials  # otherwise requests reads .netrc
        # http is for this machine alone (see `endpoint`): no proxy may see it.
        session.trust_env = not url.startswith("http:")
        # The headers below are all that the receiver learns about this machine.
        session.headers.clear()
        with session.post(
            url,
            data=body,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Content-Type": "application/json",
                "User-Agent": _user_agent(),
            },
            timeout=timeout_seconds,
            # The payload goes to the configured host only.
            allow_redirects=False,
            stream=True,
        ) as response:
            status, headers = response.status_code, response.headers
            wait = parse_retry_after(
                *(headers.get("Retry-After"), headers.get("Date")),
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


def _add_no_credentials(request: _Request) -> _Request:
    return request


def _user_agent() -> str:
    """Return `paperless-report/X.Y`, which says nothing about the machine."""
    # Here, because looking up the version takes longer than a dry run's other imports.
    from paperless_report.version import __version__  # noqa: PLC0415

    major_minor = ".".join(__version__.split(".")[:2])
    return f"paperless-report/{major_minor}"
