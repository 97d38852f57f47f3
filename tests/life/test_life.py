"""A few installations of each system live a week, and nothing differs from the models."""

import subprocess
import sys

import pytest

from tests.support.pages import ROOT

pytestmark = [pytest.mark.server, pytest.mark.slow]


def test_what_is_stored_and_published_is_what_the_models_say() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "tests.life", "--seed", "1", "--installations", "12"),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
