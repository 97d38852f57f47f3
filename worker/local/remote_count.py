"""Runs the daily count of a receiver elsewhere, with the operator's secret."""

import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

# A count of millions of installations takes minutes.
_SECONDS = 600
_MOST_BYTES = 1_000_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ADVICE = {
    401: "The secret in the file is not the receiver's.",
    404: "Check the URL, and whether the receiver has an operator's secret.",
}


class CountFailedError(Exception):
    """The receiver counted nothing, or not all; `str()` of the error says why."""


class _RefuseRedirects(urllib.request.HTTPRedirectHandler):
    """Keeps the secret from any other address than the operator's own."""

    def redirect_request(self, *_: object) -> None:
        """Follow no redirect, so that it becomes an error."""


def count(endpoint: str, secret_file: Path) -> list[str]:
    """Ask the receiver at *endpoint* to count now.

    Args:
        endpoint: The URL that reports go to, with or without `/report`.
        secret_file: The file with the operator's secret.

    Returns:
        Lines that say what was done.

    Raises:
        CountFailedError: If the receiver is out of reach, or refuses.
        OSError: If the file cannot be read.
    """
    secret = secret_file.read_text(encoding="utf-8").strip()
    request = urllib.request.Request(  # noqa: S310  # see parse_endpoint
        f"{endpoint.rstrip('/').removesuffix('/report')}/operator/count",
        method="POST",
        headers={"Authorization": f"Bearer {secret}"},
    )
    handlers: list[urllib.request.BaseHandler] = [_RefuseRedirects()]
    if urlsplit(endpoint).hostname in _LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(request, timeout=_SECONDS) as response:
            lines: list[str] = json.loads(response.read(_MOST_BYTES))["done"]
    except urllib.error.HTTPError as error:
        with error:
            reason = _ADVICE.get(error.code) or _read_reason(error) or "Check the URL."
        raise CountFailedError(f"{endpoint} answered {error.code}. {reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise CountFailedError(f"Cannot reach {endpoint}: {error}") from None
    except (ValueError, KeyError, TypeError):
        raise CountFailedError(
            f"{endpoint} is not a receiver. Check the URL."
        ) from None
    return lines


def _read_reason(error: urllib.error.HTTPError) -> str | None:
    """Return why the receiver says that the daily work failed."""
    try:
        reason: str = json.loads(error.read(_MOST_BYTES))["detail"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return reason


def parse_endpoint(text: str) -> str:
    """Accept *text* if it is a URL to which the secret can go.

    Raises:
        ValueError: If it is not, or would send the secret unencrypted.
    """
    url = urlsplit(text)
    local = url.scheme == "http" and url.hostname in _LOOPBACK
    if not url.hostname or not (url.scheme == "https" or local):
        raise ValueError(f"{text!r} is not a URL that begins with https://")
    return text
