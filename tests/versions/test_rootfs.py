"""The root file systems of tests/support/rootfs.py, and packages installed in one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import bookshelf, commands, packages
from tests.support import rootfs
from tests.support.preview import read_preview

pytestmark = [pytest.mark.slow, pytest.mark.nightly]

# Runs in a process of its own, which the test kills while this sleeps.
SLEEP = """
import sys
from pathlib import Path
from tests.support.rootfs import RootFileSystem
RootFileSystem(Path(sys.argv[1])).run("sh", "-c", "touch /asleep; sleep 600 # canary")
"""

# The same, with a folder.
WAIT = """
import signal, sys, time
from pathlib import Path
from tests.support.temporary import make_folder
signal.signal(signal.SIGINT, signal.default_int_handler)
with make_folder("made-", Path(sys.argv[1])) as folder:
    (folder / "file").touch()
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def trixie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rootfs.RootFileSystem]:
    """Debian trixie with what builds and runs the packages below."""
    needed = (
        *("python3-django", "python3-requests", "rpm"),
        *("debhelper", "dh-python", "lintian", "pybuild-plugin-pyproject"),
        *("python3-all", "python3-hatchling"),
    )
    with rootfs.debian("trixie", *needed, parent=tmp_path_factory.mktemp("root")) as it:
        yield it


@pytest.fixture(scope="module")
def reporter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this project, installed."""
    folder = tmp_path_factory.mktemp("reporter")
    return commands.install(commands.build_own_wheel(folder / "own"), folder)


def show_report(
    made: rootfs.RootFileSystem, reporter: Path, package: str, **environ: str
) -> str:
    """Return the preview of the report of an installed project."""
    return made.run(
        *("python3", "-m", "django", "send_usage_report", "--dry-run"),
        environ={
            "DJANGO_SETTINGS_MODULE": f"{package}.settings",
            "PYTHONPATH": "/reporter",
            **environ,
        },
        shared={reporter: "/reporter"},
    )


def mounts(made: rootfs.RootFileSystem) -> list[str]:
    lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if str(made.path) in line]


def processes(canary: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended
            continue
        if canary in line:
            found.append(line)
    return found


def wait_until_none(canary: str) -> None:
    end = time.monotonic() + 10
    while processes(canary) and time.monotonic() < end:
        time.sleep(0.05)


def test_a_command_leaves_no_mount_and_no_process(
    trixie: rootfs.RootFileSystem,
) -> None:
    inside = trixie.run("sh", "-c", "sleep 601 & cat /proc/mounts")

    assert "devpts" in inside
    assert mounts(trixie) == []
    assert processes("sleep 601") == []


def test_a_killed_test_leaves_no_mount_and_no_process(
    trixie: rootfs.RootFileSystem,
) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", SLEEP, trixie.path),
        cwd=commands.ROOT,
        env={**os.environ, "PYTHONPATH": str(commands.ROOT)},
    ) as running:
        while not trixie.inside("/asleep").exists():
            time.sleep(0.05)
            assert running.poll() is None
        running.send_signal(signal.SIGKILL)
    wait_until_none("sleep 600 # canary")

    assert processes("sleep 600 # canary") == []
    assert mounts(trixie) == []


def test_a_shared_folder_is_read_only_and_gone_afterwards(
    trixie: rootfs.RootFileSystem, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("shared")

    assert trixie.run("cat", "/shared/file", shared={tmp_path: "/shared"}) == "shared"
    with pytest.raises(rootfs.RootFileSystemError, match="Read-only"):
        trixie.run("touch", "/shared/other", shared={tmp_path: "/shared"})

    assert list(trixie.inside("/shared").iterdir()) == []


def test_a_failed_command_says_what_it_printed(trixie: rootfs.RootFileSystem) -> None:
    with pytest.raises(rootfs.RootFileSystemError, match=r"^\$ ls /nothing\n.*No such"):
        trixie.run("ls", "/nothing")


@pytest.mark.parametrize(
    "sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda it: it.name
)
def test_the_folder_of_a_killed_test_is_removed(
    tmp_path: Path, sent: signal.Signals
) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", WAIT, tmp_path),
        cwd=commands.ROOT,
        env={**os.environ, "PYTHONPATH": str(commands.ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        assert list(tmp_path.iterdir()) != []
        running.send_signal(sent)

    end = time.monotonic() + 10
    while list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suite", ["trixie", "no-suite"])
def test_the_folder_is_gone_afterwards_whatever_fails(
    tmp_path: Path, suite: str
) -> None:
    failing = rootfs.debian(suite, "no-such-package", parent=tmp_path)

    with pytest.raises(rootfs.RootFileSystemError), failing:
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_hatch_project_is_built_reproducibly_and_installed(
    trixie: rootfs.RootFileSystem, reporter: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "bookshelf.tar.gz"
    project = bookshelf.create(tmp_path / "project")
    prefix = "--prefix=bookshelf-1.4.0/"
    project.git("archive", prefix, f"--output={archive}", "HEAD")
    lines = (f"{packages.DEB} --no-check-builddeps", packages.LINT)
    built: list[Path] = []
    for name in ("first", "second"):
        folder = trixie.inside(f"/{name}")
        folder.mkdir()
        source = packages.unpack_for_debian(archive, folder, packages.HATCH)
        trixie.run(
            *("sh", "-euc", "\n".join(lines)),
            cwd=f"/{name}/{source.name}",
            environ={"PYTHONPATH": "/reporter"},
            shared={reporter: "/reporter"},
        )
        built += folder.glob("*.deb")

    first, second = built
    assert first.read_bytes() == second.read_bytes()
    trixie.run("dpkg", "--install", f"/first/{first.name}")
    shown = read_preview(
        show_report(trixie, reporter, "bookshelf", BOOKSHELF_DATA_DIR="/srv"),
        bookshelf.load_fields(),
    )
    assert shown["install_type"] == "debian"
    assert shown["channel"] == "stable"
    assert shown["commit"] == "5c77e0a31  (built 2026-05-18T12:00:00Z)"
    assert shown["version"] == "1.4.0"


@pytest.mark.parametrize(
    ("distro", "install"),
    [
        ("debian", ("dpkg", "--install")),
        # Debian's packages have the dependencies, under the same names.
        ("fedora", ("rpm", "--install", "--nodeps")),
    ],
)
def test_an_installed_package_reports_its_install_type(
    trixie: rootfs.RootFileSystem,
    reporter: Path,
    tmp_path: Path,
    distro: str,
    install: tuple[str, ...],
) -> None:
    build = {"debian": packages.build_deb, "fedora": packages.build_rpm}[distro]
    package = build(packages.make_archive(tmp_path / "release"), tmp_path)

    trixie.run(
        *install, f"/package/{package.name}", shared={package.parent: "/package"}
    )
    shown = read_preview(
        show_report(
            *(trixie, reporter, "paperless"),
            PYTHONPATH=f"/{packages.INSTALLED}:/reporter",
            PAPERLESS_DATA_DIR="/srv",
        )
    )

    assert shown["install_type"] == distro
    assert shown["channel"] == "stable"
    assert shown["commit"].startswith(f"{packages.COMMIT}  (built ")
    assert shown["version"] == "3.0.5"
