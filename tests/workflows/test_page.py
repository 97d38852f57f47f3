"""The workflow on docs/how-to/github-actions.md, run by act in a project that `hatch new` makes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workflows.forge import Forge, MakeForge, Run

# For every change, test_own.py runs build.yml and a release from its tag to its files.
pytestmark = [pytest.mark.slow, pytest.mark.nightly]

BETA, FINAL = "v0.0.1rc1", "v0.0.1"
FILES = ["shelf-0.0.1-py3-none-any.whl", "shelf-0.0.1.tar.gz"]


@dataclass(frozen=True)
class Released:
    """A project that released a candidate, and then its final, at one commit.

    Attributes:
        forge: The project.
        beta: The run of the candidate.
        final: The run of the final.
        index_after_beta: The files on the index before the final.
    """

    forge: Forge
    beta: Run
    final: Run
    index_after_beta: list[str]


@pytest.fixture(scope="module")
def released(make_shelf: MakeForge) -> Released:
    forge = make_shelf()
    beta = forge.push_tag(BETA)
    between = forge.index()
    return Released(forge, beta, forge.push_tag(FINAL), between)


def test_a_candidate_publishes_nothing_to_the_index(released: Released) -> None:
    # act names no job that it skips.
    jobs = {"build": "success", "release": "success"}
    assert released.beta.jobs == jobs, released.beta.log
    assert released.index_after_beta == []


def test_the_summary_says_why_a_candidate_is_not_published(released: Released) -> None:
    assert released.beta.summary.startswith(
        "### Nothing is published to the package index"
    )
    assert (
        f"{FILES[0]} has version 0.0.1, but tag {BETA} is 0.0.1rc1"
        in released.beta.summary
    )
    assert released.final.summary == ""


def test_a_final_release_is_published_under_the_names_of_its_candidate(
    released: Released,
) -> None:
    jobs = {"build": "success", "publish": "success", "release": "success"}
    assert released.final.jobs == jobs, released.final.log
    assert released.forge.index() == FILES


def test_each_release_has_the_files_and_only_the_candidate_is_a_prerelease(
    released: Released,
) -> None:
    releases = released.forge.releases()

    assert {tag: sorted(it["files"]) for tag, it in releases.items()} == {
        BETA: FILES,
        FINAL: FILES,
    }
    assert "--prerelease=true" in releases[BETA]["options"]
    assert "--prerelease=false" in releases[FINAL]["options"]


def test_the_files_that_are_published_are_those_that_were_attested(
    released: Released,
) -> None:
    final = [it for it in released.forge.notes("attested") if it["run"] == "2"]

    hashes = released.forge.hashes("index")
    assert {it["name"]: it["sha256"] for it in final} == hashes != {}


def test_only_the_last_job_gets_a_token(released: Released) -> None:
    calls = released.forge.notes("calls")

    assert {it["job"] for it in calls if it.get("secrets")} == {"release"}


def test_a_second_run_of_the_same_tag_changes_nothing(released: Released) -> None:
    before = released.forge.hashes("index")

    run = released.forge.run("release.yml", *released.forge.tag_event(FINAL))

    assert set(run.jobs.values()) == {"success"}, run.log
    assert released.forge.hashes("index") == before


def test_a_candidate_after_its_final_leaves_the_final_alone(released: Released) -> None:
    before = released.forge.hashes("index")

    run = released.forge.push_tag("v0.0.1rc2")

    assert run.jobs == {"build": "success", "release": "success"}, run.log
    assert released.forge.hashes("index") == before
    options = released.forge.releases()["v0.0.1rc2"]["options"]
    assert "--prerelease=true" in options


def test_a_candidate_and_its_final_can_be_pushed_at_once(make_shelf: MakeForge) -> None:
    forge = make_shelf()
    forge.clone.tag(BETA, FINAL, annotated=True)
    forge.clone.git("push", "--quiet", "origin", "--tags")
    runs: dict[str, Run] = {}

    def run(tag: str) -> None:
        runs[tag] = forge.run("release.yml", *forge.tag_event(tag))

    threads = [threading.Thread(target=run, args=(tag,)) for tag in (BETA, FINAL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "publish" not in runs[BETA].jobs, runs[BETA].log
    assert runs[FINAL].jobs["publish"] == "success", runs[FINAL].log
    assert forge.index() == FILES
    assert forge.channels_on_index() == {"stable"}


def test_an_upload_that_fails_in_the_middle_is_finished_by_the_next_run(
    make_shelf: MakeForge,
) -> None:
    forge = make_shelf()
    forge.leave("fail-index")
    first = forge.push_tag(FINAL)
    between = forge.index()

    second = forge.run("release.yml", *forge.tag_event(FINAL))

    assert first.jobs["publish"] == "failure", first.log
    assert "release" not in forge_successes(first)
    assert len(between) == 1
    assert set(second.jobs.values()) == {"success"}, second.log
    assert forge.index() == FILES
    assert [*forge.releases()] == [FINAL]


def forge_successes(run: Run) -> set[str]:
    return {job for job, result in run.jobs.items() if result == "success"}


def raise_tag(forge: Forge) -> Run:
    """Push a tag that disagrees with the version."""
    return forge.push_tag("v0.2.0")


def change_tree(forge: Forge) -> Run:
    """Push a tag whose checkout is changed before the build."""
    forge.leave("change-after-checkout")
    return forge.push_tag(FINAL)


def tag_elsewhere(forge: Forge) -> Run:
    """Push a tag of a commit that was never merged."""
    forge.clone.git("switch", "--quiet", "--create", "aside")
    forge.clone.commit("Not reviewed yet")
    return forge.push_tag(FINAL)


def move_tag(forge: Forge) -> Run:
    """Move a tag."""
    forge.clone.tag(FINAL)
    forge.clone.git("push", "--quiet", "origin", "--tags")
    return forge.run("release.yml", *forge.tag_event(FINAL, created=False))


def push_nonsense(forge: Forge) -> Run:
    """Push a tag that is meant as a release, and is none."""
    return forge.push_tag("v0.0.1-banana")


def push_shell_characters(forge: Forge) -> Run:
    """Push a tag that a careless script would run."""
    return forge.push_tag("v0.0.1\"$(touch${IFS}$FORGE/pwned)`id`;&|'")


@pytest.mark.parametrize(
    ("push", "reason"),
    [
        (raise_tag, "Tag v0.2.0 means version 0.2.0, but"),
        (change_tree, "Commit or remove"),
        (tag_elsewhere, "is at a commit that is not on main."),
        (move_tag, "was moved: cut the next one instead."),
        (push_nonsense, "v0.0.1-banana"),
        (push_shell_characters, "pwned"),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_a_release_that_must_not_be_stops_before_anything_is_public(
    make_shelf: MakeForge, push: Callable[[Forge], Run], reason: str
) -> None:
    forge = make_shelf()

    run = push(forge)

    assert run.jobs["build"] == "failure", run.log
    assert not forge_successes(run)
    assert reason in run.log
    assert (forge.index(), forge.releases()) == ([], {})
    assert not (Path(forge.state) / "pwned").exists()
