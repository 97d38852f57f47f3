import re
import signal
import threading

import pytest

from build_hooks import tags, time_limit
from build_hooks.errors import ConfigurationError
from build_hooks.unread_tags import explain_all

SLOW = "(?P<version>(v+)+)x"


def test_a_slow_pattern_is_stopped_with_the_fix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time_limit, "_SECONDS", 0.1)
    with (
        pytest.raises(ConfigurationError, match=r"tag-pattern .* takes too long"),
        time_limit.limit_time(SLOW),
    ):
        re.fullmatch(SLOW, "v" * 40)


def test_an_alarm_of_the_callers_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "_SECONDS", 600)
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 300)
    try:
        with pytest.raises(ZeroDivisionError), time_limit.limit_time(SLOW):
            raise ZeroDivisionError
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 1
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung == [1]


@pytest.mark.parametrize("pattern", [None, tags.DEFAULT_PATTERN])
def test_the_default_pattern_sets_no_alarm(pattern: str | None) -> None:
    before = signal.getsignal(signal.SIGALRM)

    with time_limit.limit_time(pattern):
        assert signal.getsignal(signal.SIGALRM) == before


def test_another_thread_can_build() -> None:
    matched = []

    def match() -> None:
        with time_limit.limit_time("x-(?P<version>.+)"):
            matched.append(tags.parse("x-1.0", "x-(?P<version>.+)"))

    thread = threading.Thread(target=match)
    thread.start()
    thread.join()

    assert matched[0] is not None


def test_a_long_tag_is_not_searched() -> None:
    """Packed references may have names of any length."""
    name = "1" * 100_000

    assert (
        explain_all([name], tags.DEFAULT_PATTERN, None, released=False).warnings == ()
    )
