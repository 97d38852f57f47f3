"""Runs Docker's own engine in a root file system of Debian, without a network."""

import shutil
from pathlib import Path

from tests.support.rootfs import RootFileSystem

PACKAGES = (
    "docker.io",
    "docker-buildx",
    "docker-cli",
    "docker-compose",
    "python3-venv",
)
# The control groups of its containers, which would be left over.
_GROUP = "image-tests"
# The bridge that the engine makes is in a network of this command.
_RUN = f"""
mount -t tmpfs tmpfs /run
dockerd --iptables=false --cgroup-parent=/{_GROUP} > /var/log/dockerd 2>&1 &
trap 'kill $!; wait; find /sys/fs/cgroup -depth -type d -path "*/{_GROUP}*" -exec rmdir {{}} +' EXIT
until docker version > /dev/null 2>&1; do kill -0 $!; sleep 0.2; done
"""
_MAKE_BASE = """
tar -C / --one-file-system --exclude ./var/lib/docker --exclude ./var/cache -c . |
  docker import --change "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin" - base
"""
_PIP_CONFIGURATION = "[global]\nno-index = true\nfind-links = /opt/wheels\n"


def run(made: RootFileSystem, folder: str, *lines: str) -> str:
    """Start the engine, and run shell *lines* in *folder*; return what they print.

    Raises:
        RootFileSystemError: If one fails.
    """
    script = "\n".join((_RUN, f"cd {folder}", *lines))
    return made.run("unshare", "--net", "sh", "-euc", script)


def make_base(made: RootFileSystem, wheel: Path, *names: str) -> None:
    """Make an image of *made*, whose pip installs *wheel*; give it *names*."""
    made.run("python3", "-m", "venv", "/usr/local")
    made.run("/usr/local/bin/pip", "download", "-qd", "/opt/wheels", "packaging")
    shutil.copy(wheel, made.inside("/opt/wheels"))
    made.inside("/etc/pip.conf").write_text(_PIP_CONFIGURATION, encoding="utf-8")
    run(made, "/", _MAKE_BASE, *(f"docker tag base {name}" for name in names))
