"""Whatever is in the place of a file that is read: an error, and nothing waits."""

import os
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli, git_process, project_files
from build_hooks.errors import ProjectFileError
from tests.build.artifacts import run_build
from tests.support.needs import as_root, needs
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT

PACKAGE = "src/paperless"


def make_socket(path: Path) -> None:
    # The path of a socket may be too long to bind it there.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{os.open(path.parent, os.O_PATH)}/{path.name}")


def make_long_file(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a FIFO": (os.mkfifo, "is a FIFO"),
    "a socket": (make_socket, "is a socket"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a device"),
    "a folder": (Path.mkdir, "is a folder"),
    "a huge file": (make_long_file, "is too long"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "cannot be read"),
}
FILES = (
    *(
        "pyproject.toml",
        "hatch.toml",
        "PKG-INFO",
        ".git_archival.txt",
        "hatch_build.py",
    ),
    *(f"{PACKAGE}/version.py", f"{PACKAGE}/build_info.py"),
    *(".gitignore", ".gitattributes", f"{PACKAGE}/.gitignore"),
    *(f"{PACKAGE}/.gitattributes", ".git/info/attributes"),
)


def replace(path: Path, kind: str) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    KINDS[kind][0](path)


# One function reads them all, so each kind is tried twice, not twelve times.
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "a FIFO") for name in FILES),
        *((name, kind) for name in (FILES[0], FILES[-1]) for kind in KINDS),
    ],
)
def test_what_is_not_a_file_is_named(
    project: Repository, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    if name == "hatch_build.py":
        own = PYPROJECT.replace("hooks.build-info", "hooks.custom")
        project.write({"pyproject.toml": own})
    if name == ".git_archival.txt":
        (project.root / ".git").rename(project.root / "no-git")
    path = project.root / name
    replace(path, kind)

    assert cli.main(["show", str(project.root)]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{path} {KINDS[kind][1]}" in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("kind", ["a FIFO", "a socket", "a link to a device"])
def test_what_is_not_a_repository_is_named(
    project: Repository, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    (project.root / ".git").rename(project.root / "no-git")
    replace(project.root / ".git", kind)

    assert cli.main(["show", str(project.root)]) == 1

    assert f"{project.root}/.git {KINDS[kind][1]}" in capsys.readouterr().err


@as_root
def test_a_device_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "device"
    try:
        os.mknod(path, stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this container may not make devices: run on a machine that may")

    with pytest.raises(ProjectFileError, match="is a device"):
        project_files.read_file(path)


def test_a_file_that_becomes_a_fifo_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setattr(project_files, "has_file", lambda _: True)

    with pytest.raises(ProjectFileError, match="is a FIFO"):
        project_files.read_file(tmp_path / "fifo")


def test_a_file_that_grows_is_read_only_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "long").write_bytes(b"x" * (project_files.MOST_BYTES + 1))
    regular = os.stat_result((stat.S_IFREG, *[0] * 9))
    monkeypatch.setattr("os.fstat", lambda _: regular)
    monkeypatch.setattr(project_files, "has_file", lambda _: True)

    with pytest.raises(ProjectFileError, match="is too long"):
        project_files.read_file(tmp_path / "long")


# Where git alone looks: in a folder of the package, in its own, and in a user's settings.
WAITING = {
    "a .gitignore below the package": f"mkdir {PACKAGE}/a; mkfifo {PACKAGE}/a/.gitignore",
    "HEAD": "rm .git/HEAD; mkfifo .git/HEAD",
    "the settings": "mkfifo .git/more; git config include.path more",
    "a user's attributes": 'mkfifo fifo; git config core.attributesFile "$PWD/fifo"; '
    f"touch -d 2020-01-01 {PACKAGE}/__init__.py",
}


@needs("sh")
@pytest.mark.parametrize("recipe", WAITING.values(), ids=WAITING)
def test_a_git_that_waits_is_stopped(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    recipe: str,
) -> None:
    monkeypatch.setattr(git_process, "_IDLE_SECONDS", 1)
    subprocess.run(("sh", "-euc", recipe), cwd=project.root, check=True)

    assert cli.main(["show", str(project.root)]) == 1

    assert f"find {project.root} -type p" in capsys.readouterr().err


def test_a_git_that_never_ends_is_stopped(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(git_process, "_MOST_SECONDS", 1)
    project.write({".gitattributes": "*.md filter=slow\n"})
    project.git("config", "filter.slow.clean", "sleep 60")

    assert cli.main(["show", str(project.root)]) == 1

    assert "git does not end" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", [".gitignore", "version.py"])
def test_a_build_does_not_wait_for_a_fifo(project: Repository, name: str) -> None:
    path = project.root / PACKAGE / name
    replace(path, "a FIFO")

    done = run_build(project.root, "--wheel")

    assert done.returncode == 1
    assert f"{path} is a FIFO" in done.stdout + done.stderr
