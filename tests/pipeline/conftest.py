"""What the whole run makes once."""

from pathlib import Path

import pytest

from tests.pipeline import flow


@pytest.fixture(scope="session")
def own_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's own wheel, made from this tree."""
    return flow.build_own_wheel(tmp_path_factory.mktemp("own"))
