"""This project's own releases, run by act."""

import json
from dataclasses import dataclass

import pytest

from tests.support import workflows
from tests.workflows.forge import Forge, MakeForge, Run

pytestmark = pytest.mark.slow
nightly = pytest.mark.nightly

BETA, FINAL = "v0.1.0rc1", "v0.1.0"
ENGINE = "usage-receiver.tgz"


def files(version: str) -> list[str]:
    return [
        f"{name}-{version}{suffix}"
        for name in ("paperless_report", "usage_receiver")
        for suffix in ("-py3-none-any.whl", ".tar.gz")
    ]


@dataclass(frozen=True)
class Released:
    forge: Forge
    run: Run


def add_heading(forge: Forge) -> None:
    """Give the changelog the heading that a final release needs."""
    changelog = forge.clone.root / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## Unreleased", "## 0.1.0"))
    forge.clone.commit("Release 0.1.0")
    forge.clone.git("push", "--quiet", "origin", "main")


@pytest.fixture(scope="module")
def final(make_own: MakeForge) -> Released:
    forge = make_own()
    add_heading(forge)
    # A candidate at the same commit must not be built instead.
    forge.clone.tag(BETA, annotated=True)
    forge.clone.git("push", "--quiet", "origin", "--tags")
    return Released(forge, forge.push_tag(FINAL))


def test_a_final_release_goes_from_its_tag_to_published_files(final: Released) -> None:
    jobs = workflows.load(workflows.RELEASE)["jobs"]

    # act calls both jobs that use build.yml `build`, as the job in that file.
    assert {*final.run.jobs} >= {*jobs} - {"receiver"}, final.run.log
    assert set(final.run.jobs.values()) == {"success"}, final.run.log
    assert final.forge.index() == files("0.1.0")
    assert final.forge.channels_on_index() == {"stable"}


def test_the_attested_files_are_the_published_ones(final: Released) -> None:
    attested = {it["name"]: it["sha256"] for it in final.forge.notes("attested")}

    assert attested.pop(ENGINE)
    assert attested == final.forge.hashes("index") != {}


def test_a_final_release_is_the_latest_with_its_notes(final: Released) -> None:
    (release,) = final.forge.releases().values()

    assert release["tag"] == FINAL
    assert sorted(release["files"]) == sorted([*files("0.1.0"), ENGINE])
    assert not any("prerelease" in it for it in release["options"])


def test_the_image_has_the_released_wheel_and_the_stamp_of_its_commit(
    final: Released,
) -> None:
    commit = final.forge.clone.git("rev-parse", "HEAD")
    images = {
        path.name: json.loads(path.read_text())
        for path in (final.forge.state / "registry").iterdir()
    }

    assert {*images} == {FINAL, "stable"}
    for image in images.values():
        assert image["wheels"] == files("0.1.0")[:1]
        assert f"PAPERLESS_DEMO_SOURCE_COMMIT={commit}" in image["build-args"]
        assert "PAPERLESS_DEMO_CHANNEL=stable" in image["build-args"]
        assert f"org.opencontainers.image.revision={commit}" in image["labels"]


@nightly
def test_a_candidate_is_a_prerelease_under_names_of_its_own(
    make_own: MakeForge,
) -> None:
    forge = make_own()

    run = forge.push_tag(BETA)

    assert set(run.jobs.values()) == {"success"}, run.log
    assert forge.index() == files("0.1.0rc1")
    assert forge.channels_on_index() == {"beta"}
    options = forge.releases()[BETA]["options"]
    assert {"--prerelease", "--latest=false"} <= {*options}
    assert {path.name for path in (forge.state / "registry").iterdir()} == {
        BETA,
        "beta",
    }


@nightly
def test_a_failed_test_publishes_nothing(make_own: MakeForge) -> None:
    forge = make_own()
    forge.leave("fail-nox")

    run = forge.push_tag(BETA)

    assert run.jobs["test"] == "failure", run.log
    assert not {"attest", "publish", "announce", "image"} & {*run.jobs}, run.log
    assert (forge.index(), forge.releases(), forge.hashes("registry")) == ([], {}, {})


@nightly
def test_an_image_that_fails_is_pushed_by_the_next_run(make_own: MakeForge) -> None:
    forge = make_own()
    forge.leave("fail-docker-build-push-action")

    first = forge.push_tag(BETA)
    published = forge.hashes("index")
    second = forge.run("release.yml", *forge.tag_event(BETA))

    assert first.jobs["image"] == "failure", first.log
    assert forge.hashes("index") == published != {}
    assert set(second.jobs.values()) == {"success"}, second.log
    assert {*forge.hashes("registry")} == {BETA, "beta"}
