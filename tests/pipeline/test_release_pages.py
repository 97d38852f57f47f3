"""docs/releasing.md and docs/images.md: every command and every table, tried or held."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline import flow, shapes
from tests.pipeline.test_users import STABLE, paperless_today
from tests.support import readme, workflows
from tests.support.repository import hermetic

RELEASING = flow.ROOT / "docs" / "releasing.md"
IMAGES = flow.ROOT / "docs" / "images.md"
RUN = "run below"
NEEDS_ENGINE = "needs a Docker engine; test_images runs what is inside"
RUNS_NOX = "runs nox itself; tests/release/test_command.py runs what it runs"
COMMANDS = {
    RELEASING: {
        "build-stamp write dist/paperless-ngx/src/paperless --from src/paperless --strict": RUN,
        "tar -C dist -cJf dist/paperless-ngx.tar.xz paperless-ngx": RUN,
        "build-stamp verify dist/paperless-ngx.tar.xz --tag v2.15.0-beta.rc1 --strict": RUN,
        "export PAPERLESS_DEMO_SOURCE_COMMIT=bd86dca57": RUN,
        "export PAPERLESS_DEMO_TAG=v2.15.0": RUN,
        "export SOURCE_DATE_EPOCH=1779105600": RUN,
        "python -m build --wheel": RUN,
        ".venv/bin/nox -s release -- beta --version 0.1.0 --dry-run": RUNS_NOX,
        ".venv/bin/nox -s release -- beta --version 0.1.0": RUNS_NOX,
        "gh attestation verify paperless_report-0.1.0-py3-none-any.whl --repo OWNER/REPOSITORY": "asks GitHub",
    },
    IMAGES: {
        "python -m build --wheel": "run for the other page",
        "docker build --file demo/Dockerfile --build-arg PAPERLESS_DEMO_STRICT=0 $(build-stamp show demo --format docker) --tag demo .": NEEDS_ENGINE,
        "docker run --rm demo": NEEDS_ENGINE,
    },
}
PAGES = [pytest.param(page, id=page.name) for page in COMMANDS]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_known_here(page: Path) -> None:
    assert set(readme.commands(page)) == set(COMMANDS[page])


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def typed(folder: Path, *commands: str) -> str:
    """Type *commands* of the page into one shell in *folder*; give what it printed."""
    assert set(commands) <= set(readme.commands(RELEASING))
    # With what this session has installed and pinned.
    script = "\n".join(
        f"{it} --no-isolation" if it.startswith("python -m build") else it
        for it in commands
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ("sh", "-ec", script),
        cwd=folder,
        env={**hermetic(os.environ), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("xz"), reason="tar finds no xz here")
def test_the_tarball_of_paperless_ngx_is_stamped_and_verified(tmp_path: Path) -> None:
    root = paperless_today(tmp_path).root
    # As its workflow copies it.
    shutil.copytree(root / "src", root / "dist" / "paperless-ngx" / "src")

    printed = typed(root, *list(COMMANDS[RELEASING])[:3])

    assert "ok    channel  beta" in printed
    assert "ok    commit" in printed


@pytest.mark.slow
def test_a_packager_states_what_an_archive_does_not_know(tmp_path: Path) -> None:
    repository = flow.host_repository(tmp_path / "host")
    repository.commit()
    source = shapes.archive(repository, tmp_path)

    typed(source, *list(COMMANDS[RELEASING])[3:7])

    (wheel,) = (source / "dist").iterdir()
    printed = shapes.stamp("verify", wheel)
    assert "ok    stamp    commit bd86dca57, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  stable" in printed
    assert STABLE in "\n".join(COMMANDS[RELEASING])


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def table(page: Path, heading: str) -> list[str]:
    """The first column of the table under *heading*, without its backticks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    start = next(i for i, it in enumerate(lines) if it.startswith(f"| {heading}")) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append(line.split("|")[1].strip().strip("`"))
    return rows


def test_the_actions_inputs_and_outputs_are_all_told() -> None:
    action = workflows.load(workflows.ACTION)

    assert table(IMAGES, "input") == list(action["inputs"])
    assert table(IMAGES, "output") == list(action["outputs"])


def test_the_example_uses_what_the_action_has() -> None:
    (block,) = blocks(IMAGES, "yaml")
    steps: list[dict[str, dict[str, str]]] = YAML(typ="safe", pure=True).load(block)
    action = workflows.load(workflows.ACTION)
    (own,) = (it for it in steps if str(it["uses"]).startswith("OWNER/"))

    assert set(own["with"]) <= set(action["inputs"])
    asked = set(re.findall(r"steps\.stamp\.outputs\.([\w-]+)", block))
    assert asked
    assert asked <= set(action["outputs"])


def test_the_jobs_are_those_of_the_workflow() -> None:
    release = workflows.ROOT / ".github" / "workflows" / "release.yml"

    assert table(RELEASING, "job of") == list(workflows.load(release)["jobs"])


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
