"""Checks the URL that reports go to. Pure."""

import ipaddress
from urllib.parse import urlsplit

from build_hooks.text import is_word


def check_url(value: str) -> str | None:
    """Return the problem with *value* as an endpoint, as a predicate; None if valid."""
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError:
        return f"is not a URL: {value!r}."
    # Libraries disagree on the host of a URL with a backslash.
    if not is_word(value) or "\\" in value:
        return "is not a URL: it has white space, control characters or a backslash."
    if not host:
        return f"is not a URL: {value!r}."
    if "@" in url.netloc:
        return "must not contain a user name or a password: everyone can read it."
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(host)):
        return None
    return (
        f"must begin with https:// (http:// is only for this machine), not {value!r}."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
