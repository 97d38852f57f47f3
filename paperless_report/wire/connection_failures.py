"""Finds why a request failed without an answer, from the exceptions of the libraries."""

import errno
from collections.abc import Iterator

from paperless_report.wire.answers import Cause, Failure

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
# By the names of classes, because their modules take long to import. The first that fits
# counts: a subclass comes before its base.
_CAUSES = (
    ("gaierror", Cause.NO_ADDRESS),
    ("SSLCertVerificationError", Cause.CERTIFICATE),
    ("SSLError", Cause.NO_TLS),
    ("IncompleteRead", Cause.CLOSED),
    ("HTTPException", Cause.NOT_HTTP),
)


def classify(error: Exception, deadline_seconds: float) -> Failure:
    """Return why the request failed that raised *error*.

    The messages of the exceptions do not become part of it: they may quote URLs, proxies
    and paths.
    """
    chain = list(_follow(error))
    causes = [cause for it in reversed(chain) if (cause := _find_cause(it))]
    if any("ProxyError" in _list_names(it) for it in chain):
        causes = [Cause.PROXY]
    match causes:
        case [Cause.TIMEOUT, *_]:
            return Failure(Cause.TIMEOUT, f"{deadline_seconds:g}")
        case [cause, *_]:
            return Failure(cause)
    return Failure(Cause.NO_CONNECTION, type(error).__name__)


def _find_cause(error: BaseException) -> Cause | None:
    match error:
        case TimeoutError():
            return Cause.TIMEOUT
        case ConnectionRefusedError():
            return Cause.NOTHING_LISTENS
        case ConnectionError():  # not that of requests, which is for any failure
            return Cause.CLOSED
        case OSError(errno=number) if number in _NO_ROUTE:
            return Cause.NO_ROUTE
    if type(error) is OSError and error.errno is None:
        return Cause.AUTHORITIES  # what requests raises for a bundle that is not there
    names = _list_names(error)
    return next((cause for name, cause in _CAUSES if name in names), None)


def _list_names(error: BaseException) -> set[str]:
    return {it.__name__ for it in type(error).__mro__}


def _follow(error: BaseException) -> Iterator[BaseException]:
    """Give *error*, what caused it, and so on to the first exception."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
