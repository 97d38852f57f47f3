from pathlib import Path

import pytest

from tests.support.repository import Repository
from tests.support.sample_project import FILES


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A committed, untagged, clean project of version 2.15.0."""
    repository = Repository(tmp_path / "project")
    repository.write(FILES)
    repository.commit()
    return repository
