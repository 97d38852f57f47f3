import os
import shutil
import stat
from pathlib import Path

import pytest

from build_hooks import cli
from tests.support.repository import Repository
from tests.support.sample_project import VERSION_PY, add_keys

SHA = "0123456789abcdef0123456789abcdef01234567"
DATE = "2026-05-18T12:00:00Z"


@pytest.fixture
def copy(project: Repository, tmp_path: Path) -> Path:
    """The package in a copy of the tree, as an image or a tarball gets it."""
    shutil.copytree(project.root / "src", tmp_path / "copy")
    return tmp_path / "copy" / "paperless"


def write(*arguments: object) -> int:
    return cli.main(["write", *map(str, arguments)])


def contents(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def test_a_copy_is_stamped_with_the_facts_of_the_project(
    project: Repository, copy: Path
) -> None:
    project.tag("v2.15.0-beta.rc1")
    commit = project.git("rev-parse", "HEAD")[:9]

    assert write(copy, "--from", project.root) == 0

    assert contents(copy)["version.py"] == VERSION_PY.replace('"dev"', '"beta"')
    assert contents(copy)["build_info.py"].endswith(
        f'SOURCE_COMMIT = "{commit}"\nBUILD_DATE = "{DATE}"\n'
    )


def test_a_copy_is_stamped_with_the_facts_of_the_environment(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a Docker build: no repository, no pyproject.toml, three build arguments."""
    monkeypatch.setenv("PAPERLESS_SOURCE_COMMIT", SHA)
    monkeypatch.setenv("PAPERLESS_BUILD_DATE", DATE)
    monkeypatch.setenv("PAPERLESS_TAG", "v2.15.0-beta.rc1")

    assert write(copy) == 0

    assert '= "beta"' in contents(copy)["version.py"]
    assert f'SOURCE_COMMIT = "{SHA[:9]}"' in contents(copy)["build_info.py"]


def test_another_prefix_can_be_chosen(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SOURCE_COMMIT", SHA)

    assert write(copy, "--env-prefix", "HOST") == 0

    assert SHA[:9] in contents(copy)["build_info.py"]


def test_a_commit_that_is_stated_with_another_prefix_is_not_ignored(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the build root of an RPM, no pyproject.toml says what the project is called."""
    monkeypatch.setenv("HOST_APP_SOURCE_COMMIT", SHA)
    before = contents(copy)

    assert write(copy) == 1

    error = capsys.readouterr().err
    assert "HOST_APP_SOURCE_COMMIT is set, but" in error
    assert "start with PAPERLESS_. Pass --env-prefix HOST_APP, or --from" in error
    assert contents(copy) == before


def test_a_second_time_changes_nothing(
    project: Repository, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.tag("v2.15.0")
    write(copy, "--from", project.root)
    first = {path: path.stat().st_mtime_ns for path in copy.iterdir()}
    capsys.readouterr()

    assert write(copy, "--from", project.root) == 0

    assert {path: path.stat().st_mtime_ns for path in copy.iterdir()} == first
    assert capsys.readouterr().out == f"unchanged {copy}\n"


def test_a_stamped_copy_keeps_its_stamp_without_other_facts(
    project: Repository, copy: Path
) -> None:
    project.tag("v2.15.0")
    write(copy, "--from", project.root)
    stamped = contents(copy)

    assert write(copy) == 0

    assert contents(copy) == stamped


def test_without_facts_a_copy_is_a_dev_build(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(copy) == 0

    assert contents(copy) == {"__init__.py": "", "version.py": VERSION_PY}
    assert "The commit of this tree is unknown" in capsys.readouterr().err


def test_a_work_tree_is_refused(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(project.root / "src" / "paperless") == 1

    assert "stamping it would change the work tree" in capsys.readouterr().err
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize("make_sdist", [False, True])
def test_a_stamp_passes_from_a_stamped_tree_to_another(
    project: Repository, copy: Path, tmp_path: Path, *, make_sdist: bool
) -> None:
    project.tag("v2.15.0")
    write(copy, "--from", project.root)
    if make_sdist:
        (copy.parent / "PKG-INFO").touch()
        (copy.parent / "pyproject.toml").touch()
    second = tmp_path / "second" / "paperless"
    shutil.copytree(project.root / "src" / "paperless", second)

    assert write(second, "--from", copy, "--strict") == 0

    assert contents(second) == contents(copy)


def test_the_projects_endpoint_is_written(project: Repository, copy: Path) -> None:
    url = "https://reports.example.org"
    project.write({"pyproject.toml": add_keys(f'report-url = "{url}"\n')})

    write(copy, "--from", project.root)

    assert f'REPORT_URL = "{url}"\n' in contents(copy)["build_info.py"]


def test_a_copy_with_its_pyproject_elsewhere_is_stamped(
    project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the image of paperless-ngx: pyproject.toml lies beside the package."""
    image = tmp_path / "image" / "src"
    shutil.copytree(project.root / "src" / "paperless", image / "paperless")
    shutil.copy(project.root / "pyproject.toml", image)
    monkeypatch.setenv("HOST_SOURCE_COMMIT", SHA)

    assert write(image / "paperless") == 0

    assert SHA[:9] in contents(image / "paperless")["build_info.py"]


def test_a_work_tree_is_refused_even_if_git_cannot_run(
    project: Repository,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOST_SOURCE_COMMIT", SHA)
    monkeypatch.setenv("PATH", "/nowhere")

    assert write(project.root / "src" / "paperless") == 1

    assert (
        "tracks that folder (there is no git on this machine)"
        in capsys.readouterr().err
    )
    assert (project.root / "src/paperless/version.py").read_text() == VERSION_PY


def test_a_work_tree_without_a_commit_is_refused(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    project.git("update-ref", "-d", "HEAD")

    assert write(project.root / "src" / "paperless") == 1
    assert "would change the work tree" in capsys.readouterr().err


def test_a_copy_is_stamped_completely_or_not_at_all(
    project: Repository, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.tag("v2.15.0")
    (copy / "build_info.py").mkdir()

    assert write(copy, "--from", project.root) == 1

    assert f"{copy}/build_info.py is a folder: remove it." in capsys.readouterr().err
    assert contents(copy)["version.py"] == VERSION_PY


def test_a_failed_write_leaves_nothing_behind(
    project: Repository, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", str(copy))

    project.tag("v2.15.0")
    before = contents(copy)
    monkeypatch.setattr("os.fchmod", refuse)

    assert write(copy, "--from", project.root) == 1
    assert contents(copy) == before


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can change the owner of a file"
)
def test_root_keeps_the_owner_of_the_files(project: Repository, copy: Path) -> None:
    project.tag("v2.15.0")
    os.chown(copy / "version.py", 12345, 54321)

    write(copy, "--from", project.root)

    owners = {(path.stat().st_uid, path.stat().st_gid) for path in copy.glob("*n*.py")}
    assert (12345, 54321) in owners
    assert (copy / "build_info.py").stat().st_uid == 12345


@pytest.mark.parametrize("prefix", ["paperless_ngx", "PAPERLESS_NGX_", ""])
def test_an_invalid_prefix_is_refused(copy: Path, prefix: str) -> None:
    with pytest.raises(SystemExit):
        write(copy, "--env-prefix", prefix)


def test_a_copy_of_another_version_is_refused(
    project: Repository, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "version.py").write_text("__version__ = (2, 14, 0)\n")

    assert write(copy, "--from", project.root) == 1

    assert "says 2.14.0, but the stamp is for 2.15.0" in capsys.readouterr().err


def test_strict_refuses_and_writes_nothing(project: Repository, copy: Path) -> None:
    before = contents(copy)

    assert write(copy, "--from", project.root, "--strict") == 1

    assert contents(copy) == before


def test_modes_are_kept_and_no_temporary_file_is_left(
    project: Repository, copy: Path
) -> None:
    (copy / "version.py").chmod(0o750)
    project.tag("v2.15.0")

    write(copy, "--from", project.root)

    assert stat.S_IMODE((copy / "version.py").stat().st_mode) == 0o750
    assert stat.S_IMODE((copy / "build_info.py").stat().st_mode) == 0o640
    assert sorted(path.name for path in copy.iterdir()) == [
        "__init__.py",
        "build_info.py",
        "version.py",
    ]


def test_a_folder_that_cannot_be_written_is_named(
    project: Repository,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(copy))

    project.tag("v2.15.0")
    monkeypatch.setattr("tempfile.mkstemp", refuse)

    assert write(copy, "--from", project.root) == 1

    assert capsys.readouterr().err == f"build-stamp: {copy}: Permission denied.\n"
    assert '= "dev"' in contents(copy)["version.py"]


@pytest.mark.point("B11")
def test_a_copy_without_a_version_py_gets_its_channel_in_build_info(
    project: Repository, copy: Path
) -> None:
    project.tag("v2.15.0")
    (copy / "version.py").unlink()
    (copy / "__init__.py").chmod(0o640)

    assert write(copy, "--from", project.root, "--strict") == 0

    assert contents(copy).keys() == {"__init__.py", "build_info.py"}
    assert 'CHANNEL = "stable"\n' in contents(copy)["build_info.py"]
    assert stat.S_IMODE((copy / "build_info.py").stat().st_mode) == 0o640


def test_a_stated_channel_is_kept_in_a_copy_without_a_version_py(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "version.py").unlink()
    monkeypatch.setenv("PAPERLESS_CHANNEL", "beta")

    assert write(copy) == 0

    assert contents(copy)["build_info.py"].endswith('\nCHANNEL = "beta"\n')


def test_a_build_info_of_the_projects_own_is_never_replaced(
    project: Repository, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "build_info.py").write_text("def describe(): ...\n")

    assert write(copy, "--from", project.root) == 1

    assert "build_info.py is not a stamp" in capsys.readouterr().err
    assert contents(copy)["build_info.py"] == "def describe(): ...\n"
