"""Decides whether a request may see or change the page, from its headers alone."""

import ipaddress
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# A local proxy would make clients anywhere look local.
_OF_PROXIES = {"forwarded", "via", "x-client-ip", "x-original-host", "x-real-ip"}
_OF_PROXIES_PREFIX = "x-forwarded"


def new_token() -> str:
    """Return a random token for a cookie and the forms."""
    return secrets.token_urlsafe(32)


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Return whether a browser sent this request from a page of the same origin.

    Args:
        headers: The request's headers; the names are in lower case.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    host = headers.get("host", "").lower()
    return bool(host) and _read_netloc(headers.get("origin", "")) == host


def is_of_browser(headers: Mapping[str, str]) -> bool:
    """Return whether the headers of a request that changes something are of a browser.

    Browsers send `Origin` with each such request to another site, and nothing but a browser
    sends `Sec-` headers.

    Args:
        headers: The request's headers; the names are in lower case.
    """
    return any(it in {"origin", "referer"} or it.startswith("sec-") for it in headers)


def is_own_or_navigation(headers: Mapping[str, str]) -> bool:
    """Return whether no script of another site made this request to read the page.

    A request with neither `Sec-Fetch-Site` nor `Origin` is trusted: browsers send `Origin`
    with each request whose answer a script of another site could read.
    """
    site = headers.get("sec-fetch-site")
    if site is None:
        return "origin" not in headers or is_same_origin(headers)
    return site in {"same-origin", "none"} or (
        headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def is_loopback(client_address: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether a program on this machine sent this request to this machine by name.

    The check of the header `Host` is against DNS rebinding: a website whose name leads to
    127.0.0.1.

    Args:
        client_address: The client's IP address; None for a Unix socket.
        headers: The request's headers; the names are in lower case.
    """
    if client_address is None or any(map(_is_of_proxy, headers)):
        return False
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return _is_local(client_address) and (host == "localhost" or _is_local(host))


def _is_of_proxy(header: str) -> bool:
    return header in _OF_PROXIES or header.startswith(_OF_PROXIES_PREFIX)


def _read_netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_local(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
