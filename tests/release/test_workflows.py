"""What holds for every workflow, and for the action."""

import re
import tomllib
from pathlib import Path
from typing import cast

import pytest

from tests.support import workflows
from tests.support.workflows import WORKFLOWS, Step

RELEASE = workflows.ROOT / ".github" / "workflows" / "release.yml"
WORKER = RELEASE.with_name("worker.yml")
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
        before = job["steps"][used.index("actions/checkout")]
        assert used.index("actions/checkout") < used.index("./")
        # With its tags, and main to hold them against.
        assert cast("dict[str, object]", before["with"])["fetch-depth"] == 0


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
    jobs = workflows.load(RELEASE)["jobs"]

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
    # The index refuses other bytes under a version that it has.
    for name in ("announce", "image"):
        assert "publish" in waits_for(name), name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda it: it.name)
def test_an_output_that_is_asked_for_is_one_that_is_made(path: Path) -> None:
    """GitHub puts nothing, without a word, in place of one that is not."""
    jobs = workflows.load(path)["jobs"]
    own = set(workflows.load(workflows.ACTION)["outputs"])
    for name, job in jobs.items():
        text = str(job)
        for step, output in re.findall(r"steps\.(\w+)\.outputs\.([\w-]+)", text):
            (used,) = (it["uses"] for it in job["steps"] if it.get("id") == step)
            assert used != "./" or output in own, f"{name}: {step}.{output}"
        for needed, output in re.findall(r"needs\.(\w+)\.outputs\.([\w-]+)", text):
            assert needed in job["needs"], f"{name}: {needed}"
            assert output in jobs[needed]["outputs"], f"{name}: {needed}.{output}"


@pytest.mark.parametrize("path", [RELEASE, WORKER], ids=lambda it: it.name)
def test_a_release_tag_alone_starts_what_publishes_and_it_runs_to_its_end(
    path: Path,
) -> None:
    found = workflows.load(path)

    assert found["on"] == {"push": {"tags": ["v*"]}}
    # Strict, as the action is by default.
    assert [
        it.inputs for where, it in STEPS if path.name in where and it.uses == "./"
    ] == [{}]
    assert found["concurrency"]["cancel-in-progress"] is False


def test_the_same_files_are_checked_attested_and_published() -> None:
    jobs = workflows.load(RELEASE)["jobs"]
    for name in ("attest", "publish", "image"):
        taken = [
            it.inputs
            for it in workflows.steps(RELEASE, name)
            if it.uses.startswith("actions/download-artifact@")
        ]
        assert taken == [{"name": "dist", "path": "dist"}], name
    (attested,) = (it["with"] for it in jobs["attest"]["steps"] if "attest@" in str(it))
    checked = workflows.step(RELEASE, "build", "Hold it against the rules of the index")

    assert attested == {"subject-path": "dist/*"}
    assert checked.script.splitlines() == [
        "twine check --strict dist/*",
        "check-wheel-contents dist/*.whl",
    ]


def test_the_image_says_on_every_architecture_what_the_build_says() -> None:
    names = workflows.step(RELEASE, "image", "Name it by the tag").inputs
    pushed = workflows.step(RELEASE, "image", "Build and push").inputs
    stated = dict(line.split("=", 1) for line in str(pushed["build-args"]).splitlines())

    assert names["labels"] == "${{ needs.build.outputs.labels }}"
    assert pushed["labels"] == "${{ steps.names.outputs.labels }}"
    assert pushed["platforms"] == "linux/amd64,linux/arm64"
    assert stated == {
        "PAPERLESS_DEMO_SOURCE_COMMIT": "${{ github.sha }}",
        "PAPERLESS_DEMO_BUILD_DATE": "${{ needs.build.outputs.date }}",
        "PAPERLESS_DEMO_CHANNEL": "${{ needs.build.outputs.channel }}",
    }


def of_channel(expression: str, channel: str) -> object:
    """What the expressions in *expression* come to on *channel*."""
    for there, here in (
        ("needs.which.outputs.channel", repr(channel)),
        ("&&", "and"),
        ("||", "or"),
    ):
        expression = expression.replace(there, here)
    return re.sub(
        r"\$\{\{(.+?)\}\}",
        lambda found: str(eval(found[1].strip(), {})),  # noqa: S307  # our own file
        expression,
    )


@pytest.mark.parametrize(
    ("channel", "environment", "option"),
    [("stable", "production", ""), ("beta", "preview", "preview")],
)
def test_only_a_stable_release_reaches_production(
    channel: str, environment: str, option: str
) -> None:
    deploy = workflows.load(WORKER)["jobs"]["deploy"]

    assert of_channel(deploy["environment"]["name"], channel) == environment
    assert of_channel(deploy["env"]["ENVIRONMENT"], channel) == option
    assert of_channel(deploy["concurrency"]["group"], channel) == (
        f"worker-deploy-{environment}"
    )


def test_every_python_that_the_metadata_names_is_tested() -> None:
    ci = workflows.load(RELEASE.with_name("ci.yml"))["jobs"]["test"]
    project = tomllib.loads((workflows.ROOT / "pyproject.toml").read_text("utf-8"))
    named = [
        it.rpartition(" ")[2]
        for it in project["project"]["classifiers"]
        if re.search(r"Python :: 3\.\d+$", it)
    ]

    assert ci["strategy"]["matrix"]["python"] == named
