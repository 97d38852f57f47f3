"""A small project in the shape of paperless-ngx, changed as its adoption page says."""

from pathlib import Path

from tests.pipeline import hosts
from tests.pipeline.hosts import BETA
from tests.support import pages
from tests.support.repository import Repository

PAGE = "docs/how-to/paperless-ngx.md"
RELEASE, IMAGE = ".github/workflows/ci-release.yml", ".github/workflows/ci-docker.yml"
# The lines that the diffs need: the licence does not let us copy the real files.
FILES = {
    **hosts.PAPERLESS,
    ".gitignore": "dist/\n",
    RELEASE: """\
on: { push: { tags: ["v*"] } }
permissions: {}
jobs:
  build-release:
    runs-on: ubuntu-24.04
    permissions: { contents: read }
    steps:
      - name: Checkout
        uses: actions/checkout@v7
        with:
          persist-credentials: false
      - name: Set up Python
        uses: actions/setup-python@v7
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
        uses: actions/upload-artifact@v7
        with:
          name: release
          path: dist/paperless-ngx.tar.xz
""",
    IMAGE: """\
on: { push: { branches: [dev, beta], tags: ["v*"] } }
permissions: {}
jobs:
  build-arch:
    runs-on: ubuntu-24.04
    permissions: { contents: read, packages: write }
    steps:
      - name: Checkout
        uses: actions/checkout@v7
        with:
          persist-credentials: false
      - name: Determine ref name
        run: echo "$GITHUB_REF_NAME"
      - name: Docker metadata
        id: docker-meta
        uses: docker/metadata-action@v6
        with:
          images: registry.example/paperless-ngx
          tags: |
            type=semver,pattern={{major}}.{{minor}}
      - name: Build and push by digest
        uses: docker/build-push-action@v7
        with:
          context: .
          labels: ${{ steps.docker-meta.outputs.labels }}
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
