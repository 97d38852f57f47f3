from pathlib import Path

import pytest

from tests.pipeline import commands


@pytest.fixture(scope="session")
def own_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's own wheel, from the work tree."""
    return commands.build_own_wheel(tmp_path_factory.mktemp("own"))
