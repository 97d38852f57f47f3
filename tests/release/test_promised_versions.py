"""What the metadata promises is tested, on machines that have what the tests need."""

import json
import re
import sys
import tomllib
from typing import NamedTuple

import pytest

from tests.pipeline import commands
from tests.support import needs, workflows
from tests.support.workflows import CI, NIGHTLY

PROJECT = tomllib.loads((workflows.ROOT / "pyproject.toml").read_text("utf-8"))[
    "project"
]
# Sessions that test nothing.
CHORES = {
    *(
        "backup",
        "bench",
        "check",
        "count",
        "demo",
        "deploy",
        "describe",
        "links",
        "lock",
        "migrate",
        "new",
        "pack",
        "pictures",
    ),
    *("exclude", "release", "restore", "serve", "sql", "withhold", "wrangler"),
}

# Every Debian has these, and a clone needs git.
ESSENTIAL = {"bash", "coreutils", "dash", "git", "mount", "tar", "util-linux"}
LIST = """
import json, noxfile, nox.registry
print(json.dumps([[*nox.registry.get()], noxfile.VERSIONS]))
"""
# What in nightly.yml runs the tests with the marker `nightly`, by the start of their path.
NIGHTLY_TESTS = {
    "pipeline/": "FILES: test_adopt_hatch or test_adopt_python or test_images or test_readme",
    "build/": ".ci/run --session tests -- -m nightly",
    "report/": ".ci/run --session tests -- -m nightly",
    "projects/": "nox --session contract -- -m nightly",
    "server/": "nox --session contract -- -m nightly",
    "versions/": "- rootfs",
    "worker/": "nox --session contract -- -m nightly",
    "workflows/": "nox --session workflows -- -m nightly",
}


def list_promised(start: str) -> list[str]:
    return [
        it.rpartition(" :: ")[2]
        for it in PROJECT["classifiers"]
        if re.search(rf"^{start} :: \d+\.\d+$", it)
    ]


def test_ci_tests_every_python_that_the_metadata_lists() -> None:
    matrix = workflows.load(CI)["jobs"]["test"]["strategy"]["matrix"]

    assert matrix["python"] == list_promised("Programming Language :: Python")


class Noxfile(NamedTuple):
    """The sessions of noxfile.py, and its VERSIONS."""

    sessions: list[str]
    versions: dict[str, list[str]]


@pytest.fixture(scope="module")
def noxfile() -> Noxfile:
    """Read in another process, since nox handles signals."""
    return Noxfile(*json.loads(commands.run(sys.executable, "-c", LIST)))


def test_every_django_that_the_metadata_lists_has_a_session(noxfile: Noxfile) -> None:
    required = {django for _, django, _ in noxfile.versions.values()}
    *pinned, _ = list_promised("Framework :: Django")

    assert required == {f"Django=={it}.*" for it in pinned} | {"Django"}


def test_the_pages_and_the_dependency_state_the_same_versions_of_django() -> None:
    oldest, *_, newest = list_promised("Framework :: Django")
    folder = workflows.ROOT / "docs" / "how-to"
    page = (folder / "django.md").read_text("utf-8")
    release = (folder / "django-release.md").read_text("utf-8")

    assert f"Django>={oldest}" in PROJECT["optional-dependencies"]["report"]
    assert f'"Django>={oldest}"' in release
    assert (
        f"You need Django {oldest} or later (the tests run with every version up to"
        f" {newest})"
    ) in page


def test_every_session_of_tests_runs_on_github(noxfile: Noxfile) -> None:
    scripts = " ".join(
        step.script
        for path in (CI, NIGHTLY)
        for job in workflows.load(path)["jobs"]
        for step in workflows.steps(path, job)
    )
    matrix = workflows.load(NIGHTLY)["jobs"]["versions"]["strategy"]["matrix"]
    sessions = {*noxfile.sessions} - CHORES - {"versions"}
    versions = {f"versions({name})" for name in noxfile.versions}

    assert sessions - {*matrix["session"]} <= {*scripts.split()}
    assert versions <= {*matrix["session"]}
    assert {*matrix["session"]} <= versions | sessions


def test_every_file_with_nightly_tests_is_run_every_night() -> None:
    tests = workflows.ROOT / "tests"
    marked = {
        path.relative_to(tests).as_posix()
        for path in tests.rglob("test_*.py")
        if "pytest.mark.nightly" in path.read_text("utf-8")
    } - {"release/test_promised_versions.py"}
    text = NIGHTLY.read_text("utf-8")

    for name in marked:
        commands = [NIGHTLY_TESTS[it] for it in NIGHTLY_TESTS if name.startswith(it)]
        assert commands, name
        assert commands[0] in text


def test_every_test_of_receivers_runs_on_cloudflares_runtime_every_night() -> None:
    assert "nox --session contract -- --runtime cloudflare\n" in NIGHTLY.read_text(
        "utf-8"
    )


def test_the_nightly_jobs_start_by_themselves() -> None:
    """They need the package index, so that no change waits for them."""
    triggers = workflows.load(NIGHTLY)["on"]

    assert triggers.keys() == {"schedule", "workflow_dispatch"}


def test_the_links_to_other_sites_are_checked_every_week_and_nothing_waits() -> None:
    path = workflows.ROOT / ".github" / "workflows" / "links.yml"
    workflow = workflows.load(path)

    assert workflow["on"].keys() == {"schedule", "workflow_dispatch"}
    assert [it["cron"].split()[2:] for it in workflow["on"]["schedule"]] == [
        ["*", "*", "1"]
    ]
    assert "nox --session links\n" in path.read_text("utf-8")


def test_the_script_of_ci_installs_every_tool_that_a_test_skips_without() -> None:
    script = (workflows.ROOT / ".ci" / "run").read_text("utf-8")
    named = re.findall(r'(?:need \S+ |missing )"?([a-z][\w -]*)', script)
    packages = re.findall(
        r"apt-get install ([^,\n]+)", "\n".join(needs.INSTALL.values())
    )

    assert {*" ".join(named).split()} == {*" ".join(packages).split()} - ESSENTIAL
