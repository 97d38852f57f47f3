"""One HTTP request within one deadline: the only module that opens a socket."""

import io
import logging
import queue
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext as _

from paperless_report.answers import WITH_BODY, Answer, Failure
from paperless_report.obstacle import ObstacleError

if TYPE_CHECKING:
    import requests

# Over name look-up, connection, TLS, sending and receiving together (C6).
DEADLINE_SECONDS = 10.0
# After which someone at a terminal is told that it goes on.
_SLOW_SECONDS = 2.0
# The documented answers are far smaller.
_MOST_BYTES = 4096
_THREAD = "usage-report"

_Request = TypeVar("_Request")


def require() -> None:
    """See that what this module needs is installed.

    Raises:
        ObstacleError: If it is not.
    """
    if find_spec("requests") is None:
        raise ObstacleError(
            _("Sending needs one package more: pip install 'paperless-report[report]'.")
        )


def post(
    url: str,
    body: bytes,
    *,
    deadline_seconds: float | None = None,
    slow: Callable[[], object] = lambda: None,
) -> Answer | Failure:
    """POST *body*, which is JSON, to *url*, once. Never raises.

    The request runs in a thread of its own, because nothing else ends a name
    look-up or a drip of bytes in time. A thread that is late is left behind; it
    sends nothing any more, and ends with the process at the latest.

    Args:
        url: Where to.
        body: What.
        deadline_seconds: How long all of it may take; 10 by default.
        slow: Called once if it takes longer than two seconds.
    """
    limit = DEADLINE_SECONDS if deadline_seconds is None else deadline_seconds
    outcome: queue.SimpleQueue[Answer | Failure] = queue.SimpleQueue()
    over = threading.Event()

    def work() -> None:
        try:
            outcome.put(_post(url, _Body(body, over), limit))
        except Exception as error:  # noqa: BLE001  # whatever it is, the admin sees one line (C5)
            # The message itself may quote URLs, proxies and paths.
            outcome.put(Failure(type(error).__name__))

    try:
        threading.Thread(target=work, name=_THREAD, daemon=True).start()
    except RuntimeError as error:  # as many threads as there may be
        return Failure(type(error).__name__)
    patience = min(_SLOW_SECONDS, limit)
    try:
        return outcome.get(timeout=patience)
    except queue.Empty:
        if patience < limit:
            slow()
    try:
        return outcome.get(timeout=limit - patience)
    except queue.Empty:
        return Failure(f"no answer within {limit:g} seconds")
    finally:
        over.set()


class _Body(io.BytesIO):
    """The body, as long as it may still be sent."""

    def __init__(self, content: bytes, over: threading.Event) -> None:
        super().__init__(content)
        self._over = over

    def read(self, size: int | None = -1) -> bytes:
        if self._over.is_set():
            raise TimeoutError
        return super().read(size)


def _silence_libraries() -> None:
    """Keep out of the host's logs what urllib3 says of a report: URLs, an answer's text."""
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "urllib3":
            logging.getLogger(name).addFilter(_is_of_others)


def _is_of_others(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


def _post(url: str, body: io.BytesIO, timeout_seconds: float) -> Answer | Failure:
    import requests  # noqa: PLC0415  # no network code before the yes

    _silence_libraries()
    with requests.Session() as session:
        session.auth = _no_credentials  # else a .netrc would be read
        # http is for this machine alone (see `endpoint`): no proxy may see it.
        session.trust_env = not url.startswith("http:")
        # Only what is listed below is told of this machine.
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
            if response.status_code not in WITH_BODY:
                return Answer(response.status_code)
            return _read(response)


def _read(response: "requests.Response") -> Answer | Failure:
    """The answer with its body, never decompressed, and no more of it than may be.

    Raises:
        Exception: Whatever the libraries raise where it ends too early.
    """
    body = b""
    # Up to the empty piece: only there a body that is too short is noticed.
    while piece := response.raw.read(_MOST_BYTES + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > _MOST_BYTES:
            return Failure("the answer is too long")
    return Answer(response.status_code, body)


def _no_credentials(request: _Request) -> _Request:
    return request


def _user_agent() -> str:
    """`paperless-report/X.Y`, and nothing of the machine."""
    # Looking the version up takes longer than all the rest of a dry run's imports.
    from paperless_report.version import __version__  # noqa: PLC0415

    major_minor = ".".join(__version__.split(".")[:2])
    return f"paperless-report/{major_minor}"
