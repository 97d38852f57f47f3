"""Four kinds of host, each from nothing to a row in D1, by its own people's commands."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline import flow, reports, shapes
from tests.support.repository import Repository
from worker.local.harness import Harness

pytestmark = pytest.mark.slow

# What paperless-ngx has: no build system, and a package that is none.
NO_PACKAGE = """\
[project]
name = "paperless-ngx"
version = "2.15.0"
requires-python = ">=3.11"

[tool.uv]
package = false
"""
VERSION_PY = """\
from typing import Final

__version__: Final[tuple[int, int, int]] = (2, 15, 0)
# Version string like X.Y.Z
__full_version_str__: Final[str] = ".".join(map(str, __version__))
"""
BETA, STABLE = "v2.15.0-beta.rc1", "v2.15.0"


class Arrival(NamedTuple):
    """A host in place, and what its report ought to say."""

    place: Path
    repository: Repository
    channel: str
    install_type: str | None = None


def hatch_project(folder: Path) -> Arrival:
    """Cut, pushed, built, verified and installed: the README, line by line."""
    repository = flow.host_repository(folder / "host")
    repository.commit("All that is new")
    remote = Repository.bare(folder / "remote")
    repository.git("remote", "add", "origin", str(remote.root))
    repository.git("push", "--quiet", "--set-upstream", "origin", "main")

    flow.cut(repository, "beta", "--yes", "--push")
    shapes.build("--wheel", repository.root, folder / "dist")
    (wheel,) = (folder / "dist").iterdir()
    verify(repository, BETA, wheel, "--rebuild", "--no-isolation")
    return Arrival(shapes.installed(wheel, folder), repository, "beta")


def paperless_today(folder: Path) -> Repository:
    """Its shape: `package = false`, and no `__channel__` in version.py."""
    repository = flow.host_repository(folder / "host", {"pyproject.toml": NO_PACKAGE})
    repository.write({"src/paperless/version.py": VERSION_PY})
    repository.commit("Release v2.15.0-beta.rc1")
    repository.tag(BETA)
    return repository


def paperless_tarball(folder: Path) -> Arrival:
    """Its release job: the tree is copied, stamped and packed."""
    repository = paperless_today(folder)
    copy = folder / "dist" / "paperless-ngx"
    shutil.copytree(repository.root / "src", copy / "src")
    package = repository.root / "src" / "paperless"

    shapes.stamp("write", copy / "src" / "paperless", "--from", package, "--strict")
    packed = folder / "dist" / "paperless-ngx.tar.xz"
    shapes.pack(copy, packed)
    verify(repository, BETA, packed)
    place = shapes.unpack(packed, folder / "unpacked") / "src"
    return Arrival(place, repository, "beta")


def paperless_image(folder: Path) -> Arrival:
    """Its image: `src/` is copied without git, the stamp comes by build arguments."""
    repository = paperless_today(folder)
    package = repository.root / "src" / "paperless"

    printed = shapes.stamp("show", package, "--strict", "--format", "build-args")
    arguments = dict(line.split("=", 1) for line in printed.splitlines())
    assert set(arguments) == {
        f"PAPERLESS_NGX_{it}"
        for it in ("SOURCE_COMMIT", "BUILD_DATE", "TAG", "CHANNEL")
    }
    image = folder / "usr" / "src" / "paperless"
    shutil.copytree(repository.root / "src", image / "src")
    stamped = image / "src" / "paperless"
    shapes.stamp(
        *("write", stamped, "--env-prefix", "PAPERLESS_NGX", "--strict"), **arguments
    )
    verify(repository, BETA, stamped)
    return Arrival(image / "src", repository, "beta")


def distro_package(folder: Path) -> Arrival:
    """An archive that knows no git; what it does not say, the packager states."""
    repository = flow.host_repository(folder / "host")
    repository.commit("Release v2.15.0")
    repository.tag(STABLE)
    source = shapes.archive(repository, folder)
    (source / "src/paperless/distro_info.py").write_text('DISTRO = "debian"\n')

    shapes.build(
        *("--wheel", source, folder / "dist"),
        PAPERLESS_DEMO_STRICT="1",
        PAPERLESS_DEMO_SOURCE_COMMIT=repository.git("rev-parse", "HEAD"),
        PAPERLESS_DEMO_TAG=STABLE,
        # As every Debian build has it.
        SOURCE_DATE_EPOCH=repository.git("log", "-1", "--format=%ct"),
    )
    (wheel,) = (folder / "dist").iterdir()
    verify(repository, STABLE, wheel)
    place = shapes.installed(wheel, folder)
    return Arrival(place, repository, "stable", "debian")


def git_archive_download(folder: Path) -> Arrival:
    """A download of the tag: commit and date come with it, its tag is stated."""
    repository = flow.host_repository(folder / "host", shapes.ARCHIVAL)
    repository.commit("Release v2.15.0")
    repository.tag(STABLE)

    unpacked = shapes.archive(repository, folder)
    facts = {"PAPERLESS_DEMO_TAG": STABLE, "PAPERLESS_DEMO_STRICT": "1"}
    return Arrival(shapes.installed(unpacked, folder, **facts), repository, "stable")


def verify(repository: Repository, tag: str, artifact: Path, *more: str) -> None:
    shapes.stamp(
        *("verify", artifact, "--tag", tag, "--strict", "--from", repository.root),
        *more,
    )


@pytest.mark.parametrize(
    "walk",
    [
        hatch_project,
        paperless_tarball,
        paperless_image,
        distro_package,
        git_archive_download,
    ],
    ids=lambda it: it.__name__,
)
def test_a_host_of_each_kind_reports_what_was_tagged(
    walk: Callable[[Path], Arrival], tmp_path: Path, database: Path, worker: Harness
) -> None:
    arrival = walk(tmp_path)

    row = reports.row_of(arrival.place, tmp_path / "data", database, worker)

    assert (row["version"], row["channel"]) == ("2.15.0", arrival.channel)
    assert row["commit"] == arrival.repository.git("rev-parse", "HEAD")[:9]
    assert row["build_date"] == flow.date_of(arrival.repository)
    assert arrival.repository.git("status", "--porcelain") == ""
    if arrival.install_type:
        # In a container, that one comes first, in the spec's order.
        inside = Path("/.dockerenv").exists()
        assert row["install_type"] == ("docker" if inside else arrival.install_type)
