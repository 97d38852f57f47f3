"""docs/adopt/paperless-ngx.md: its diffs apply, and the changed files work."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts, paperless
from tests.pipeline.hosts import BETA
from tests.pipeline.paperless import RELEASE, TAG_REF, build_arguments, run_step
from tests.support import pages, workflows
from tests.support.needs import needs
from tests.support.repository import Repository

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    return paperless.create(tmp_path / "project")


@needs("tar", "xz")
def test_the_release_workflow_packs_a_stamped_tree(project: Repository) -> None:
    steps = workflows.steps(project.root / RELEASE, "build-release")
    assert [step.name for step in steps] == [
        "Assemble release package",
        "Stamp release package",
        "Create release archive",
        "Verify release archive",
        "Upload release artifact",
    ]

    for step in steps[:-1]:
        run_step(step, project.root, {}, GITHUB_REF_NAME=BETA)

    printed = commands.build_stamp(
        "verify", project.root / "dist" / "paperless-ngx.tar.xz"
    )
    commit = project.git("rev-parse", "HEAD")[:9]
    assert f"commit {commit}, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  beta" in printed
    assert project.git("status", "--porcelain") == ""


def test_the_release_workflow_fails_for_a_forgotten_bump(
    project: Repository,
) -> None:
    project.git("tag", "--delete", BETA)
    project.tag("v2.16.0-beta.rc1")
    assemble, stamp, *_ = workflows.steps(project.root / RELEASE, "build-release")
    run_step(assemble, project.root, {})

    with pytest.raises(AssertionError, match=r"2\.16\.0-beta\.rc1.*2\.15\.0"):
        run_step(stamp, project.root, {})


@pytest.mark.parametrize(
    ("built_from", "channel"),
    [
        (TAG_REF, "beta"),
        ("refs/heads/beta", "beta"),
        ("refs/heads/dev", "dev"),
    ],
)
def test_the_image_workflow_passes_commit_version_and_channel(
    project: Repository, built_from: str, channel: str
) -> None:
    if built_from != TAG_REF:
        project.git("tag", "--delete", BETA)

    arguments = build_arguments(project, built_from)

    assert arguments["PNGX_TAG_VERSION"] == "2.15.0-beta.rc1"
    assert arguments["PAPERLESS_NGX_CHANNEL"] == channel
    assert arguments["PAPERLESS_NGX_SOURCE_COMMIT"] == project.git("rev-parse", "HEAD")


def test_an_image_without_arguments_is_a_dev_build(
    project: Repository, tmp_path: Path
) -> None:
    image = tmp_path / "src"
    shutil.copytree(project.root / "src", image)

    commands.build_stamp("write", image / "paperless", "--env-prefix", "PAPERLESS_NGX")

    assert not (image / "paperless" / "build_info.py").exists()
    assert '__channel__ = "dev"' in (image / "paperless" / "version.py").read_text()


@needs("tar", "xz")
def test_the_commands_of_the_page_stamp_and_verify_a_tarball(tmp_path: Path) -> None:
    root = hosts.create_beta(tmp_path / "tree", hosts.PAPERLESS).root
    # The release workflow of paperless-ngx makes this copy.
    shutil.copytree(root / "src", root / "dist" / "paperless-ngx" / "src")

    with pages.follow("docs/adopt/paperless-ngx.md") as page:
        printed = page.run(
            root,
            "build-stamp write dist/paperless-ngx/src/paperless --from src/paperless --strict",
            "tar -C dist -cJf dist/paperless-ngx.tar.xz paperless-ngx",
            "build-stamp verify dist/paperless-ngx.tar.xz --tag v2.15.0-beta.rc1 --strict",
        )

    assert "ok    channel  beta" in printed
    assert "ok    commit" in printed
