import errno
import fcntl
import os
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paperless_report import contract, identity
from paperless_report.identity import Identity, IdentityError
from tests.support.needs import require

pytestmark = pytest.mark.point("C10")

KNOWN = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"


@pytest.mark.point("UUID storage")
def test_the_first_run_makes_an_id_and_keeps_it(data_dir: Path) -> None:
    made = identity.obtain(data_dir)

    assert contract.load_fields()["uuid"].fits(made.uuid)
    assert not made.replaced
    assert (data_dir / "usage_uuid").read_text() == f"{made.uuid}\n"
    assert [path.name for path in data_dir.iterdir()] == ["usage_uuid"]


@pytest.mark.point("UUID storage")
def test_later_runs_use_it(data_dir: Path) -> None:
    assert identity.obtain(data_dir) == identity.obtain(data_dir)


@pytest.mark.parametrize("content", [KNOWN, f"{KNOWN}\n", f"  {KNOWN.upper()}\r\n"])
def test_an_id_that_is_there_is_used_as_it_is(data_dir: Path, content: str) -> None:
    path = data_dir / "usage_uuid"
    path.write_bytes(content.encode())

    assert identity.obtain(data_dir) == Identity(KNOWN, path)
    assert path.read_bytes() == content.encode()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_can_read_it(data_dir: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        identity.obtain(data_dir)
    finally:
        os.umask(before)

    assert stat.S_IMODE((data_dir / "usage_uuid").stat().st_mode) == 0o600


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
def test_content_that_is_no_uuid4_is_replaced(data_dir: Path, content: bytes) -> None:
    (data_dir / "usage_uuid").write_bytes(content)

    made = identity.obtain(data_dir)

    assert made.replaced
    assert identity.obtain(data_dir) == Identity(made.uuid, made.path)


@pytest.mark.parametrize("before", [None, "no uuid"])
def test_first_runs_at_once_end_with_one_id(data_dir: Path, before: str | None) -> None:
    if before is not None:
        (data_dir / "usage_uuid").write_text(before)

    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: identity.obtain(data_dir).uuid, range(64)))

    assert made == {identity.obtain(data_dir).uuid}
    assert len(list(data_dir.iterdir())) == 1


@pytest.mark.slow
def test_first_processes_at_once_end_with_one_id(data_dir: Path) -> None:
    code = (
        "import sys, pathlib; from paperless_report import identity;"
        "print('ready', flush=True); sys.stdin.read(); print(identity.obtain(pathlib.Path(sys.argv[1])).uuid)"
    )
    processes = [
        subprocess.Popen(
            (sys.executable, "-c", code, str(data_dir)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(100)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None  # or communicate would close it again
    made = {process.communicate()[0] for process in processes}

    assert made == {f"{identity.obtain(data_dir).uuid}\n".encode()}


def test_without_hard_links_it_is_still_made_once(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)

    made = identity.obtain(data_dir)

    assert identity.obtain(data_dir) == made
    assert stat.S_IMODE((data_dir / "usage_uuid").stat().st_mode) == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["usage_uuid"]


def test_without_links_and_locks_first_runs_at_once_still_end_with_one_id(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(fcntl, "flock", refuse)
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: identity.obtain(data_dir).uuid, range(64)))

    assert made == {identity.obtain(data_dir).uuid}


def test_a_directory_that_is_not_there_is_named(data_dir: Path) -> None:
    with pytest.raises(
        IdentityError,
        match=r"^PAPERLESS_DATA_DIR/usage_uuid: No such file or directory; create",
    ):
        identity.obtain(data_dir / "gone")


def test_a_directory_in_its_place_is_named(data_dir: Path) -> None:
    (data_dir / "usage_uuid").mkdir()

    with pytest.raises(IdentityError, match="Is a directory"):
        identity.obtain(data_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("links", [True, False])
def test_root_leaves_it_to_the_directorys_owner(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    os.chown(data_dir, 12345, 54321)

    identity.obtain(data_dir)

    owner = (data_dir / "usage_uuid").stat()
    assert (owner.st_uid, owner.st_gid) == (12345, 54321)


def test_a_directory_that_cannot_be_written_is_named(data_dir: Path) -> None:
    code = (
        "from django.conf import settings; settings.configure(USE_I18N=False)\n"
        "import fcntl, os, sys, pathlib; from paperless_report import identity\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: identity.obtain(pathlib.Path(sys.argv[1]))\n"
        "except identity.IdentityError as error: print(error)"
    )
    data_dir.chmod(0o555)
    for path in data_dir.parents[:3]:
        path.chmod(0o755)  # for whoever root becomes

    done = subprocess.run(
        (sys.executable, "-c", code, str(data_dir)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == (
        "PAPERLESS_DATA_DIR/usage_uuid: Permission denied; run this as the user "
        "that the data directory belongs to\n"
    )
    assert list(data_dir.iterdir()) == []


def test_a_directory_with_no_space_left_is_named_and_left_clean() -> None:
    """On a real file system of one page, in a mount namespace of its own."""
    code = (
        "from django.conf import settings; settings.configure(USE_I18N=False)\n"
        "import pathlib, sys; from paperless_report import identity\n"
        "data_dir = pathlib.Path(sys.argv[1])\n"
        "with open(data_dir / 'rest', 'wb', buffering=0) as file:\n"
        "    try:\n"
        "        while file.write(b'x' * 4096): pass\n"
        "    except OSError: pass\n"
        "try: identity.obtain(data_dir)\n"
        "except identity.IdentityError as error: print(error)\n"
        "print(*(path.name for path in data_dir.iterdir()))"
    )
    done = in_small_file_system(code)

    assert done == (
        "PAPERLESS_DATA_DIR/usage_uuid: No space left on device; free some space\n"
        "rest\n"
    )


def in_small_file_system(code: str) -> str:
    """Run *code* with the path of an empty file system of 16 KiB; give its output."""
    require("sh", "unshare")
    script = (
        'mount -t tmpfs -o size=16k,nr_inodes=8 none "$1" && exec "$2" -c "$3" "$1"'
    )
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            (
                *("unshare", "--user", "--map-root-user", "--mount"),
                *("sh", "-c", script, "sh", folder, sys.executable, code),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine allows no mount namespaces")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_link_to_an_id_is_followed(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(KNOWN)
    (data_dir / "usage_uuid").symlink_to(tmp_path / "elsewhere")

    assert identity.obtain(data_dir).uuid == KNOWN


def test_a_link_to_something_else_is_replaced_and_what_it_names_is_left(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("a diary")
    (data_dir / "usage_uuid").symlink_to(tmp_path / "elsewhere")

    assert identity.obtain(data_dir).replaced
    assert not (data_dir / "usage_uuid").is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "a diary"


def test_a_link_to_nothing_is_named_and_nothing_is_made(
    data_dir: Path, tmp_path: Path
) -> None:
    """Run as root it would make a file wherever the link's owner wants one."""
    (data_dir / "usage_uuid").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(IdentityError, match="it is a link to nothing; remove that"):
        identity.obtain(data_dir)

    assert not (tmp_path / "elsewhere").exists()


def test_a_data_directory_that_is_a_link_is_used(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(data_dir)

    assert identity.obtain(tmp_path / "link").uuid == identity.obtain(data_dir).uuid


def test_a_pipe_in_its_place_does_not_hang(data_dir: Path) -> None:
    os.mkfifo(data_dir / "usage_uuid")

    assert identity.obtain(data_dir).replaced


def test_finding_makes_nothing(data_dir: Path) -> None:
    assert identity.find(data_dir) is None
    assert identity.find(data_dir / "gone") is None
    assert list(data_dir.iterdir()) == []


def test_what_is_made_is_found_and_removed(data_dir: Path) -> None:
    made = identity.obtain(data_dir)

    known = identity.find(data_dir)
    assert known == made
    identity.remove(known)
    identity.remove(known)  # a second time changes nothing
    assert list(data_dir.iterdir()) == []


def test_an_id_behind_a_link_is_removed_with_the_link(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text(KNOWN)
    (data_dir / "usage_uuid").symlink_to(tmp_path / "elsewhere")

    identity.remove(identity.obtain(data_dir))

    assert not (tmp_path / "elsewhere").exists()
    assert list(data_dir.iterdir()) == []


def test_a_directory_that_someone_else_has_locked_is_used_all_the_same(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup holds its lock for hours."""
    monkeypatch.setattr(identity, "_MOST_LOCK_SECONDS", 0.1)
    descriptor = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

        assert identity.obtain(data_dir) == identity.obtain(data_dir)
    finally:
        os.close(descriptor)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_where_owners_cannot_be_set_it_is_made_all_the_same(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)

    assert identity.obtain(data_dir) == identity.obtain(data_dir)


def test_an_id_that_is_no_longer_the_one_is_not_removed(data_dir: Path) -> None:
    known = identity.obtain(data_dir)
    (data_dir / "usage_uuid").write_text(KNOWN)

    identity.remove(known)

    assert identity.obtain(data_dir).uuid == KNOWN


def test_an_id_that_cannot_be_read_is_named(data_dir: Path) -> None:
    (data_dir / "usage_uuid").mkdir()

    with pytest.raises(IdentityError, match="Is a directory; move that"):
        identity.find(data_dir)
