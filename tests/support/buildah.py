"""Builds and runs images with Buildah and Podman, in a folder of their own.

This needs root, but no daemon. Every command has its own mounts and processes, which end
with it. Buildah runs the commands in an image in a chroot, and so do builds of Podman.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import rootfs
from tests.support.needs import require, require_root
from tests.support.rootfs import RootFileSystem

# The image that all base images are names of: Debian with Python in /usr/local/bin, as in
# the official images of Python, which nothing can be downloaded from here.
_BASE = "localhost/base"
_PACKAGES = ("python3-venv", "git")
# Podman's containers share nothing with this machine but its kernel. They need neither a
# network nor control groups. Its locks are in shared memory, and its runtime refuses a
# machine that has both versions of control groups: change both for this command only.
_PODMAN = """\
mount -t tmpfs tmpfs /dev/shm
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
exec podman "$@"
"""
_PODMAN_CONFIGURATION = """\
[containers]
cgroups = "disabled"
netns = "none"

[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "{folder}/podman"
"""


class ImageBuildError(Exception):
    """Buildah failed; the message is all that it printed."""


@dataclass(frozen=True)
class Container:
    """A container that is made from an image."""

    name: str
    store: "Store"

    def run(self, *command: str) -> str:
        """Run *command* in it, as the image's user; return its standard output.

        Raises:
            ImageBuildError: If its exit status is not 0.
        """
        return self.store.buildah("run", self.name, "--", *command)

    def copy_context(self, context: Path, target: str, owner: str = "0:0") -> None:
        """Copy the files that `.dockerignore` lets through, as `COPY . target` does."""
        ignore = context / ".dockerignore"
        self.store.buildah(
            *("copy", "--quiet", "--chown", owner, "--contextdir", str(context)),
            *(("--ignorefile", str(ignore)) if ignore.exists() else ()),
            *(self.name, str(context), target),
        )


class Store:
    """Images in one folder."""

    def __init__(self, folder: Path) -> None:
        require("buildah", "unshare", "setpriv")
        require_root()
        self._folder = folder
        self._configuration = folder / "storage.conf"
        self._containers = folder / "containers.conf"
        self._containers.write_text(
            _PODMAN_CONFIGURATION.format(folder=folder), encoding="utf-8"
        )
        try:
            self._configure("overlay")
        except ImageBuildError:
            # A machine whose own root is an overlay, such as a container: layers are
            # copied, which is slow.
            self._configure("vfs")

    def _configure(self, driver: str) -> None:
        self._configuration.write_text(
            f'[storage]\ndriver = "{driver}"\n'
            f'graphroot = "{self._folder / driver}"\n'
            f'runroot = "{self._folder / "run"}"\n',
            encoding="utf-8",
        )
        self.buildah("images")

    @property
    def environ(self) -> dict[str, str]:
        """The variables that make Buildah and Podman use this store."""
        return {
            "CONTAINERS_CONF": str(self._containers),
            "CONTAINERS_STORAGE_CONF": str(self._configuration),
            "BUILDAH_ISOLATION": "chroot",
        }

    def buildah(self, *arguments: str) -> str:
        """Run `buildah`; return its standard output.

        Raises:
            ImageBuildError: If its exit status is not 0.
        """
        done = subprocess.run(
            (*rootfs.ISOLATED, "buildah", *arguments),
            cwd=self._folder,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            line = " ".join(("buildah", *arguments))
            raise ImageBuildError(f"$ {line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def write_programs(self, folder: Path) -> None:
        """Write `buildah` and `podman` into *folder*, and a `docker` that is Buildah."""
        buildah = shutil.which("buildah") or "buildah"
        for name, command in (
            ("docker", (buildah,)),
            ("buildah", (buildah,)),
            (
                "podman",
                ("env", f"PATH={os.environ['PATH']}", "sh", "-euc", _PODMAN, "podman"),
            ),
        ):
            line = shlex.join((*rootfs.ISOLATED, *command))
            program = folder / name
            program.write_text(f'#!/bin/sh\nexec {line} "$@"\n', encoding="utf-8")
            program.chmod(0o755)

    def make_base(self, wheel: Path, constraints: Path) -> None:
        """Make the base image, whose pip installs *wheel* and versions in *constraints*.

        Raises:
            RootFileSystemError: If Debian cannot be installed.
        """
        with rootfs.debian("trixie", *_PACKAGES, parent=self._folder) as made:
            made.run("python3", "-m", "venv", "/usr/local")
            _configure_pip(made, wheel, constraints)
            container = self.buildah("from", "scratch").strip()
            self.buildah("add", container, str(made.path), "/")
        variables = {
            "PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            **rootfs.VARIABLES,
        }
        options = [f"--env={name}={value}" for name, value in variables.items()]
        self.buildah("config", *options, container)
        self.buildah("commit", "--rm", container, _BASE)

    def build(self, dockerfile: Path, context: Path, *options: str) -> str:
        """Build *dockerfile* with the options of `docker build`; return the image's ID.

        Raises:
            ImageBuildError: If a command in it fails, or Buildah refuses it.
        """
        self.name_bases(dockerfile.read_text(encoding="utf-8"))
        built = self.buildah(
            *("build", "--pull=never", "--quiet", "--file", str(dockerfile)),
            *(*options, str(context)),
        )
        return built.split()[-1]

    def name_bases(self, dockerfile: str) -> None:
        """Give the base image each name that the text of a Dockerfile builds from."""
        stages = re.findall(r"^FROM .* AS (\S+)$", dockerfile, re.MULTILINE)
        for name in re.findall(r"^FROM (?:--\S+ )*(\S+)", dockerfile, re.MULTILINE):
            if name not in (*stages, "scratch"):
                self.buildah("tag", _BASE, f"docker.io/library/{name}")

    def inspect(self, image: str) -> Mapping[str, Any]:
        """Return the configuration of *image*, as Docker has it."""
        inspected = json.loads(self.buildah("inspect", "--type", "image", image))
        configuration: Mapping[str, Any] = inspected["Docker"]["config"]
        return configuration

    def run(self, image: str) -> str:
        """Run the command that *image* runs by default; return its standard output.

        Raises:
            ImageBuildError: If its exit status is not 0.
        """
        configuration = self.inspect(image)
        command = [
            *(configuration.get("Entrypoint") or ()),
            *(configuration.get("Cmd") or ()),
        ]
        with self.container(image) as container:
            return container.run(*command)

    @contextmanager
    def container(self, image: str = _BASE) -> Iterator[Container]:
        """Make a container from *image*, and remove it at the end."""
        name = self.buildah("from", "--pull=never", image).strip()
        try:
            yield Container(name, self)
        finally:
            self.buildah("rm", name)


def _configure_pip(made: RootFileSystem, wheel: Path, constraints: Path) -> None:
    wheels = made.inside("/opt/wheels")
    wheels.mkdir(parents=True)
    shutil.copy(wheel, wheels)
    shutil.copy(constraints, wheels / "constraints.txt")
    made.inside("/etc/pip.conf").write_text(
        "[global]\nfind-links = /opt/wheels\n"
        "constraint = /opt/wheels/constraints.txt\n"
        f"cert = {rootfs.CERTIFICATES}\ndisable-pip-version-check = true\n",
        encoding="utf-8",
    )
