"""For every test: generated cases are the same in every run, and Ctrl-C works."""

import signal

import hypothesis
import pytest

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session", autouse=True)
def heed_ctrl_c() -> None:
    """Undo what a shell does to a job in the background: it ignores SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
