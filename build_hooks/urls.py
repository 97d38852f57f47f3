"""Where reports may go, as far as a URL tells. Pure."""

import ipaddress
import re
from urllib.parse import urlsplit


def problem(value: str) -> str | None:
    """What is wrong with *value* as an endpoint, as a predicate; None if it is one."""
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError:
        return f"is not a URL: {value!r}."
    # A backslash means different hosts to different libraries.
    if not host or not value.isprintable() or re.search(r"[\s\\]", value):
        return f"is not a URL: {value!r}."
    if "@" in url.netloc:
        return "must hold no user name and no password: it is shipped."
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(host)):
        return None
    return f"must begin with https:// (http:// only for this machine), not {value!r}."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
