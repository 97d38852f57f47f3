"""A folder for a real client, which is gone when its tests have ended."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def box() -> Iterator[Path]:
    """An empty folder outside the repository, for a client's packages and files."""
    with tempfile.TemporaryDirectory(prefix="client-") as folder:
        yield Path(folder)
