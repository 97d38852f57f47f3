"""The systemd unit that operators get."""

import subprocess

from tests.support.needs import needs
from tests.support.pages import ROOT

UNIT = ROOT / "worker" / "deploy" / "usage-receiver.service"


@needs("systemd-analyze")
def test_the_exposure_that_systemd_computes_is_at_most_1_5() -> None:
    done = subprocess.run(
        (
            *("systemd-analyze", "security", "--offline=true", "--no-pager"),
            # In tenths.
            *("--threshold=15", UNIT),
        ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_says_why_it_does_not_forbid_writable_code() -> None:
    text = UNIT.read_text(encoding="utf-8")

    assert "MemoryDenyWriteExecute= is left out: V8" in text
    assert "\nMemoryDenyWriteExecute" not in text
