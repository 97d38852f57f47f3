"""Every kind of release in every shape: the stored row matches the tag."""

import itertools
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts, reports, shapes
from tests.pipeline.hosts import BETA, STABLE, Host
from tests.pipeline.shapes import Release
from tests.support.repository import COMMITTED, Repository
from worker.local.harness import Harness

pytestmark = pytest.mark.slow

DAY = 86_400
# In the order in which they are released; the last is not tagged.
CHANNELS = {
    BETA: "beta",
    "v2.15.0-beta.rc2": "beta",
    STABLE: "stable",
    "main": "dev",
}
PAPERLESS = "paperless-ngx"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Release]:
    """A checkout of each release of the demo project, and a beta of paperless-ngx."""
    folder = tmp_path_factory.mktemp("releases")
    repository = hosts.create(folder / "work", hosts.ARCHIVAL)
    remote = Repository.bare(folder / "remote")
    repository.git("remote", "add", "origin", str(remote.root))
    for day, (name, channel) in enumerate(CHANNELS.items()):
        repository.commit(f"New in {name}", COMMITTED + day * DAY)
        repository.git("push", "--quiet", "--set-upstream", "origin", "main")
        if channel != "dev":
            printed = commands.build_stamp(
                "cut", channel, repository.root, "--yes", "--push"
            )
            assert f"Tagged {name}." in printed
    made = {}
    for name, channel in CHANNELS.items():
        checkout = folder / name
        remote.git(
            "clone", "--quiet", "--branch", name, str(remote.root), str(checkout)
        )
        tag = name if channel != "dev" else ""
        made[name] = Release(Repository.at(checkout), channel, tag)
    paperless = hosts.create_beta(folder / PAPERLESS, hosts.PAPERLESS)
    made[PAPERLESS] = Release(paperless, "beta", BETA, "PAPERLESS_NGX")
    return made


def ship_and_report(
    release: Release, shape: shapes.Shape, folder: Path, database: Path, worker: Harness
) -> reports.Row:
    """Ship *release*, verify its artifacts, and return the row of its report."""
    place, artifacts = shape(release, folder)
    for artifact in artifacts:
        tag = ("--tag", release.tag) if release.tag else ()
        commands.build_stamp(
            *("verify", artifact, "--from", release.checkout.root),
            *(*tag, *release.strict),
        )
    data = folder / "data"
    data.mkdir()
    shutil.copy(database, data)
    return reports.send(Host.imported_from(place, data, worker.url), worker)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *itertools.product(CHANNELS, shapes.SHAPES),
        (PAPERLESS, "tarball"),
        (PAPERLESS, "stamped_copy"),
    ],
)
def test_the_row_matches_the_tag(
    releases: Mapping[str, Release],
    database: Path,
    worker: Harness,
    tmp_path: Path,
    name: str,
    shape: str,
) -> None:
    release = releases[name]

    row = ship_and_report(release, shapes.SHAPES[shape], tmp_path, database, worker)

    assert reports.read_stamp(row) == hosts.expected_stamp(
        release.checkout, release.channel
    )
    assert release.checkout.git("status", "--porcelain") == ""


def test_a_distribution_package_reports_its_distribution(
    database: Path, worker: Harness, tmp_path: Path
) -> None:
    repository = hosts.create(tmp_path / "host")
    repository.commit("Release v2.15.0")
    repository.tag(STABLE)
    release = Release(repository, "stable", STABLE)

    row = ship_and_report(release, shapes.distro_package, tmp_path, database, worker)

    assert reports.read_stamp(row) == hosts.expected_stamp(repository, "stable")
    # In a container, the container wins.
    in_container = Path("/.dockerenv").exists()
    assert row["install_type"] == ("docker" if in_container else "debian")


def test_each_release_has_a_commit_and_a_date_of_its_own(
    releases: Mapping[str, Release],
) -> None:
    """Otherwise the rows above could belong to another release."""
    stamps = [hosts.expected_stamp(releases[name].checkout, "") for name in CHANNELS]

    assert len({stamp["commit"] for stamp in stamps}) == len(CHANNELS)
    assert len({stamp["build_date"] for stamp in stamps}) == len(CHANNELS)
    described = releases["main"].checkout.git("describe", "--tags")
    assert described.startswith(f"{STABLE}-1-g")
