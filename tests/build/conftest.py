import re
from pathlib import Path

import pytest

from build_hooks.errors import StampError
from tests.support.repository import Repository, hermetic
from tests.support.sample_project import FILES

# "successfully:." and "found, ." but not "a ...", "v1.", or a path such as "../a".
_DOUBLED = re.compile(r"[,;:!?]\s*[.,;:!?](?=\s|$)|[^.\s]\s*\.\s*[.,;:](?=\s|$)")


@pytest.fixture(autouse=True)
def _every_error_is_punctuated_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """No message of any test ends a clause that somebody else wrote twice."""
    make = StampError.__init__

    def make_and_check(self: StampError, *lines: str, **named: object) -> None:
        assert not [it for it in lines if _DOUBLED.search(it)]
        assert not [it for it in lines if it != it.rstrip()]
        if lines:
            assert lines[-1][-1:] not in {",", ";", ":", ""}
        make(self, *lines, **named)

    monkeypatch.setattr(StampError, "__init__", make_and_check)


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
