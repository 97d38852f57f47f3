"""Where a report goes (decision C7)."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

SETTING = "PAPERLESS_USAGE_REPORTING_URL"
_PATH = "/report"


class EndpointError(Exception):
    """A URL that must not be used; `str()` of it is a sentence."""


def configured(
    settings: object, environ: Mapping[str, str]
) -> tuple[tuple[str, object], ...]:
    """What the admin says, as candidates for `resolve`: the setting, the variable."""
    return (
        (f"The setting {SETTING}", getattr(settings, SETTING, None)),
        (SETTING, environ.get(SETTING)),
    )


def resolve(*candidates: tuple[str, object]) -> str | None:
    """The URL that a report is POSTed to, or None if there is none.

    The first candidate that says anything decides. It is the Worker's address,
    with or without the path `/report`.

    Args:
        candidates: Where a URL may stand, as (name of the place, what it says).

    Raises:
        EndpointError: If it is no https URL (http is for loopback hosts only).
    """
    for place, said in candidates:
        text = str(said).strip() if said is not None else ""
        if text:
            return _report_url(place, text)
    return None


def _report_url(place: str, text: str) -> str:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise EndpointError(f"{place} is not a URL.") from error
    # A backslash means different hosts to different libraries.
    if not host or not text.isprintable() or re.search(r"[\s\\]", text):
        raise EndpointError(f"{place} is not a URL.")
    if "@" in url.netloc:
        raise EndpointError(f"{place} must hold no user name and no password.")
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(host)):
        raise EndpointError(f"{place} must begin with https://.")
    path = url.path.rstrip("/")
    return urlunsplit(url._replace(path=path if path.endswith(_PATH) else path + _PATH))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
