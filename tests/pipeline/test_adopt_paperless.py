"""docs/adopt/paperless-ngx.md: its diffs applied, and run as far as it goes here."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline import flow, shapes
from tests.pipeline.test_users import BETA, NO_PACKAGE, VERSION_PY, paperless_today
from tests.support import dockerfile, pages, workflows
from tests.support.needs import needs
from tests.support.repository import Repository

pytestmark = pytest.mark.slow

PAGE = "docs/adopt/paperless-ngx.md"
RELEASE, IMAGE = ".github/workflows/ci-release.yml", ".github/workflows/ci-docker.yml"
# Of the same shape, as far as the diffs reach: the real files are not ours to copy.
SHAPE = {
    ".gitignore": "dist/\n",
    "pyproject.toml": NO_PACKAGE,
    "src/paperless/version.py": VERSION_PY,
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
    """A project of that shape, with the page's diffs applied, at a tagged commit."""
    repository = flow.host_repository(tmp_path / "project", SHAPE)
    for number, diff in enumerate(pages.blocks(PAGE, "diff")):
        patch = tmp_path / f"{number}.diff"
        patch.write_text(diff.text, encoding="utf-8")
        repository.git("apply", str(patch))
    repository.commit("Release v2.15.0-beta.rc1")
    repository.tag(BETA)
    return repository


def ran(
    step: workflows.Step, root: Path, known: Mapping[str, str], **environ: str
) -> dict[str, str]:
    """Run a step, by its shell or by the action; give its outputs."""
    output = root.with_name("output")
    output.write_text("")
    if not step.uses:
        done = workflows.run_step(
            step, root, known, {**workflows.runner_environment(), **environ}
        )
        assert done.returncode == 0, done.stderr
        return {}
    assert step.uses == "OWNER/REPOSITORY@COMMIT"
    given = workflows.resolve_variables(
        {k: str(v) for k, v in step.inputs.items()}, known
    )
    environ |= workflows.resolve_variables(step.environ, known)
    done_steps, found = workflows.run_action(root, given, output, environ)
    assert done_steps[-1].returncode == 0, done_steps[-1].stderr
    return workflows.declared_outputs(found)


@needs("tar", "xz")
def test_the_release_workflow_packs_a_stamped_tree(project: Repository) -> None:
    steps = workflows.steps(project.root / RELEASE, "build-release")
    assert [it.name for it in steps] == [
        "Assemble release package",
        "Stamp release package",
        "Create release archive",
        "Verify release archive",
        "Upload release artifact",
    ]

    for step in steps[:-1]:
        ran(step, project.root, {}, GITHUB_REF_NAME=BETA)

    printed = shapes.stamp("verify", project.root / "dist" / "paperless-ngx.tar.xz")
    commit = project.git("rev-parse", "HEAD")[:9]
    assert f"commit {commit}, built 2026-05-18T12:00:00Z" in printed
    assert "ok    channel  beta" in printed
    assert project.git("status", "--porcelain") == ""


def test_the_release_workflow_stops_at_a_version_that_was_not_bumped(
    project: Repository,
) -> None:
    project.git("tag", "--delete", BETA)
    project.tag("v2.16.0-beta.rc1")
    assemble, stamp, *_ = workflows.steps(project.root / RELEASE, "build-release")
    ran(assemble, project.root, {})

    with pytest.raises(AssertionError, match=r"2\.16\.0-beta\.rc1.*2\.15\.0"):
        ran(stamp, project.root, {})


def arguments_of(project: Repository, built_from: str) -> dict[str, str]:
    """The build arguments that the image workflow gives for a push to *built_from*."""
    known = {
        "startsWith(github.ref, 'refs/tags/v')": (
            "true" if built_from.startswith("refs/tags/v") else "false"
        ),
        "github.ref == 'refs/heads/beta' && 'beta' || ''": (
            "beta" if built_from == "refs/heads/beta" else ""
        ),
        "steps.docker-meta.outputs.version": "2.15.0-beta.rc1",
    }
    _, stamp, _, metadata, build = workflows.steps(project.root / IMAGE, "build-arch")
    outputs = ran(stamp, project.root, known)
    known |= {f"steps.stamp.outputs.{name}": it for name, it in outputs.items()}
    commit = project.git("rev-parse", "HEAD")

    labels = workflows.resolve_variables(
        {"labels": str(metadata.inputs["labels"])}, known
    )
    assert f"org.opencontainers.image.revision={commit}" in labels["labels"]
    given = workflows.resolve_variables(
        {"args": str(build.inputs["build-args"])}, known
    )
    return dict(line.split("=", 1) for line in given["args"].splitlines())


@pytest.mark.parametrize(
    ("built_from", "channel"),
    [
        (f"refs/tags/{BETA}", "beta"),
        ("refs/heads/beta", "beta"),
        ("refs/heads/dev", "dev"),
    ],
)
def test_the_image_workflow_says_what_it_builds_from(
    project: Repository, built_from: str, channel: str
) -> None:
    if not built_from.startswith("refs/tags/"):
        project.git("tag", "--delete", BETA)

    arguments = arguments_of(project, built_from)

    assert arguments["PNGX_TAG_VERSION"] == "2.15.0-beta.rc1"
    assert arguments["PAPERLESS_NGX_CHANNEL"] == channel
    assert arguments["PAPERLESS_NGX_SOURCE_COMMIT"] == project.git("rev-parse", "HEAD")


def test_the_image_carries_what_the_workflow_says(
    project: Repository,
    own_wheel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing is on an index yet: this tree's wheel lies where pip looks.
    monkeypatch.setenv(
        "PIP_FIND_LINKS", f"{os.environ.get('PIP_FIND_LINKS', '')} {own_wheel.parent}"
    )
    monkeypatch.setenv("PIP_CONSTRAINT", str(flow.ROOT / "constraints.txt"))
    arguments = arguments_of(project, f"refs/tags/{BETA}")

    stages = dockerfile.build(
        project.root / "Dockerfile", project.root, arguments, tmp_path / "image"
    )

    image = stages["main-app"]
    assert image.environ["PAPERLESS_APPS"] == "paperless_report"
    shown = image.shell(
        "PAPERLESS_DATA_DIR=. DJANGO_SETTINGS_MODULE=paperless.settings "
        "python3 -m django send_usage_report --dry-run"
    )
    assert shown.returncode == 0, shown.stderr
    commit = project.git("rev-parse", "HEAD")[:9]
    assert re.search(r"Channel +: beta\n", shown.stdout)
    assert f"{commit}  (built 2026-05-18T12:00:00Z)" in shown.stdout


def test_a_build_by_hand_is_a_dev_build(project: Repository, tmp_path: Path) -> None:
    """Without arguments, as the shell that the Dockerfile has."""
    image = tmp_path / "src"
    shutil.copytree(project.root / "src", image)

    shapes.stamp("write", image / "paperless", "--env-prefix", "PAPERLESS_NGX")

    assert not (image / "paperless" / "build_info.py").exists()
    assert '__channel__ = "dev"' in (image / "paperless" / "version.py").read_text()


@needs("tar", "xz")
def test_the_tarball_is_stamped_and_verified_by_hand(tmp_path: Path) -> None:
    root = paperless_today(tmp_path / "tree").root
    # As its workflow copies it.
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
