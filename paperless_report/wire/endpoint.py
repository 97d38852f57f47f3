"""Decides which URL a report goes to, and which URLs are allowed (decision C7)."""

import enum
import ipaddress
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from paperless_report.errors import Problem, ReportingError
from paperless_report.facts.package import read_constant

if TYPE_CHECKING:
    from paperless_report.project import Project

# A configured URL may end with this path or leave it out.
_REPORT = "/report"


class Source(enum.Enum):
    """Where a URL is configured."""

    SETTING = enum.auto()
    VARIABLE = enum.auto()
    BUILD = enum.auto()
    PROJECT = enum.auto()


@dataclass(frozen=True)
class Endpoint:
    """The receiver's address, without a slash at its end."""

    address: SplitResult

    def url(self, name: str) -> str:
        """Return the URL to POST to: *name* is a report kind or `forget`."""
        path = f"{self.address.path}/{name}"
        return self.address._replace(path=path).geturl()


def find_endpoint(project: "Project") -> Endpoint:
    """Return where the reports of *project* go.

    Raises:
        ReportingError: If there is no usable address.
    """
    name = project.variables.endpoint
    endpoint = resolve(
        (Source.SETTING, project.read_setting(name)),
        (Source.VARIABLE, os.environ.get(name)),
        (Source.BUILD, read_constant(project.package, "build_info.py", "REPORT_URL")),
        (Source.PROJECT, project.endpoint),
    )
    if endpoint is None:
        raise ReportingError(Problem.NO_ENDPOINT)
    return endpoint


def resolve(*candidates: tuple[Source, object]) -> Endpoint | None:
    """Return the endpoint of the first candidate that is not empty.

    Args:
        candidates: Pairs of a source and the value configured there: the receiver's
            address, with or without the path `/report`.

    Raises:
        ReportingError: If it is not an https URL (http is for loopback hosts only).
    """
    for source, value in candidates:
        text = str(value).strip() if value is not None else ""
        if text:
            return _parse(source, text)
    return None


def _parse(source: Source, text: str) -> Endpoint:
    try:
        url = urlsplit(text)
        host, _port = url.hostname, url.port
    except ValueError as error:
        raise ReportingError(Problem.NOT_A_URL, source=source) from error
    # Libraries disagree on the host of a URL with a backslash.
    if not host or not text.isprintable() or re.search(r"[\s\\]", text):
        raise ReportingError(Problem.NOT_A_URL, source=source)
    if "@" in url.netloc:
        raise ReportingError(Problem.URL_WITH_CREDENTIALS, source=source)
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(host)):
        raise ReportingError(Problem.URL_WITHOUT_TLS, source=source)
    return Endpoint(url._replace(path=url.path.rstrip("/").removesuffix(_REPORT)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
