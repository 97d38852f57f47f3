"""The demo host as the host: its models, its settings, an empty data directory."""

import gc
import importlib.util
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from paperless_report.host.reporter import find_reporter, find_sound_reporter
from tests.report.command import Run
from tests.report.shelf import Shelf
from tests.support.endpoint import Endpoint
from tests.support.waiting import MOST_SECONDS

# Variables of this machine that would change a report or where it goes.
VARIABLES = (
    *("DO_NOT_TRACK", "PAPERLESS_USAGE_REPORTING_URL"),
    *("KUBERNETES_SERVICE_HOST", "container", "PNGX_CONTAINERIZED"),
    *("SNAP", "FLATPAK_ID"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)


@pytest.fixture(autouse=True)
def data_dir(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty PAPERLESS_DATA_DIR, and an environment without this machine's own."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "data"
    path.mkdir()
    settings.DATA_DIR = path
    settings.AI_ENABLED = False
    return path


@pytest.fixture(autouse=True)
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no limit end what takes milliseconds, or mention it, on a slow machine either."""
    for limit in (
        *("counting.writer.PATIENCE_SECONDS", "counting.writer._FORK_PATIENCE_SECONDS"),
        *("host.database._SLOW_SECONDS", "page.actions.PATIENCE_SECONDS"),
        *("state.database._BUSY_SECONDS", "state.folder._MOST_LOCK_SECONDS"),
        *("wire.delivery.DEADLINE_SECONDS", "wire.delivery._SLOW_SECONDS"),
    ):
        monkeypatch.setattr(f"paperless_report.{limit}", MOST_SECONDS)


@pytest.fixture(autouse=True)
def no_language() -> Iterator[None]:
    """After a request of a test, Django leaves its language active in this thread."""
    yield
    translation.deactivate()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A real HTTP server on loopback whose answer a test sets."""
    with Endpoint() as running:
        yield running


@pytest.fixture
def shelf(tmp_path: Path, endpoint: Endpoint) -> Shelf:
    """An installation of a project without Django."""
    return Shelf(tmp_path / "shelf", endpoint)


@pytest.fixture
def run(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, reporting to `endpoint`."""
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", endpoint.url)
    return Run(monkeypatch)


@pytest.fixture
def one_reporter() -> Iterator[None]:
    """A reporter of each test's own settings."""
    for cached in (find_reporter, find_sound_reporter):
        cached.cache_clear()
    yield
    for cached in (find_reporter, find_sound_reporter):
        cached.cache_clear()


@pytest.fixture
def page_threads() -> Iterator[None]:
    """Threads of the page that read the database.

    Django never closes a connection to a database in memory, not even when it is asked to.
    """
    yield
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()


@pytest.fixture
def other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not paperless-ngx: it has no package `paperless`."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, package=None: (
            None if name == "paperless" else find_spec(name, package)
        ),
    )
