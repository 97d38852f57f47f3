"""Nothing leads the ID's file elsewhere, not even for root in another user's folder.

The other user is quick: tests let it act between any two steps of ours.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from paperless_report.errors import Obstacle, Problem, ReportingError
from paperless_report.state import folder
from paperless_report.state.identity import (
    Identity,
    find_identity,
    obtain_identity,
    remove_identity,
)
from tests.support.needs import as_root

pytestmark = pytest.mark.point("C10")

ID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
NAME = "usage_uuid"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder that the other user must not change through us; its file holds the ID."""
    path = tmp_path / "victim"
    path.mkdir()
    (path / NAME).write_text(f"{ID}\n")
    return path


def remove(data_dir: Path) -> None:
    remove_identity(Identity(ID, data_dir / NAME))


def link(file: Path) -> None:
    file.symlink_to(file.parent.with_name("victim") / NAME)


def link_to_nothing(file: Path) -> None:
    file.symlink_to("nothing")


def link_to_system(file: Path) -> None:
    """Link to a file that holds a valid ID until the machine restarts."""
    file.symlink_to("/proc/sys/kernel/random/boot_id")


def listen(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        # By a short path: the path of a socket may have at most 107 characters.
        before = Path.cwd()
        os.chdir(file.parent)
        try:
            server.bind(file.name)
        finally:
            os.chdir(before)


def make_device(file: Path) -> None:
    os.mknod(file, 0o20666, os.makedev(1, 5))  # the one called /dev/zero


ACTIONS = [
    (find_identity, Problem.ID_NOT_READ),
    (obtain_identity, Problem.ID_NOT_SAVED),
    (remove, Problem.ID_NOT_DELETED),
]


@pytest.mark.parametrize(
    ("action", "problem"), ACTIONS, ids=["find", "obtain", "remove"]
)
@pytest.mark.parametrize(
    ("put", "obstacle"),
    [
        (link, Obstacle.LINK),
        (link_to_nothing, Obstacle.LINK),
        (link_to_system, Obstacle.LINK),
        (Path.mkdir, Obstacle.FOLDER),
        (os.mkfifo, Obstacle.PIPE),
        (listen, Obstacle.SOCKET),
        pytest.param(make_device, Obstacle.DEVICE, marks=as_root),
    ],
)
def test_anything_but_a_regular_file_is_named_and_left_alone(
    data_dir: Path,
    victim: Path,
    put: Callable[[Path], object],
    obstacle: Obstacle,
    action: Callable[[Path], object],
    problem: Problem,
) -> None:
    file = data_dir / NAME
    put(file)
    before = file.lstat()

    with pytest.raises(ReportingError) as caught:
        action(data_dir)

    assert caught.value.problem is problem
    assert caught.value.details == {"path": file, "obstacle": obstacle}
    assert os.path.samestat(file.lstat(), before)
    assert [it.name for it in data_dir.iterdir()] == [NAME]
    assert (victim / NAME).read_text() == f"{ID}\n"


class Intruder:
    """Acts just before each call of a system call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def act_before(self, call: str, act: Callable[[], object]) -> None:
        original = getattr(os, call)

        def run(*arguments: object, **options: object) -> object:
            # Only calls by a folder's descriptor touch the file.
            if {"dir_fd", "dst_dir_fd"} & set(options):
                act()
            return original(*arguments, **options)

        self._monkeypatch.setattr(os, call, run)


@pytest.fixture
def intruder(monkeypatch: pytest.MonkeyPatch) -> Intruder:
    return Intruder(monkeypatch)


def swap(path: Path, target: Path) -> None:
    """Make *path* a link to *target*."""
    if not path.is_symlink():
        path.rename(path.with_name("moved"))
        path.symlink_to(target)


class Moment(NamedTuple):
    """An action, the system call before which the intruder acts, and the file then."""

    action: Callable[[Path], object]
    call: str
    content: str | None

    def __str__(self) -> str:
        return f"{self.action.__name__}-{self.call}-{(self.content or 'none').strip()}"


MOMENTS = [
    Moment(action, call, content)
    for action, _ in ACTIONS
    for call in ("stat", "open", "unlink", "link")
    for content in (f"{ID}\n", "no ID\n", None)
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_file_that_becomes_a_link_leads_nowhere(
    data_dir: Path, victim: Path, intruder: Intruder, moment: Moment
) -> None:
    action, call, content = moment
    file = data_dir / NAME
    if content:
        file.write_text(content)

    def act() -> None:
        file.unlink(missing_ok=True)
        file.symlink_to(victim / NAME)

    # pathlib's own calls give no descriptor, so that the intruder does not see itself.
    intruder.act_before(call, act)
    with contextlib.suppress(ReportingError):
        action(data_dir)

    assert [it.name for it in victim.iterdir()] == [NAME]
    assert (victim / NAME).read_text() == f"{ID}\n"


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_directory_that_becomes_a_link_leads_nowhere(
    data_dir: Path, victim: Path, intruder: Intruder, moment: Moment
) -> None:
    action, call, content = moment
    if content:
        (data_dir / NAME).write_text(content)
    before = (victim / NAME).stat()

    intruder.act_before(call, lambda: swap(data_dir, victim))
    action(data_dir)

    assert [it.name for it in victim.iterdir()] == [NAME]
    assert os.path.samestat((victim / NAME).stat(), before)


def run_and_interrupt(data_dir: Path, number: signal.Signals, patch: str) -> int:
    """Create an ID in a process that a signal ends halfway; return its exit status."""
    code = (
        "import os, pathlib, sys\n"
        "from paperless_report.state import folder, identity\n"
        f"os.fsync = lambda _: os.kill(os.getpid(), {number:d})\n"
        f"{patch}\n"
        "identity.obtain_identity(pathlib.Path(sys.argv[1]))\n"
        "print('survived')"
    )
    done = subprocess.run(
        (sys.executable, "-c", code, str(data_dir)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode


@pytest.mark.parametrize("before", [None, "no ID\n"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_behind(
    data_dir: Path, number: signal.Signals, before: str | None
) -> None:
    if before:
        (data_dir / NAME).write_text(before)

    assert run_and_interrupt(data_dir, number, "") == -number
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize(
    "patch",
    [
        "folder._NAMELESS = 0",
        "def refuse(*_, **__): raise PermissionError\nos.link = refuse",
    ],
    ids=["no files without a name", "no hard links"],
)
def test_where_a_file_must_have_a_name_an_interrupted_run_leaves_a_whole_one(
    data_dir: Path, patch: str
) -> None:
    assert run_and_interrupt(data_dir, signal.SIGTERM, patch) == -signal.SIGTERM

    assert [it.name for it in data_dir.iterdir()] in ([], [NAME])
    assert not obtain_identity(data_dir).replaced


def test_without_nameless_files_the_file_is_as_private(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_NAMELESS", 0)

    assert obtain_identity(data_dir) == obtain_identity(data_dir)
    assert (data_dir / NAME).stat().st_mode & 0o777 == 0o600
