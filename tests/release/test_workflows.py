"""Rules for every workflow and action, and for the order in which a release publishes."""

import re
from pathlib import Path

import pytest

from tests.support import workflows
from tests.support.workflows import (
    BUILD,
    RELEASE,
    WORKER,
    WORKFLOWS,
    Step,
)

STEPS = list(workflows.all_steps())
SCRIPTS = [it for it in STEPS if it[1].script]
ACTIONS = [it for it in STEPS if it[1].uses]
JOBS = [
    pytest.param(job, id=f"{path.name}: {name}")
    for path in WORKFLOWS
    for name, job in workflows.load(path)["jobs"].items()
]
# This repository's own actions. A runner does not accept "$/" without a path.
OWN_ACTION, CHECK_TAG = "./", "$/.github/actions/check-tag"
INSTALL = "$/.github/actions/install"
# The only write permissions. The index and attestations need a token that names the
# workflow.
MAY_WRITE = {
    "docs.yml": {"deploy": {"pages", "id-token"}},
    "release.yml": {
        "attest": {"id-token", "attestations"},
        "publish": {"id-token"},
        "announce": {"contents"},
        "image": {"packages", "id-token", "attestations"},
    },
}


def named(steps: list[tuple[str, Step]]) -> list[object]:
    return [
        pytest.param(step, id=f"{where}: {step.name or step.uses}")
        for where, step in steps
    ]


each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda it: it.name)


@pytest.mark.parametrize("step", named(SCRIPTS))
def test_a_script_has_no_expressions(step: Step) -> None:
    """GitHub would paste the value into the script before the shell parses it."""
    assert "${{" not in step.script


@pytest.mark.parametrize("step", named(ACTIONS))
def test_an_action_is_pinned_by_its_full_commit(step: Step) -> None:
    own = step.uses in {OWN_ACTION, CHECK_TAG, INSTALL}

    assert own or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", step.uses)


@pytest.mark.parametrize("job", JOBS)
def test_an_own_action_runs_after_a_checkout_of_the_whole_history(
    job: dict[str, list[dict[str, dict[str, object]]]],
) -> None:
    used = [str(it.get("uses", "")).partition("@")[0] for it in job.get("steps", [])]

    if {OWN_ACTION, CHECK_TAG} & {*used}:
        checkout = used.index("actions/checkout")
        assert not {OWN_ACTION, CHECK_TAG} & {*used[:checkout]}
        # Tags decide the channel, and main is compared with the tag.
        assert job["steps"][checkout]["with"]["fetch-depth"] == 0


def test_an_action_has_the_same_commit_everywhere() -> None:
    pinned = {it.uses for _, it in STEPS if "@" in it.uses}

    assert len({it.partition("@")[0] for it in pinned}) == len(pinned)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_a_timeout_and_its_own_permissions(job: dict[str, object]) -> None:
    assert "permissions" in job
    assert "timeout-minutes" in job or "uses" in job


@each_workflow
def test_only_the_listed_jobs_may_write(path: Path) -> None:
    workflow = workflows.load(path)
    writes = {
        name: {key for key, value in job["permissions"].items() if value == "write"}
        for name, job in workflow["jobs"].items()
    }

    assert workflow["permissions"] == {}
    # The caller of a workflow sets its concurrency.
    assert "concurrency" in workflow or [*workflow["on"]] == ["workflow_call"]
    assert {name: it for name, it in writes.items() if it} == MAY_WRITE.get(
        path.name, {}
    )


@each_workflow
def test_a_script_stops_at_the_first_command_that_fails(path: Path) -> None:
    """GitHub sets pipefail only for a shell that the file names."""
    workflow = workflows.load(path)
    jobs = [job["defaults"] for job in workflow["jobs"].values() if "defaults" in job]

    assert {it["run"].get("shell") for it in (workflow["defaults"], *jobs)} == {"bash"}


def test_a_checkout_keeps_no_credentials() -> None:
    for where, step in STEPS:
        if step.uses.startswith("actions/checkout@"):
            assert step.inputs["persist-credentials"] is False, where


@each_workflow
def test_a_pull_request_sees_no_secrets(path: Path) -> None:
    triggers = workflows.load(path)["on"]

    assert "pull_request_target" not in triggers
    assert "pull_request" not in triggers or "secrets." not in path.read_text("utf-8")


def test_only_one_job_builds_and_every_publishing_job_waits_for_it() -> None:
    jobs = workflows.load(RELEASE)["jobs"]

    def waits_for(name: str) -> set[str]:
        needs = jobs[name].get("needs", [])
        return {*needs, *(far for near in needs for far in waits_for(near))}

    builds = [
        name for name, job in jobs.items() if "/build.yml" in str(job.get("uses"))
    ]
    scripts = " ".join(it.script for where, it in STEPS if where.startswith("release"))
    assert builds == ["build", "receiver"]
    assert not re.search(r"(-m build|pyproject-build) ", scripts)
    for name in ("publish", "announce", "image"):
        assert {"test", "build", "receiver", "engine", "attest"} <= waits_for(name), (
            name
        )
    # The index rejects other bytes under the same version.
    for name in ("announce", "image"):
        assert "publish" in waits_for(name), name
        assert jobs[name]["if"] == "${{ !failure() && !cancelled() }}"
    assert jobs["publish"]["if"] == "needs.build.outputs.publishable == 'true'"


@each_workflow
def test_every_output_that_a_job_uses_exists(path: Path) -> None:
    """GitHub silently puts an empty string in place of an unknown output."""
    jobs = workflows.load(path)["jobs"]
    declared = set(workflows.load(workflows.ACTION)["outputs"])
    for name, job in jobs.items():
        text = str(job)
        for step, output in re.findall(r"steps\.(\w+)\.outputs\.([\w-]+)", text):
            (used,) = (it.get("uses") for it in job["steps"] if it.get("id") == step)
            assert used != OWN_ACTION or output in declared, f"{name}: {step}.{output}"
        for needed, output in re.findall(r"needs\.(\w+)\.outputs\.([\w-]+)", text):
            assert needed in job["needs"], f"{name}: {needed}"
            called = jobs[needed].get("uses", "").partition("workflows/")[2]
            outputs = (
                workflows.load(path.with_name(called))["on"]["workflow_call"]["outputs"]
                if called
                else jobs[needed]["outputs"]
            )
            assert output in outputs, f"{name}: {needed}.{output}"


@pytest.mark.parametrize("path", [RELEASE, WORKER], ids=lambda it: it.name)
def test_only_a_release_tag_publishes_and_nothing_cancels_it(path: Path) -> None:
    workflow = workflows.load(path)

    assert workflow["on"] == {"push": {"tags": ["v*"]}}
    assert workflow["concurrency"]["cancel-in-progress"] is False


def test_the_tag_is_checked_before_anything_else_runs() -> None:
    own = [
        it for it in workflows.steps(WORKER, "channel") if it.uses[:2] in {"./", "$/"}
    ]
    build = [it.uses.partition("@")[0] for it in workflows.steps(BUILD, "build")]

    assert [it.uses for it in own] == [CHECK_TAG, OWN_ACTION]
    # Strict is the action's default.
    assert own[1].inputs == {}
    assert build[:2] == ["actions/checkout", CHECK_TAG]


def test_an_input_of_the_reusable_workflow_reaches_scripts_as_a_variable_only() -> None:
    for step in workflows.steps(BUILD, "build"):
        assert "inputs." not in step.script
    (job,) = workflows.load(BUILD)["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert "secrets" not in str(job)


def test_the_same_files_are_checked_attested_and_published() -> None:
    jobs = workflows.load(RELEASE)["jobs"]
    artifacts = {
        "check": ["dist", "receiver"],
        "attest": ["dist", "receiver", "engine"],
        "publish": ["dist", "receiver"],
        "image": ["dist"],
    }
    for name, downloaded in artifacts.items():
        downloads = [
            it.inputs
            for it in workflows.steps(RELEASE, name)
            if it.uses.startswith("actions/download-artifact@")
        ]
        assert downloads == [{"name": it, "path": it} for it in downloaded], name
    (attested,) = (it["with"] for it in jobs["attest"]["steps"] if "attest@" in str(it))
    checked = workflows.find_step(
        RELEASE, "check", "Check the rules of the package index"
    )

    assert str(attested["subject-path"]).split() == [
        *("dist/*", "receiver/*", "engine/*")
    ]
    announced = workflows.find_step(RELEASE, "announce", "Create the release")
    assert announced.script.endswith("dist/* receiver/* engine/*\n")
    assert checked.script.splitlines() == [
        "twine check --strict dist/* receiver/*",
        "check-wheel-contents dist/*.whl",
        "check-wheel-contents --config usage_receiver/pyproject.toml receiver/*.whl",
    ]


def test_the_image_has_the_stamp_of_the_build_on_every_architecture() -> None:
    metadata = workflows.find_step(RELEASE, "image", "Choose tags and labels").inputs
    push = workflows.find_step(RELEASE, "image", "Build and push").inputs
    arguments = dict(
        line.split("=", 1) for line in str(push["build-args"]).splitlines()
    )

    assert metadata["labels"] == "${{ needs.build.outputs.labels }}"
    assert push["labels"] == "${{ steps.names.outputs.labels }}"
    assert push["platforms"] == "linux/amd64,linux/arm64"
    assert arguments == {
        "PAPERLESS_DEMO_SOURCE_COMMIT": "${{ github.sha }}",
        "PAPERLESS_DEMO_BUILD_DATE": "${{ needs.build.outputs.date }}",
        "PAPERLESS_DEMO_CHANNEL": "${{ needs.build.outputs.channel }}",
    }


def evaluate(text: str, channel: str) -> str:
    """Evaluate the expressions in *text* for a tag of *channel*."""
    for github, python in (
        ("needs.channel.outputs.channel", repr(channel)),
        ("&&", "and"),
        ("||", "or"),
    ):
        text = text.replace(github, python)
    return re.sub(
        r"\$\{\{(.+?)\}\}",
        lambda match: str(eval(match[1].strip(), {})),  # noqa: S307  # our own file
        text,
    )


@pytest.mark.parametrize(
    ("channel", "environment"), [("stable", "production"), ("beta", "preview")]
)
def test_only_a_stable_release_deploys_to_production(
    channel: str, environment: str
) -> None:
    deploy = workflows.load(WORKER)["jobs"]["deploy"]

    assert evaluate(deploy["environment"]["name"], channel) == environment
    assert evaluate(deploy["env"]["ENVIRONMENT"], channel) == environment
    assert evaluate(deploy["concurrency"]["group"], channel) == (
        f"worker-deploy-{environment}"
    )
