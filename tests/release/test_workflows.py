"""What holds for every workflow, and for the action."""

import re
from pathlib import Path

import pytest

from tests.support import workflows
from tests.support.workflows import WORKFLOWS, Step

STEPS = list(workflows.all_steps())
JOBS = [
    pytest.param(job, id=f"{path.name}: {name}")
    for path in WORKFLOWS
    for name, job in workflows.load(path)["jobs"].items()
]
# What a job may ask for besides reading; the index and attestations need a token that
# says which workflow it is.
MAY_WRITE = {
    "release.yml": {
        "attest": {"id-token", "attestations"},
        "publish": {"id-token"},
        "announce": {"contents"},
        "image": {"packages", "id-token", "attestations"},
    },
}


def named(steps: list[tuple[str, Step]]) -> list[object]:
    return [
        pytest.param(it, id=f"{where}: {it.name or it.uses}") for where, it in steps
    ]


@pytest.mark.parametrize("step", named([it for it in STEPS if it[1].script]))
def test_a_script_takes_what_it_is_given_as_variables(step: Step) -> None:
    """An expression inside a script is pasted into it before the shell reads it."""
    assert "${{" not in step.script


@pytest.mark.parametrize("step", named([it for it in STEPS if it[1].uses]))
def test_an_action_is_pinned_by_its_whole_commit(step: Step) -> None:
    """But for this repository's own, which a runner finds by a path alone."""
    assert re.fullmatch(r"\./|[\w.-]+/[\w.-]+@[0-9a-f]{40}", step.uses)


@pytest.mark.parametrize("job", JOBS)
def test_the_own_action_is_checked_out_before_it_is_used(
    job: dict[str, list[dict[str, str]]],
) -> None:
    used = [it.get("uses", "").partition("@")[0] for it in job.get("steps", [])]

    if "./" in used:
        assert "actions/checkout" in used[: used.index("./")]


def test_an_action_has_one_commit_everywhere() -> None:
    used = {it.uses.split("@")[0]: set[str]() for _, it in STEPS if "@" in it.uses}
    for _, it in STEPS:
        if "@" in it.uses:
            used[it.uses.split("@")[0]].add(it.uses)

    assert [name for name, forms in used.items() if len(forms) > 1] == []


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends_by_itself_and_asks_for_its_own_permissions(
    job: dict[str, object],
) -> None:
    assert "permissions" in job
    assert "timeout-minutes" in job or "uses" in job


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda it: it.name)
def test_a_workflow_may_do_nothing_but_what_its_jobs_ask_for(path: Path) -> None:
    found = workflows.load(path)
    writes = {
        name: {key for key, value in job["permissions"].items() if value == "write"}
        for name, job in found["jobs"].items()
    }

    assert found["permissions"] == {}
    assert "concurrency" in found
    assert {name: it for name, it in writes.items() if it} == MAY_WRITE.get(
        path.name, {}
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda it: it.name)
def test_a_script_ends_with_the_first_command_that_fails(path: Path) -> None:
    """A shell that is not named has no pipefail: the tests run what is written with it."""
    found = workflows.load(path)
    own = [job["defaults"] for job in found["jobs"].values() if "defaults" in job]

    assert {it["run"].get("shell") for it in (found["defaults"], *own)} == {"bash"}


def test_a_checkout_leaves_no_credentials_behind() -> None:
    for where, step in STEPS:
        if step.uses.startswith("actions/checkout@"):
            assert step.inputs["persist-credentials"] is False, where


def test_a_pull_request_meets_no_secret() -> None:
    for path in WORKFLOWS:
        triggers = workflows.load(path)["on"]
        assert "pull_request_target" not in triggers
        if "pull_request" in triggers:
            assert "secrets." not in path.read_text(encoding="utf-8"), path


def test_only_one_job_builds_and_all_that_publish_wait_for_it() -> None:
    jobs = workflows.load(WORKFLOWS[0].with_name("release.yml"))["jobs"]

    def waits_for(name: str) -> set[str]:
        needs = jobs[name].get("needs", [])
        return {*needs, *(far for near in needs for far in waits_for(near))}

    builds = [
        name
        for name, job in jobs.items()
        if any("-m build " in it.get("run", "") for it in job.get("steps", []))
    ]
    assert builds == ["build"]
    for name in ("publish", "announce", "image"):
        assert {"test", "build", "attest"} <= waits_for(name), name
