"""Decides which URL a report goes to, and which URLs are allowed (decision C7)."""

import enum
import ipaddress
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from paperless_report.errors import Problem, ReportingError
from paperless_report.facts.package import read_constant

if TYPE_CHECKING:
    from paperless_report.project import Project

# A configured URL may end with this path or leave it out, unless a project names its own.
_REPORT = "/report"


class Source(enum.Enum):
    """Where a URL is configured."""

    SETTING = enum.auto()
    VARIABLE = enum.auto()
    BUILD = enum.auto()
    PROJECT = enum.auto()


class Candidate(NamedTuple):
    """What one place configures: the address, and the name that it has there."""

    source: Source
    value: object
    name: str = ""


@dataclass(frozen=True)
class Endpoint:
    """The receiver's address, without the path of reports."""

    address: SplitResult

    def url(self, name: str) -> str:
        """Return the URL to POST to: *name* is a report kind or `forget`."""
        return self.locate(f"/{name}")

    def locate(self, path: str, query: str = "") -> str:
        """Return the URL of *path* below the address, with its query and *query*."""
        address = self.address
        return address._replace(
            path=f"{address.path.rstrip('/')}{path}" if path else address.path,
            query="&".join(filter(None, (address.query, query))),
        ).geturl()


def find_endpoint(project: "Project") -> Endpoint:
    """Return where the reports of *project* go.

    Raises:
        ReportingError: If there is no usable address.
    """
    paths = (_REPORT, project.report_path) if project.path is None else (project.path,)
    endpoint = resolve(
        *list_configured(project.variables.endpoints, project.read_setting),
        Candidate(
            Source.BUILD, read_constant(project.package, "build_info.py", "REPORT_URL")
        ),
        Candidate(Source.PROJECT, project.endpoint),
        paths=paths,
    )
    if endpoint is None:
        raise ReportingError(Problem.NO_ENDPOINT)
    return endpoint


def list_configured(
    names: Iterable[str], read_setting: Callable[[str], object]
) -> tuple[Candidate, ...]:
    """List what an admin has configured under *names*, in order of precedence."""
    names = tuple(names)
    return (
        *(Candidate(Source.SETTING, read_setting(it), it) for it in names),
        *(Candidate(Source.VARIABLE, os.environ.get(it), it) for it in names),
    )


def resolve(
    *candidates: Candidate, paths: Iterable[str] = (_REPORT,)
) -> Endpoint | None:
    """Return the endpoint of the first candidate that is not empty.

    Args:
        candidates: What is configured: the receiver's address, with or without one of
            *paths* at its end.
        paths: The paths of reports below the address.

    Raises:
        ReportingError: If it is not an https URL (http is for loopback hosts only).
    """
    for candidate in candidates:
        value = candidate.value
        text = str(value).strip() if value is not None else ""
        if text:
            return _parse(candidate, text, paths)
    return None


def _parse(candidate: Candidate, text: str, paths: Iterable[str]) -> Endpoint:
    details = {"source": candidate.source, "name": candidate.name}
    try:
        url = urlsplit(text)
        host, _port = url.hostname, url.port
    except ValueError as error:
        raise ReportingError(Problem.NOT_A_URL, **details) from error
    # Libraries disagree on the host of a URL with a backslash.
    if not host or not text.isprintable() or re.search(r"[\s\\]", text):
        raise ReportingError(Problem.NOT_A_URL, **details)
    if "@" in url.netloc:
        raise ReportingError(Problem.URL_WITH_CREDENTIALS, **details)
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(host)):
        raise ReportingError(Problem.URL_WITHOUT_TLS, **details)
    return Endpoint(url._replace(path=_remove_path(url.path, paths)))


def _remove_path(path: str, paths: Iterable[str]) -> str:
    """Remove the first of *paths* that *path* ends with, with or without a slash after it."""
    bare = path.rstrip("/")
    for end in paths:
        suffix = end.rstrip("/")
        if suffix and bare.endswith(suffix):
            return bare.removesuffix(suffix)
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
