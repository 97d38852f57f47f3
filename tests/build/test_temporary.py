import os
import tempfile
from pathlib import Path

import pytest

from build_hooks.errors import ConfigurationError
from build_hooks.temporary import make_folder_outside
from tests.build.artifacts import build, read_sdist, read_wheel
from tests.support.repository import Repository

# Where TMPDIR is, relative to the project's root.
TMPDIRS = {
    "the root itself": ".",
    "a folder of the project": ".tmp",
    "a link into the project": "../link",
    "elsewhere": "..",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project" / ".tmp").mkdir(parents=True)
    (tmp_path / "link").symlink_to("project/.tmp")
    return tmp_path / "project"


@pytest.mark.parametrize("tmpdir", TMPDIRS.values(), ids=TMPDIRS)
def test_the_folder_is_outside_the_tree_whatever_tmpdir_is(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmpdir: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(root / tmpdir))

    with make_folder_outside(root) as folder:
        assert not Path(folder).resolve().is_relative_to(root.resolve())


def test_the_folder_is_outside_a_tree_that_is_reached_through_a_link(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(root / ".tmp"))

    with make_folder_outside(root.parent / "link") as folder:
        assert not Path(folder).resolve().is_relative_to(root / ".tmp")


def test_the_systems_temporary_folder_itself_can_be_the_tree() -> None:
    tree = Path(tempfile.gettempdir())

    with make_folder_outside(tree) as folder:
        assert not Path(folder).resolve().is_relative_to(tree.resolve())


def test_a_tree_that_is_the_whole_file_system_gets_a_folder() -> None:
    with make_folder_outside(Path("/")) as folder:
        assert Path(folder).is_dir()


def test_without_a_place_outside_the_error_says_what_to_set(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)

    with pytest.raises(ConfigurationError, match="Set TMPDIR to one"):
        make_folder_outside(root)


@pytest.mark.slow
@pytest.mark.parametrize("tmpdir", TMPDIRS.values(), ids=TMPDIRS)
def test_a_build_ships_every_file_once_whatever_tmpdir_is(
    project: Repository, tmpdir: str
) -> None:
    """pypa/pip#7872, aio-libs/yarl#992: RPM macros put TMPDIR into the tree."""
    project.write({".gitignore": "build_info.py\n/dist/\n/.tmp/\n/tmp*\n"})
    project.commit()
    project.tag("v2.15.0")
    (project.root / ".tmp").mkdir()
    (project.root.parent / "link").symlink_to("project/.tmp")
    folder = os.path.normpath(project.root / tmpdir)

    artifacts = build(project.root, "--wheel", "--sdist", TMPDIR=folder)

    assert '= "stable"' in read_wheel(artifacts[".whl"])["paperless/version.py"]
    sdist = read_sdist(artifacts[".gz"])
    assert '= "stable"' in sdist["src/paperless/version.py"]
    assert not [name for name in sdist if "build-info-" in name]
