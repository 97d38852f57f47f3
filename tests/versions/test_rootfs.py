"""The root file systems of tests/support/rootfs.py, and packages installed in one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import commands, packages
from tests.support import rootfs

pytestmark = [pytest.mark.slow, pytest.mark.nightly]

# Runs in a process of its own, which the test kills while this sleeps.
SLEEP = """
import sys
from pathlib import Path
from tests.support.rootfs import RootFileSystem
RootFileSystem(Path(sys.argv[1])).run("sh", "-c", "touch /asleep; sleep 600 # canary")
"""


@pytest.fixture(scope="module")
def trixie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rootfs.RootFileSystem]:
    """Debian trixie with what the packages below depend on."""
    needed = ("python3-django", "python3-requests", "rpm")
    with rootfs.debian("trixie", *needed, parent=tmp_path_factory.mktemp("root")) as it:
        yield it


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


@pytest.mark.parametrize("suite", ["trixie", "no-suite"])
def test_the_folder_is_gone_afterwards_whatever_fails(
    tmp_path: Path, suite: str
) -> None:
    failing = rootfs.debian(suite, "no-such-package", parent=tmp_path)

    with pytest.raises(rootfs.RootFileSystemError), failing:
        pass

    assert list(tmp_path.iterdir()) == []


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
    tmp_path: Path,
    distro: str,
    install: tuple[str, ...],
) -> None:
    build = {"debian": packages.build_deb, "fedora": packages.build_rpm}[distro]
    package = build(packages.make_archive(tmp_path / "release"), tmp_path)
    reporter = commands.install(commands.build_own_wheel(tmp_path / "own"), tmp_path)

    trixie.run(
        *install, f"/package/{package.name}", shared={package.parent: "/package"}
    )
    shown = trixie.run(
        *("python3", "-m", "django", "send_usage_report", "--dry-run"),
        environ={
            "PYTHONPATH": f"/{packages.INSTALLED}:/reporter",
            "DJANGO_SETTINGS_MODULE": "paperless.settings",
            "PAPERLESS_DATA_DIR": "/srv",
        },
        shared={reporter: "/reporter"},
    )

    assert f"Install type    : {distro}\n" in shown
    assert "Channel         : stable\n" in shown
    assert f"Commit          : {packages.COMMIT}  (built " in shown
    assert "Version         : 3.0.5\n" in shown
