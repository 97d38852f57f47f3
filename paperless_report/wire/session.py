"""Opens a session of `requests` that reveals nothing, and that sends nothing too late.

Only `delivery` imports this, when it sends: no network code is loaded before.
"""

import threading
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

_Request = TypeVar("_Request")


def open_session(url: str, abandoned: threading.Event) -> requests.Session:
    """Open a session for one request to *url*, which is not sent once *abandoned* is set."""
    session = requests.Session()
    session.auth = _add_no_credentials  # otherwise requests reads .netrc
    # http is for this machine alone (see `endpoint`): no proxy may see it.
    session.trust_env = not url.startswith("http:")
    # A request's own headers are all that the receiver learns about this machine.
    session.headers.clear()
    for prefix in ("http://", "https://"):
        session.mount(prefix, _Adapter(abandoned))
    return session


class _Adapter(HTTPAdapter):
    """Gives connections that send nothing late: a DNS lookup has no time limit."""

    def __init__(self, abandoned: threading.Event) -> None:
        self._abandoned = abandoned
        super().__init__()

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # its signature
        return self._guard(
            super().get_connection_with_tls_context(*arguments, **options)
        )

    def get_connection(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # the same in older versions
        return self._guard(super().get_connection(*arguments, **options))

    def _guard(self, pool: Any) -> Any:  # noqa: ANN401  # urllib3 is not a dependency of ours
        abandoned = self._abandoned

        class Connection(pool.ConnectionCls):  # type: ignore[misc]  # the pool's own class
            def connect(self) -> None:
                super().connect()
                if abandoned.is_set():
                    self.close()
                    raise TimeoutError

        pool.ConnectionCls = Connection
        return pool


def _add_no_credentials(request: _Request) -> _Request:
    return request
