"""beta.rc1, beta.rc2, stable and dev over one repository, in every shape."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline import flow, reports, shapes
from tests.support.repository import COMMITTED, Repository
from worker.local.harness import Harness

pytestmark = pytest.mark.slow

DAY = 86_400
# Each release, by its tag, and what it is; what is not tagged is the tip of main.
CHANNELS = {
    "v2.15.0-beta.rc1": "beta",
    "v2.15.0-beta.rc2": "beta",
    "v2.15.0": "stable",
    "main": "dev",
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Repository]:
    """A checkout of each release, as a pipeline would have it."""
    folder = tmp_path_factory.mktemp("releases")
    repository = flow.host_repository(folder / "work", shapes.ARCHIVAL)
    remote = Repository.bare(folder / "remote")
    repository.git("remote", "add", "origin", str(remote.root))
    for day, (name, channel) in enumerate(CHANNELS.items()):
        repository.commit(f"What is new in {name}", COMMITTED + day * DAY)
        repository.git("push", "--quiet", "--set-upstream", "origin", "main")
        if channel != "dev":
            printed = flow.cut(repository, channel, "--yes", "--push")
            assert f"Tagged {name}." in printed
    checkouts = {}
    for name in CHANNELS:
        checkouts[name] = Repository.at(folder / name)
        remote.git(
            *("clone", "--quiet", "--branch", name),
            *(str(remote.root), str(checkouts[name].root)),
        )
    return checkouts


@pytest.mark.parametrize("shape", shapes.SHAPES)
@pytest.mark.parametrize("name", CHANNELS)
def test_what_arrives_is_what_was_tagged(
    released: Mapping[str, Repository],
    database: Path,
    worker: Harness,
    tmp_path: Path,
    name: str,
    shape: str,
) -> None:
    checkout = released[name]
    channel = CHANNELS[name]
    stated = {f"{shapes.PREFIX}_TAG": name} if channel != "dev" else {}

    place = shapes.SHAPES[shape](checkout, tmp_path, stated)
    for artifact in (tmp_path / "dist").glob("*"):
        strict = ("--tag", name, "--strict") if channel != "dev" else ()
        shapes.stamp("verify", artifact, *strict, "--from", checkout.root)
    row = reports.row_of(place, tmp_path / "data", database, worker)

    assert {
        key: row[key] for key in ("version", "channel", "commit", "build_date")
    } == {
        "version": "2.15.0",
        "channel": channel,
        "commit": checkout.git("rev-parse", "HEAD")[:9],
        "build_date": flow.date_of(checkout),
    }


def test_no_two_releases_are_of_one_commit_or_date(
    released: Mapping[str, Repository],
) -> None:
    """Or the rows above could be those of another."""
    assert len({it.git("rev-parse", "HEAD") for it in released.values()}) == 4
    assert len({flow.date_of(it) for it in released.values()}) == 4


def test_the_last_is_told_apart_from_the_stable_before_it(
    released: Mapping[str, Repository],
) -> None:
    assert released["main"].git("describe", "--tags").startswith("v2.15.0-1-g")
