"""docs/adopt/paperless-ngx.md: its diffs apply, and the changed files work."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts
from tests.pipeline.hosts import BETA
from tests.support import dockerfile, pages, workflows
from tests.support.needs import needs
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

PAGE = "docs/adopt/paperless-ngx.md"
TAG_REF = f"refs/tags/{BETA}"
RELEASE, IMAGE = ".github/workflows/ci-release.yml", ".github/workflows/ci-docker.yml"
# The lines that the diffs need: the licence does not let us copy the real files.
FILES = {
    **hosts.PAPERLESS,
    ".gitignore": "dist/\n",
    RELEASE: """\
jobs:
  build-release:
    steps:
      - name: Assemble release package
        run: |
          mkdir -p dist/paperless-ngx
          cp pyproject.toml dist/paperless-ngx/
          cp --recursive src/ dist/paperless-ngx/src
          find dist/paperless-ngx -name "__pycache__" -type d -exec rm -rf {} +
      - name: Create release archive
        run: |
          cd dist
          tar -cJf paperless-ngx.tar.xz paperless-ngx/
      - name: Upload release artifact
""",
    IMAGE: """\
jobs:
  build-arch:
    steps:
      - name: Checkout
        with:
          persist-credentials: false
      - name: Determine ref name
      - name: Docker metadata
        with:
          tags: |
            type=semver,pattern={{major}}.{{minor}}
      - name: Build and push by digest
        with:
          build-args: |
            PNGX_TAG_VERSION=${{ steps.docker-meta.outputs.version }}
""",
    "Dockerfile": """\
FROM python:3.12-slim-trixie AS main-app
ENV PNGX_CONTAINERIZED=1
WORKDIR /usr/src/paperless/src/
COPY --chown=1000:1000 ./src ./

VOLUME ["/usr/src/paperless/data", \\
        "/usr/src/paperless/export"]
ENTRYPOINT ["/init"]
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A host with those files and the page's diffs applied, tagged as a beta."""
    repository = hosts.create(tmp_path / "project", FILES)
    for number, diff in enumerate(pages.blocks(PAGE, "diff")):
        patch = tmp_path / f"{number}.diff"
        patch.write_text(diff.text, encoding="utf-8")
        repository.git("apply", str(patch))
    repository.commit("Release v2.15.0-beta.rc1")
    repository.tag(BETA)
    return repository


def run_step(
    step: workflows.Step, root: Path, expressions: Mapping[str, str], **environ: str
) -> dict[str, str]:
    """Run a step's script, or this project's action; return the step's outputs."""
    output = root.with_name("output")
    output.write_text("")
    if not step.uses:
        done = workflows.run_step(
            step, root, expressions, {**workflows.runner_environment(), **environ}
        )
        assert done.returncode == 0, done.stderr
        return {}
    assert step.uses == "OWNER/REPOSITORY@COMMIT"
    inputs = workflows.resolve_variables(
        {name: str(value) for name, value in step.inputs.items()}, expressions
    )
    environ |= workflows.resolve_variables(step.environ, expressions)
    done_steps, outputs = workflows.run_action(root, inputs, output, environ)
    assert done_steps[-1].returncode == 0, done_steps[-1].stderr
    return workflows.declared_outputs(outputs)


@needs("tar", "xz")
def test_the_release_workflow_packs_a_stamped_tree(project: Repository) -> None:
    steps = workflows.steps(project.root / RELEASE, "build-release")
    assert [step.name for step in steps] == [
        "Assemble release package",
        "Stamp release package",
        "Create release archive",
        "Verify release archive",
        "Upload release artifact",
    ]

    for step in steps[:-1]:
        run_step(step, project.root, {}, GITHUB_REF_NAME=BETA)

    printed = commands.build_stamp(
        "verify", project.root / "dist" / "paperless-ngx.tar.xz"
    )
    commit = project.git("rev-parse", "HEAD")[:9]
    assert f"commit {commit}, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  beta" in printed
    assert project.git("status", "--porcelain") == ""


def test_the_release_workflow_fails_for_a_forgotten_bump(
    project: Repository,
) -> None:
    project.git("tag", "--delete", BETA)
    project.tag("v2.16.0-beta.rc1")
    assemble, stamp, *_ = workflows.steps(project.root / RELEASE, "build-release")
    run_step(assemble, project.root, {})

    with pytest.raises(AssertionError, match=r"2\.16\.0-beta\.rc1.*2\.15\.0"):
        run_step(stamp, project.root, {})


def build_arguments(project: Repository, built_from: str) -> dict[str, str]:
    """Return the build arguments of the image workflow for a push to *built_from*."""
    expressions = {
        "startsWith(github.ref, 'refs/tags/v')": str(built_from == TAG_REF).lower(),
        "github.ref == 'refs/heads/beta' && 'beta' || ''": (
            "beta" if built_from == "refs/heads/beta" else ""
        ),
        "steps.docker-meta.outputs.version": "2.15.0-beta.rc1",
    }
    _, stamp, _, metadata, build = workflows.steps(project.root / IMAGE, "build-arch")
    outputs = run_step(stamp, project.root, expressions)
    expressions |= {
        f"steps.stamp.outputs.{key}": value for key, value in outputs.items()
    }
    commit = project.git("rev-parse", "HEAD")

    inputs = workflows.resolve_variables(
        {
            "labels": str(metadata.inputs["labels"]),
            "build-args": str(build.inputs["build-args"]),
        },
        expressions,
    )
    assert f"org.opencontainers.image.revision={commit}" in inputs["labels"]
    return dict(line.split("=", 1) for line in inputs["build-args"].splitlines())


@pytest.mark.parametrize(
    ("built_from", "channel"),
    [
        (TAG_REF, "beta"),
        ("refs/heads/beta", "beta"),
        ("refs/heads/dev", "dev"),
    ],
)
def test_the_image_workflow_passes_commit_version_and_channel(
    project: Repository, built_from: str, channel: str
) -> None:
    if built_from != TAG_REF:
        project.git("tag", "--delete", BETA)

    arguments = build_arguments(project, built_from)

    assert arguments["PNGX_TAG_VERSION"] == "2.15.0-beta.rc1"
    assert arguments["PAPERLESS_NGX_CHANNEL"] == channel
    assert arguments["PAPERLESS_NGX_SOURCE_COMMIT"] == project.git("rev-parse", "HEAD")


def test_an_image_with_these_arguments_shows_their_stamp(
    project: Repository,
    own_wheel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in commands.variables_for_pip(own_wheel).items():
        monkeypatch.setenv(name, value)
    arguments = build_arguments(project, TAG_REF)

    stages = dockerfile.build(
        project.root / "Dockerfile", project.root, arguments, tmp_path / "image"
    )

    image = stages["main-app"]
    assert image.environ["PAPERLESS_APPS"] == "paperless_report"
    shown = image.run(
        "PAPERLESS_DATA_DIR=. DJANGO_SETTINGS_MODULE=paperless.settings "
        "python3 -m django send_usage_report --dry-run"
    )
    assert shown.returncode == 0, shown.stderr
    commit = project.git("rev-parse", "HEAD")[:9]
    assert re.search(r"Channel +: beta\n", shown.stdout)
    assert f"{commit}  (built 2026-05-18T12:00:00Z)" in shown.stdout


def test_an_image_without_arguments_is_a_dev_build(
    project: Repository, tmp_path: Path
) -> None:
    image = tmp_path / "src"
    shutil.copytree(project.root / "src", image)

    commands.build_stamp("write", image / "paperless", "--env-prefix", "PAPERLESS_NGX")

    assert not (image / "paperless" / "build_info.py").exists()
    assert '__channel__ = "dev"' in (image / "paperless" / "version.py").read_text()


@needs("tar", "xz")
def test_the_commands_of_the_page_stamp_and_verify_a_tarball(tmp_path: Path) -> None:
    root = hosts.create_beta(tmp_path / "tree", hosts.PAPERLESS).root
    # The release workflow of paperless-ngx makes this copy.
    shutil.copytree(root / "src", root / "dist" / "paperless-ngx" / "src")

    with pages.follow("docs/adopt/paperless-ngx.md") as page:
        printed = page.run(
            root,
            "build-stamp write dist/paperless-ngx/src/paperless --from src/paperless --strict",
            "tar -C dist -cJf dist/paperless-ngx.tar.xz paperless-ngx",
            "build-stamp verify dist/paperless-ngx.tar.xz --tag v2.15.0-beta.rc1 --strict",
        )

    assert "ok    channel  beta" in printed
    assert "ok    commit" in printed
