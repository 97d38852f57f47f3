"""The pages on releases and images: their commands work, and their tables are complete."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.pipeline import commands, hosts
from tests.pipeline.hosts import BETA
from tests.support import pages, workflows

DOCS = commands.ROOT / "docs"
SHOWN_COMMIT = "bd86dca57"


@pytest.mark.slow
def test_the_commands_for_releasing_cut_and_verify_a_beta(tmp_path: Path) -> None:
    repository = hosts.create(tmp_path / "repository")
    repository.commit("Release candidate 1 of 2.15.0")
    remote = repository.with_remote(tmp_path / "remote")
    with pages.follow("docs/how-to/github-actions.md") as page:

        def run(command: str, answer: str = "") -> str:
            return page.run(repository.root, command, answer=answer)

        assert '"channel": "dev"' in run("build-stamp show --format json")
        # This session has the package already.
        page.check_off("pip install 'paperless-report[release]'")
        assert f"Tag {BETA} (annotated)" in run("build-stamp cut beta --dry-run")
        assert f"Tagged {BETA}." in run("build-stamp cut beta --push", answer="y\n")
        assert remote.git("tag") == BETA
        stamp = run("build-stamp show --format json")
        run("python -m build")
        printed = run(f"build-stamp verify dist/* --tag {BETA} --strict --rebuild")
    assert printed.count("ok    rebuild") == 2
    assert json.loads(stamp)["build_date"] == "2026-05-18T12:00:00Z"
    commit = repository.git("rev-parse", "HEAD")[:9]
    assert stamp.replace(commit, SHOWN_COMMIT) in (
        DOCS / "how-to/github-actions.md"
    ).read_text("utf-8")


def example_of_the_action() -> str:
    (text,) = (
        block.text
        for block in pages.blocks("docs/how-to/images.md", "yaml")
        if "uses:" in block.text
    )
    return text


def test_the_page_lists_every_input_and_output_of_the_action() -> None:
    action = workflows.load(workflows.ACTION)

    assert pages.column("docs/how-to/images.md", "input") == list(action["inputs"])
    assert pages.column("docs/how-to/images.md", "output") == list(action["outputs"])


def test_the_example_uses_only_inputs_and_outputs_of_the_action() -> None:
    text = example_of_the_action()
    steps: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(text)
    action = workflows.load(workflows.ACTION)
    (step,) = (step for step in steps if step["uses"].startswith("OWNER/"))

    assert set(step["with"]) <= set(action["inputs"])
    used = set(re.findall(r"steps\.stamp\.outputs\.([\w-]+)", text))
    assert used
    assert used <= set(action["outputs"])


def test_the_image_of_the_example_is_as_strict_as_its_stamp() -> None:
    """The image refuses a dev build by default; the example builds any push."""
    text = example_of_the_action()
    (strict,) = re.findall(r" strict: (.+)", text)

    assert f"PAPERLESS_NGX_STRICT={strict}\n" in text


def test_the_page_lists_every_input_and_output_of_the_reusable_workflow() -> None:
    declared = workflows.load(workflows.BUILD)["on"]["workflow_call"]

    assert pages.column("docs/how-to/github-actions.md", "input of") == list(
        declared["inputs"]
    )
    assert pages.column("docs/how-to/github-actions.md", "output of") == list(
        declared["outputs"]
    )


def test_the_workflow_on_the_page_pins_the_actions_of_release_yml() -> None:
    (block,) = pages.blocks("docs/how-to/github-actions.md", "yaml")
    pinned = re.findall(r"uses: (\S+@[0-9a-f]{40} # \S+)", block.text)

    assert len(pinned) == 4
    assert [it for it in pinned if it not in workflows.RELEASE.read_text("utf-8")] == []


def test_the_page_lists_every_job_of_release_yml() -> None:
    jobs = list(workflows.load(workflows.RELEASE)["jobs"])

    assert pages.column("docs/project/releasing.md", "job of") == jobs


def test_the_page_names_every_environment_secret_and_variable() -> None:
    environments = {
        job["environment"]
        for path in workflows.WORKFLOWS
        for job in workflows.load(path)["jobs"].values()
        if isinstance(job.get("environment"), str)
    }

    used = {
        name
        for path in workflows.WORKFLOWS
        for name in re.findall(r"(?:secrets|vars)\.(\w+)", path.read_text("utf-8"))
    }

    page = (DOCS / "project" / "releasing.md").read_text("utf-8")
    assert environments == {"package-index", "image-registry", "github-pages"}
    for name in (*environments, "production", "preview", *used):
        assert f"`{name}`" in page
