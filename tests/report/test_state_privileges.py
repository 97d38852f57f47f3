"""Root never writes the state into another user's folder, and nobody leads it elsewhere."""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paperless_report.errors import Problem, ReportingError
from paperless_report.state.database import FILE, Database
from paperless_report.state.privileges import give_up_root, require_own
from tests.support.needs import as_root, needs

NOBODY, UNKNOWN = 65534, 54321
# A command: gives root up, tries to get it back, and writes the state.
COMMAND = """
import json, os, pathlib, sqlite3, sys, urllib.parse
from paperless_report.errors import ReportingError
from paperless_report.state import choices
from paperless_report.state.database import Database
from paperless_report.state.privileges import give_up_root
folder = pathlib.Path(sys.argv[1])
problem = None
regained = []
try:
    give_up_root(folder)
    if os.getuid():
        for regain in (os.setuid, os.seteuid, os.setgid, os.setegid):
            try: regain(0)
            except PermissionError: continue
            regained.append(regain.__name__)
    with Database(folder).write() as connection:
        choices.mark_notice_shown(connection)
except ReportingError as error:
    problem = error.problem.name
print(json.dumps({
    "users": os.getresuid(), "groups": sorted({*os.getresgid(), *os.getgroups()}),
    "regained": regained, "problem": problem,
}))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of root's that other users can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def folder(place: Path) -> Path:
    """A data directory of the user nobody."""
    return give(place / "data", NOBODY)


@pytest.fixture
def victim(place: Path) -> Path:
    """A folder of a third user, with a state."""
    path = give(place / "victim", UNKNOWN)
    (path / FILE).touch(0o600)
    os.chown(path / FILE, UNKNOWN, UNKNOWN)
    return path


def give(path: Path, user: int) -> Path:
    path.mkdir()
    os.chown(path, user, user)
    return path


def run(folder: Path, *before: str) -> dict[str, object]:
    done = subprocess.run(
        (*before, sys.executable, "-c", COMMAND, str(folder)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    printed: dict[str, object] = json.loads(done.stdout)
    return printed


@as_root
@pytest.mark.parametrize("user", [NOBODY, UNKNOWN], ids=["known", "not in passwd"])
def test_a_command_becomes_the_owner_of_the_folder_for_good(
    place: Path, user: int
) -> None:
    folder = give(place / "data", user)

    assert run(folder) == {
        "users": [user] * 3,
        "groups": [user],
        "regained": [],
        "problem": None,
    }
    status = (folder / FILE).stat()
    assert (status.st_uid, status.st_gid) == (user, user)
    assert stat.S_IMODE(status.st_mode) == 0o600


@as_root
def test_a_folder_that_is_missing_is_created_as_the_owner_of_its_parent(
    folder: Path,
) -> None:
    assert run(folder / "new")["users"] == [NOBODY] * 3

    assert (folder / "new").stat().st_uid == NOBODY


@as_root
def test_in_its_own_folder_root_stays_root(place: Path) -> None:
    printed = run(place)

    assert (printed["users"], printed["problem"]) == ([0] * 3, None)


@as_root
def test_a_link_that_root_made_is_followed(place: Path, folder: Path) -> None:
    (place / "link").symlink_to(folder)

    assert run(place / "link")["users"] == [NOBODY] * 3


@as_root
@pytest.mark.parametrize(
    ("target", "below"),
    [("victim", ""), (".", "below")],
    ids=["a third user's folder", "below a folder of root"],
)
def test_a_link_of_another_user_does_not_lead_root_elsewhere(
    place: Path, folder: Path, victim: Path, target: str, below: str
) -> None:
    goal = (place / target).resolve()
    (goal / "below").mkdir()
    os.chown(goal / "below", goal.stat().st_uid, -1)
    link = folder / "link"
    link.symlink_to(goal)
    os.lchown(link, NOBODY, NOBODY)

    printed = run(link / below)

    assert printed["problem"] == Problem.FOLDER_OF_ANOTHER_USER.name
    assert (victim / FILE).read_bytes() == b""
    assert not (goal / below / f"{FILE}-journal").exists()
    assert (goal / below / FILE).exists() is (goal / below == victim)


@as_root
@pytest.mark.parametrize(
    ("put", "problem"),
    [
        (os.symlink, Problem.STATE_NOT_A_FILE),
        (os.link, Problem.STATE_NOT_PERMITTED),
    ],
)
def test_a_link_in_place_of_the_file_does_not_lead_to_another_users_file(
    folder: Path,
    victim: Path,
    put: Callable[[Path, Path], None],
    problem: Problem,
) -> None:
    put(victim / FILE, folder / FILE)

    assert run(folder)["problem"] == problem.name
    assert (victim / FILE).read_bytes() == b""


@as_root
@needs("setpriv")
def test_a_root_that_may_not_change_its_user_writes_nothing(folder: Path) -> None:
    printed = run(folder, "setpriv", "--bounding-set", "-setuid")

    assert printed["problem"] == Problem.ROOT_NOT_GIVEN_UP.name
    assert list(folder.iterdir()) == []


@as_root
@pytest.mark.parametrize("name", ["data", "data/new"])
def test_a_library_in_a_process_of_root_refuses_another_users_folder(
    place: Path, folder: Path, name: str
) -> None:
    database = Database(place / name)
    for action in (database.read, database.write):
        with pytest.raises(ReportingError) as caught, action():
            pytest.fail("The folder was used.")
        assert caught.value.problem is Problem.FOLDER_OF_ANOTHER_USER
        assert caught.value.details["owner"] == NOBODY
    with pytest.raises(ReportingError):
        database.delete()

    assert list(folder.iterdir()) == []
    assert os.getresuid() == (0, 0, 0)


def test_users_other_than_root_keep_their_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delattr(os, "setuid")

    give_up_root(tmp_path)
    require_own(tmp_path)


@as_root
def test_a_folder_without_a_parent_has_a_code(place: Path) -> None:
    with pytest.raises(ReportingError) as caught:
        give_up_root(place / "gone" / "data")

    assert caught.value.problem is Problem.STATE_NO_FOLDER
