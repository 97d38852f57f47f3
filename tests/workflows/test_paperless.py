"""The workflows with the diffs of docs/how-to/paperless-ngx.md, run by act."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import commands, paperless
from tests.pipeline.hosts import BETA
from tests.support.needs import needs
from tests.workflows.forge import Forge

pytestmark = [pytest.mark.slow, needs("tar", "xz")]
nightly = pytest.mark.nightly

RELEASE, IMAGE = (Path(it).name for it in (paperless.RELEASE, paperless.IMAGE))


@pytest.fixture(scope="module")
def forge(kit: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """paperless-ngx on a forge, where pip finds this project's wheel."""
    project = paperless.create(tmp_path_factory.mktemp("paperless") / "project")
    wheel = commands.build_own_wheel(tmp_path_factory.mktemp("own"))
    made = Forge(
        tmp_path_factory.mktemp("forge"),
        kit,
        name="paperless/paperless",
        default_branch="dev",
    )
    shutil.copytree(
        project.root,
        made.clone.root,
        ignore=shutil.ignore_patterns(".git"),
        dirs_exist_ok=True,
    )
    made.clone.commit("Release v2.15.0-beta.rc1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_FIND_LINKS", str(wheel.parent))
        yield made


def read_image(forge: Forge) -> tuple[dict[str, str], str]:
    """Return the build arguments and the labels of the last image."""
    inputs = forge.calls("docker/build-push-action")[-1]["inputs"]
    lines = inputs["build-args"].splitlines()
    return dict(it.split("=", 1) for it in lines), inputs["labels"]


@pytest.mark.parametrize(
    ("branch", "channel"), [("beta", "beta"), pytest.param("dev", "dev", marks=nightly)]
)
def test_the_image_of_a_branch_has_its_channel(
    forge: Forge, branch: str, channel: str
) -> None:
    run = forge.run(IMAGE, *forge.branch_event(branch))

    assert run.jobs == {"build-arch": "success"}, run.log
    arguments, labels = read_image(forge)
    commit = forge.clone.git("rev-parse", "HEAD")
    assert arguments["PAPERLESS_NGX_CHANNEL"] == channel
    assert arguments["PAPERLESS_NGX_SOURCE_COMMIT"] == commit
    assert f"org.opencontainers.image.revision={commit}" in labels


def test_a_tag_makes_a_stamped_archive_and_an_image_with_the_same_facts(
    forge: Forge,
) -> None:
    release = forge.push_tag(BETA, workflow=RELEASE)
    image = forge.run(IMAGE, *forge.tag_event(BETA))

    assert release.jobs == {"build-release": "success"}, release.log
    assert image.jobs == {"build-arch": "success"}, image.log
    (archive,) = (forge.state / "artifacts").glob("*/release/paperless-ngx.tar.xz")
    printed = commands.build_stamp("verify", archive, "--from", forge.clone.root)
    commit = forge.clone.git("rev-parse", "HEAD")
    assert f"commit {commit[:9]}, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  beta" in printed
    arguments, _ = read_image(forge)
    assert arguments["PAPERLESS_NGX_SOURCE_COMMIT"] == commit
    assert arguments["PAPERLESS_NGX_BUILD_DATE"] == "2026-05-18T12:00:00Z"
    assert arguments["PAPERLESS_NGX_TAG"] == BETA
    assert arguments["PAPERLESS_NGX_CHANNEL"] == "beta"


@nightly
@pytest.mark.parametrize("workflow", [RELEASE, IMAGE])
def test_a_tag_that_disagrees_with_the_version_stops_both_workflows(
    forge: Forge, workflow: str
) -> None:
    tag = "v2.16.0-beta.rc1"
    if tag not in forge.clone.git("tag").split():
        forge.clone.tag(tag)
        forge.clone.git("push", "--quiet", "origin", tag)
    images = len(forge.calls("docker/build-push-action"))

    run = forge.run(workflow, *forge.tag_event(tag))

    assert set(run.jobs.values()) == {"failure"}, run.log
    assert "2.16.0-beta.rc1" in run.log
    assert "2.15.0" in run.log
    assert len(forge.calls("docker/build-push-action")) == images
    assert len([*(forge.state / "artifacts").glob("*/release")]) <= 1
