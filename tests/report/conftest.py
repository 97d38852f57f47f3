"""The demo host as the host: its models, its settings, an empty data directory."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from tests.report.test_install_type import MARKS
from tests.support.endpoint import Endpoint

FOREIGN = (
    "DO_NOT_TRACK",
    "PAPERLESS_USAGE_REPORTING_URL",
    *(name for _, mark in MARKS if isinstance(mark, dict) for name in mark),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)


@pytest.fixture(autouse=True)
def data_dir(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty PAPERLESS_DATA_DIR, and none of this machine's own marks."""
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "data"
    path.mkdir()
    settings.DATA_DIR = path
    settings.AI_ENABLED = False
    return path


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A real HTTP server on loopback that answers as it is told."""
    with Endpoint() as running:
        yield running


class Send:
    """Runs the command with something on standard input; gives what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: object = "", **options: object) -> str:
        stream = io.StringIO(stdin) if isinstance(stdin, str) else stdin
        self._monkeypatch.setattr("sys.stdin", stream)
        printed = io.StringIO()
        call_command("send_usage_report", *arguments, stdout=printed, **options)
        return printed.getvalue()


@pytest.fixture
def send(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Send:
    """The command, reporting to `endpoint`."""
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", endpoint.url)
    return Send(monkeypatch)


def closing(printed: str) -> str:
    """What stands behind the preview."""
    return printed.partition("usage-reporting/\n\n")[2]
