"""docs/releasing.md and docs/images.md, followed; and their tables, held."""

import json
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from build_hooks import cli
from tests.pipeline import flow
from tests.support import pages, workflows
from tests.support.repository import Repository

RELEASING = flow.ROOT / "docs" / "releasing.md"


def test_the_stamp_is_the_real_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    repository = flow.tagged_repository(tmp_path / "repository")
    cli.main(["show", str(repository.root), "--format", "json"])
    printed = capsys.readouterr().out
    commit = repository.git("rev-parse", "HEAD")[:9]
    text = (flow.ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")

    assert json.loads(printed)["build_date"] == "2026-05-18T12:00:00Z"
    assert printed.replace(commit, "bd86dca57") in text


@pytest.mark.slow
def test_the_page_of_releases_is_followed(tmp_path: Path) -> None:
    """From an untagged commit to a verified beta."""
    repository = flow.tagged_repository(tmp_path / "repository")
    repository.git("tag", "--delete", flow.TAG)
    remote = Repository.bare(tmp_path / "remote")
    repository.git("remote", "add", "origin", str(remote.root))
    repository.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    with pages.follow("docs/releasing.md") as page:

        def run(command: str, answer: str = "") -> str:
            return page.run(repository.root, command, answer=answer)

        run("build-stamp show --format json")
        page.check_off(
            "pip install 'paperless-report[release]'"
        )  # its parts are installed
        assert f"Tag {flow.TAG} (annotated)" in run("build-stamp cut beta --dry-run")
        assert f"Tagged {flow.TAG}." in run("build-stamp cut beta --push", answer="y\n")
        assert remote.git("tag") == flow.TAG
        run("python -m build")
        printed = run(f"build-stamp verify dist/* --tag {flow.TAG} --strict --rebuild")
    assert printed.count("ok    rebuild") == 2


@pytest.mark.slow
def test_the_page_of_images_is_followed(tmp_path: Path) -> None:
    repository = flow.tagged_repository(tmp_path / "repository")
    commit = repository.git("rev-parse", "HEAD")
    with pages.follow("docs/images.md") as page:
        arguments = page.run(
            repository.root, "build-stamp show src/paperless --format docker"
        )
        copy = repository.root / "dist" / "paperless-ngx" / "src"
        shutil.copytree(repository.root / "src", copy)
        page.run(
            repository.root,
            "build-stamp write dist/paperless-ngx/src/paperless --from src/paperless",
        )

    assert f"--build-arg PAPERLESS_DEMO_SOURCE_COMMIT={commit}\n" in arguments
    assert "--build-arg PAPERLESS_DEMO_CHANNEL=beta\n" in arguments
    assert f'"{commit[:9]}"' in (copy / "paperless" / "build_info.py").read_text()


def test_the_actions_inputs_and_outputs_are_all_told() -> None:
    action = workflows.load(workflows.ACTION)

    assert pages.column("docs/images.md", "input") == list(action["inputs"])
    assert pages.column("docs/images.md", "output") == list(action["outputs"])


def test_the_example_uses_what_the_action_has() -> None:
    (block,) = (it.text for it in pages.blocks("docs/images.md", "yaml"))
    steps: list[dict[str, dict[str, str]]] = YAML(typ="safe", pure=True).load(block)
    action = workflows.load(workflows.ACTION)
    (own,) = (it for it in steps if str(it["uses"]).startswith("OWNER/"))

    assert set(own["with"]) <= set(action["inputs"])
    asked = set(re.findall(r"steps\.stamp\.outputs\.([\w-]+)", block))
    assert asked
    assert asked <= set(action["outputs"])


def test_in_the_example_a_build_is_as_strict_as_its_stamp() -> None:
    """The image refuses a dev build by itself; the example makes one of any push."""
    (block,) = pages.blocks("docs/images.md", "yaml")
    (asked,) = re.findall(r" strict: (.+)", block.text)

    assert f"PAPERLESS_NGX_STRICT={asked}\n" in block.text


def test_what_is_to_be_put_in_place_is_all_that_is_this_projects_own() -> None:
    text = (workflows.ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    named = pages.column("docs/releasing.md", "text in")

    assert [it for it in named if it not in text] == []
    kept, _, _ = text.partition(named.pop())
    for it in named:
        kept = kept.replace(it, "")
    own = r"(?i).*(?:paperless|setuptools_scm|\./|\$/|python -m release|constraints).*"
    assert re.findall(own, re.sub("#.*", "", kept)) == []


def test_the_jobs_are_those_of_the_workflow() -> None:
    release = workflows.ROOT / ".github" / "workflows" / "release.yml"

    assert pages.column("docs/releasing.md", "job of") == list(
        workflows.load(release)["jobs"]
    )


def test_the_environments_are_those_of_the_workflows() -> None:
    text = RELEASING.read_text(encoding="utf-8")
    named = {
        job["environment"]
        for path in workflows.WORKFLOWS
        for job in workflows.load(path)["jobs"].values()
        if isinstance(job.get("environment"), str)
    }

    assert named == {"package-index", "image-registry"}
    for name in (*named, "production", "preview"):
        assert f"`{name}`" in text
    for path in workflows.WORKFLOWS:
        for name in re.findall(r"(?:secrets|vars)\.(\w+)", path.read_text("utf-8")):
            assert f"`{name}`" in text
