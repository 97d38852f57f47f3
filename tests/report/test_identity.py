"""One ID per installation, however often and however many at once ask for it."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError
from paperless_report.state import folder
from paperless_report.state.identity import (
    Identity,
    find_identity,
    obtain_identity,
    remove_identity,
)
from tests.support.needs import as_root, needs
from tests.support.small_disk import run_on_small_disk

pytestmark = pytest.mark.point("C10")

KNOWN = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"


@pytest.fixture
def file(data_dir: Path) -> Path:
    """The place of the file, where there is none yet."""
    return data_dir / "usage_uuid"


def refuse(number: int) -> Callable[..., None]:
    """Make a system call that fails."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.point("UUID storage")
def test_the_first_run_saves_an_id_that_later_runs_use(
    data_dir: Path, file: Path
) -> None:
    created = obtain_identity(data_dir)

    assert contract.load_fields()["uuid"].fits(created.uuid)
    assert not created.replaced
    assert file.read_text() == f"{created.uuid}\n"
    assert names(data_dir) == ["usage_uuid"]
    assert obtain_identity(data_dir) == created


@pytest.mark.parametrize("content", [KNOWN, f"{KNOWN}\n", f"  {KNOWN.upper()}\r\n"])
def test_an_existing_id_is_used_and_its_file_left_alone(
    data_dir: Path, file: Path, content: str
) -> None:
    file.write_bytes(content.encode())

    assert obtain_identity(data_dir) == Identity(KNOWN, file)
    assert file.read_bytes() == content.encode()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_can_read_the_file(data_dir: Path, file: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        obtain_identity(data_dir)
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"not a uuid\n",
        b"a1b2c3d4-e5f6-7890-abcd-ef1234567890\n",  # version 7
        f"{KNOWN}\n{KNOWN}\n".encode(),
        b"\xff\xfe\x00",
        b"x" * 1_000_000,
    ],
)
def test_content_other_than_a_uuid4_is_replaced(
    data_dir: Path, file: Path, content: bytes
) -> None:
    file.write_bytes(content)

    created = obtain_identity(data_dir)

    assert created.replaced
    assert obtain_identity(data_dir) == Identity(created.uuid, file)


@pytest.mark.parametrize(
    ("content", "has_links_and_locks"),
    [(None, True), ("no uuid", True), (None, False)],
)
def test_simultaneous_first_runs_end_with_one_id(
    data_dir: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
    *,
    has_links_and_locks: bool,
) -> None:
    if content is not None:
        file.write_text(content)
    if not has_links_and_locks:
        monkeypatch.setattr(os, "link", refuse(errno.ENOTSUP))
        monkeypatch.setattr(fcntl, "flock", refuse(errno.ENOTSUP))

    with ThreadPoolExecutor(16) as pool:
        created = set(pool.map(lambda _: obtain_identity(data_dir).uuid, range(64)))

    assert created == {obtain_identity(data_dir).uuid}
    assert names(data_dir) == ["usage_uuid"]


# Forks, because starting Python a hundred times costs many seconds.
START_TOGETHER = """
import os, pathlib, sys
from paperless_report.state import identity

start, begin = os.pipe()
children = []
for _ in range(100):
    child = os.fork()
    if not child:
        os.close(begin)
        os.read(start, 1)  # until all are there
        uuid = identity.obtain_identity(pathlib.Path(sys.argv[1])).uuid
        os.write(1, f"{uuid}\\n".encode())
        os._exit(0)
    children.append(child)
os.close(begin)
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.slow
def test_simultaneous_first_processes_end_with_one_id(data_dir: Path) -> None:
    done = subprocess.run(
        (sys.executable, "-c", START_TOGETHER, str(data_dir)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [obtain_identity(data_dir).uuid] * 100


def test_without_hard_links_the_file_is_as_private(
    data_dir: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))

    assert obtain_identity(data_dir) == obtain_identity(data_dir)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(data_dir) == ["usage_uuid"]


@as_root
@pytest.mark.parametrize("links", [True, False])
def test_root_gives_the_file_to_the_directorys_owner(
    data_dir: Path, file: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    os.chown(data_dir, 12345, 54321)

    obtain_identity(data_dir)

    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 54321)


@as_root
def test_a_file_system_without_owners_is_used_all_the_same(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchown", refuse(errno.EPERM))

    assert obtain_identity(data_dir) == obtain_identity(data_dir)


def expect_unsaved(number: int, data_dir: Path) -> None:
    with pytest.raises(ReportingError) as caught:
        obtain_identity(data_dir)

    assert caught.value.problem is Problem.ID_NOT_SAVED
    details = dict(caught.value.details)
    path = details.pop("path")
    assert isinstance(path, Path)
    assert path in {data_dir, data_dir / "usage_uuid"}
    assert details == {"number": number, "reason": os.strerror(number)}


def test_a_missing_directory_is_an_error(data_dir: Path) -> None:
    expect_unsaved(errno.ENOENT, data_dir / "gone")


def test_a_file_in_place_of_the_directory_is_an_error(file: Path) -> None:
    file.write_text(KNOWN)

    expect_unsaved(errno.ENOTDIR, file)


def test_a_directory_that_must_not_be_written_is_an_error() -> None:
    """In /tmp, which the user that root becomes can reach wherever the checkout is."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # see above
        data_dir = Path(name)
        data_dir.chmod(0o555)
        contract.load_fields()  # the same user may not be able to read the checkout
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)
            expect_unsaved(errno.EACCES, data_dir)
        finally:
            os.seteuid(user)
        data_dir.chmod(0o755)
        assert names(data_dir) == []


@needs("unshare", "sh")
def test_a_full_disk_is_an_error_and_leaves_nothing_behind() -> None:
    """On a real file system of one page, in a mount namespace of its own."""
    code = (
        "import errno, pathlib, sys\n"
        "from paperless_report.state.identity import ReportingError, obtain_identity\n"
        "data_dir = pathlib.Path(sys.argv[1])\n"
        "with open(data_dir / 'rest', 'wb', buffering=0) as file:\n"
        "    try:\n"
        "        while file.write(b'x' * 4096): pass\n"
        "    except OSError: pass\n"
        "try: obtain_identity(data_dir)\n"
        "except ReportingError as error: print(errno.errorcode[error.details['number']])\n"
        "print(*(path.name for path in data_dir.iterdir()))"
    )

    done = run_on_small_disk("size=16k,nr_inodes=8", code)

    assert (done.stdout, done.stderr) == ("ENOSPC\nrest\n", "")


def test_a_data_directory_that_is_a_link_is_used(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(data_dir)

    assert obtain_identity(tmp_path / "link").uuid == obtain_identity(data_dir).uuid


def test_finding_creates_nothing(data_dir: Path) -> None:
    assert find_identity(data_dir) is None
    assert find_identity(data_dir / "gone") is None
    assert names(data_dir) == []


def test_a_created_id_is_found_and_removed(data_dir: Path) -> None:
    created = obtain_identity(data_dir)

    assert find_identity(data_dir) == created
    remove_identity(created)
    remove_identity(created)  # a second time changes nothing
    assert names(data_dir) == []


def test_an_id_that_has_changed_is_not_removed(data_dir: Path, file: Path) -> None:
    created = obtain_identity(data_dir)
    file.write_text(KNOWN)

    remove_identity(created)

    assert obtain_identity(data_dir).uuid == KNOWN


def test_a_directory_that_another_program_has_locked_is_used_all_the_same(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup holds its lock for hours."""
    monkeypatch.setattr(folder, "_MOST_LOCK_SECONDS", 0.1)
    descriptor = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

        assert obtain_identity(data_dir) == obtain_identity(data_dir)
    finally:
        os.close(descriptor)
