"""One HTTP request within one deadline: the only module that opens a socket."""

import datetime as dt
import queue
import threading

import requests

from paperless_report import answers
from paperless_report.version import __version__

# Over name look-up, connection, TLS, sending and receiving together (C6).
DEADLINE_SECONDS = 10.0
# The documented answers are far smaller.
_MOST_BYTES = 4096
_CHUNK_BYTES = 1024


def send(
    url: str, body: bytes, deadline_seconds: float = DEADLINE_SECONDS
) -> answers.Outcome:
    """POST *body* to *url*, once, and say what came of it. Never raises.

    The request runs in a thread of its own, because nothing else ends a name
    look-up or a drip of bytes in time. A thread that is late is left behind.
    """
    outcome: queue.SimpleQueue[answers.Outcome] = queue.SimpleQueue()

    def work() -> None:
        try:
            status, answer = _post(url, body, deadline_seconds)
            now = dt.datetime.now(dt.UTC)
            outcome.put(answers.interpret(status, answer, now))
        except Exception as error:  # noqa: BLE001  # whatever it is, the admin sees one line (C5)
            outcome.put(answers.NotSent(_kind(error)))

    threading.Thread(target=work, name="usage-report", daemon=True).start()
    try:
        return outcome.get(timeout=deadline_seconds)
    except queue.Empty:
        return answers.NotSent(f"no answer within {deadline_seconds:g} seconds")


def _post(url: str, body: bytes, timeout_seconds: float) -> tuple[int, bytes]:
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
            if response.status_code not in answers.WITH_BODY:
                return response.status_code, b""
            return response.status_code, _read(response)


def _read(response: requests.Response) -> bytes:
    """The whole body.

    Raises:
        ValueError: If it is longer than any documented one.
        Exception: Whatever the libraries raise where it ends too early.
    """
    body = b""
    for chunk in response.raw.stream(_CHUNK_BYTES):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ValueError("the answer is too long")
    return body


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _user_agent() -> str:
    """`paperless-report/X.Y`, and nothing of the machine."""
    major_minor = ".".join(__version__.split(".")[:2])
    return f"paperless-report/{major_minor}"


def _kind(error: Exception) -> str:
    """What kind of failure it was. The message itself may quote URLs and proxies."""
    return type(error).__name__
