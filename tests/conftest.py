"""For every test: the runtime of receivers, the same cases in every run, and signals."""

import os
import signal

import hypothesis
import pytest

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")

# Each is also a marker.
RUNTIMES = ("server", "cloudflare")
RUNTIME = "USAGE_RUNTIME"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--runtime",
        choices=RUNTIMES,
        default=os.environ.get(RUNTIME, "server"),
        help="run receivers on Node with SQLite, or on workerd with D1 (default: server)",
    )


def pytest_configure(config: pytest.Config) -> None:
    # `worker.local.harness` reads it, here and in the processes that tests start.
    os.environ[RUNTIME] = config.getoption("runtime")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out the tests of the other runtime alone."""
    (other,) = {*RUNTIMES} - {config.getoption("runtime")}
    left_out = [it for it in items if it.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [it for it in items if not it.get_closest_marker(other)]


@pytest.fixture(scope="session", autouse=True)
def heed_signals() -> None:
    """Undo what a shell and nohup do to a job in the background: they ignore signals."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
