"""The workflows that run without a tag, run by act."""

import pytest

from tests.support import workflows
from tests.workflows.forge import SHELL_CHARACTERS, MakeForge

pytestmark = pytest.mark.slow
nightly = pytest.mark.nightly


def test_a_pull_request_from_a_fork_uses_no_secret_and_runs_no_name(
    make_own: MakeForge,
) -> None:
    forge = make_own()

    run = forge.run("ci.yml", *forge.pull_request_event(SHELL_CHARACTERS))

    assert set(run.jobs.values()) == {"success"}, run.log
    calls = forge.notes("calls")
    assert {it["job"] for it in calls} == {*workflows.load(workflows.CI)["jobs"]}
    assert not any(it.get("secrets") for it in calls)
    assert not any(
        it["inputs"].get(key)
        for it in calls
        if "inputs" in it
        for key in ("token", "password")
    )
    assert (forge.index(), forge.releases()) == ([], {})
    assert not (forge.state / "pwned").exists()


@pytest.mark.parametrize("path", workflows.WORKFLOWS, ids=lambda it: it.name)
def test_only_ci_runs_for_a_pull_request(path: object) -> None:
    """GitHub would run every other workflow with the secrets of the repository."""
    name = str(getattr(path, "name", ""))

    triggers = workflows.load(workflows.CI.with_name(name))["on"]

    assert ("pull_request" in triggers) == (name == "ci.yml")


@nightly
def test_ci_runs_every_job_on_main(make_own: MakeForge) -> None:
    forge = make_own()

    run = forge.run("ci.yml", *forge.branch_event("main"))

    assert set(run.jobs.values()) == {"success"}, run.log


@nightly
def test_the_nightly_jobs_run(make_own: MakeForge) -> None:
    forge = make_own()
    event = forge.branch_event("main")

    run = forge.run("nightly.yml", "schedule", *event[1:])

    assert {*run.jobs} == {*workflows.load(workflows.NIGHTLY)["jobs"]}
    assert set(run.jobs.values()) == {"success"}, run.log
