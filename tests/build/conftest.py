from pathlib import Path

import pytest

from tests.support.repository import Repository, hermetic
from tests.support.sample_project import FILES


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A committed, untagged, clean project of version 2.15.0."""
    repository = Repository(tmp_path / "project")
    repository.write(FILES)
    repository.commit()
    return repository


@pytest.fixture
def author(monkeypatch: pytest.MonkeyPatch) -> None:
    """`cut` takes the tag's author from git's settings, which the tests do not have."""
    for name, value in hermetic({}).items():
        monkeypatch.setenv(name, value)
