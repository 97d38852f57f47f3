"""Ships a release in every shape: wheel, sdist, tarball, image and archive.

Each function takes a release and an empty folder, and installs the release from that
shape. Builds use the packages of this environment.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.pipeline import commands
from tests.support import tarballs
from tests.support.repository import Repository


class Release(NamedTuple):
    """A checkout to ship.

    Attributes:
        checkout: The repository.
        channel: The channel that its reports must name.
        tag: Its tag; "" for a commit between releases, which no strict build accepts.
        prefix: The prefix of its build variables.
    """

    checkout: Repository
    channel: str
    tag: str = ""
    prefix: str = "PAPERLESS_DEMO"

    @property
    def package(self) -> Path:
        return self.checkout.root / "src" / "paperless"

    @property
    def strict(self) -> tuple[str, ...]:
        return ("--strict",) if self.tag else ()

    @property
    def stated(self) -> dict[str, str]:
        """The variables that state the tag where no git can find it."""
        if not self.tag:
            return {}
        return {f"{self.prefix}_TAG": self.tag, f"{self.prefix}_STRICT": "1"}


class Shipped(NamedTuple):
    """A release in one shape.

    Attributes:
        place: The folder to import the installed host from.
        artifacts: The files or folders to verify.
    """

    place: Path
    artifacts: tuple[Path, ...] = ()


def wheel(release: Release, folder: Path) -> Shipped:
    """Build a wheel from the checkout."""
    return _build(release.checkout.root, folder, "--wheel")


def sdist(release: Release, folder: Path) -> Shipped:
    """Build an sdist, from which pip builds its own wheel."""
    return _build(release.checkout.root, folder, "--sdist")


def wheel_from_sdist(release: Release, folder: Path) -> Shipped:
    """Build both, the wheel from the sdist, as `python -m build` does."""
    return _build(release.checkout.root, folder)


def tarball(release: Release, folder: Path) -> Shipped:
    """Pack a stamped copy of the tree, as paperless-ngx's releases are made."""
    copy = folder / "paperless-ngx"
    no_bytecode = shutil.ignore_patterns("__pycache__")  # which the release removes
    shutil.copytree(release.checkout.root / "src", copy / "src", ignore=no_bytecode)
    stamped = copy / "src" / "paperless"
    commands.build_stamp("write", stamped, "--from", release.package, *release.strict)
    packed = folder / "dist" / "paperless-ngx.tar.xz"
    commands.pack(copy, packed)
    return Shipped(tarballs.unpack(packed, folder / "unpacked") / "src", (packed,))


def stamped_copy(release: Release, folder: Path) -> Shipped:
    """Stamp a tree without git from build arguments, as an image is made."""
    printed = commands.build_stamp(
        "show", release.package, *release.strict, "--format", "build-args"
    )
    arguments = dict(line.split("=", 1) for line in printed.splitlines())
    source = folder / "src"
    shutil.copytree(release.checkout.root / "src", source)
    commands.build_stamp(
        *("write", source / "paperless", "--env-prefix", release.prefix),
        *release.strict,
        **arguments,
    )
    return Shipped(source, (source / "paperless",))


def git_archive(release: Release, folder: Path) -> Shipped:
    """Install a `git archive`, which contains its commit and date but not its tag."""
    source = commands.archive(release.checkout, folder)
    return Shipped(commands.install(source, folder, **release.stated))


def distro_package(release: Release, folder: Path) -> Shipped:
    """Build an archive without git, from facts that the packager states."""
    source = commands.archive(release.checkout, folder)
    (source / "src/paperless/distro_info.py").write_text('DISTRO = "debian"\n')
    git = release.checkout.git
    variables = {
        **release.stated,
        f"{release.prefix}_SOURCE_COMMIT": git("rev-parse", "HEAD"),
        # Every Debian build sets it.
        "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct"),
    }
    return _build(source, folder, "--wheel", **variables)


Shape = Callable[[Release, Path], Shipped]
SHAPES: Mapping[str, Shape] = {
    shape.__name__: shape
    for shape in (wheel, sdist, wheel_from_sdist, tarball, stamped_copy, git_archive)
}


def _build(project: Path, folder: Path, *options: str, **variables: str) -> Shipped:
    dist = folder / "dist"
    commands.build(project, dist, *options, **variables)
    artifacts = tuple(sorted(dist.iterdir()))  # a wheel sorts before its sdist
    return Shipped(commands.install(artifacts[0], folder), artifacts)
