"""A small project in the shape of paperless-ngx, changed as its adoption page says."""

from collections.abc import Mapping
from pathlib import Path

from tests.pipeline import hosts
from tests.pipeline.hosts import BETA
from tests.support import pages, workflows
from tests.support.repository import Repository

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


def create(folder: Path) -> Repository:
    """Create a host with those files and the page's diffs applied, tagged as a beta."""
    repository = hosts.create(folder, FILES)
    for number, diff in enumerate(pages.blocks(PAGE, "diff")):
        patch = folder.with_name(f"{number}.diff")
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
