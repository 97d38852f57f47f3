"""Where a report goes (decision C7)."""

import ipaddress
import os
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from paperless_report import host
from paperless_report.obstacle import ObstacleError

SETTING = "PAPERLESS_USAGE_REPORTING_URL"
# What may stand behind the Worker's address where it is configured.
_REPORT = "/report"


@dataclass(frozen=True)
class Endpoint:
    """A Worker's address, without a slash at its end."""

    address: SplitResult

    def url(self, name: str) -> str:
        """What is POSTed to: `report`, another kind's name, or `forget`."""
        path = f"{self.address.path}/{name}"
        return self.address._replace(path=path).geturl()


def find() -> Endpoint:
    """The endpoint that the admin names, else the build.

    Raises:
        ObstacleError: If there is none, or it must not be used.
    """
    built_in = host.string_constant("build_info.py", "REPORT_URL")
    found = resolve(*configured(), ("REPORT_URL in build_info.py", built_in))
    if found is None:
        raise ObstacleError(_("No reporting endpoint is configured."))
    return found


def configured() -> tuple[tuple[str, object], ...]:
    """What the admin says, as candidates for `resolve`: the setting, the variable."""
    return (
        (
            _("The setting %(name)s") % {"name": SETTING},
            getattr(settings, SETTING, None),
        ),
        (SETTING, os.environ.get(SETTING)),
    )


def resolve(*candidates: tuple[str, object]) -> Endpoint | None:
    """The endpoint that the first candidate which says anything names. Pure.

    It is the Worker's address, with or without the path `/report`.

    Args:
        candidates: Where a URL may stand, as (name of the place, what it says).

    Raises:
        ObstacleError: If it is no https URL (http is for loopback hosts only).
    """
    for place, said in candidates:
        text = str(said).strip() if said is not None else ""
        if text:
            return _endpoint(place, text)
    return None


def _endpoint(place: str, text: str) -> Endpoint:
    try:
        url = urlsplit(text)
        name, _port = url.hostname, url.port
    except ValueError as error:
        raise ObstacleError(_("%(place)s is not a URL.") % {"place": place}) from error
    # A backslash means different hosts to different libraries.
    if not name or not text.isprintable() or re.search(r"[\s\\]", text):
        raise ObstacleError(_("%(place)s is not a URL.") % {"place": place})
    if "@" in url.netloc:
        raise ObstacleError(
            _("%(place)s must hold no user name and no password.") % {"place": place}
        )
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(name)):
        raise ObstacleError(_("%(place)s must begin with https://.") % {"place": place})
    return Endpoint(url._replace(path=url.path.rstrip("/").removesuffix(_REPORT)))


def _is_loopback(host_name: str) -> bool:
    try:
        return ipaddress.ip_address(host_name).is_loopback
    except ValueError:
        return host_name == "localhost"
