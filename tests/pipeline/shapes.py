"""Every shape in which a host reaches an installation: made, and put in place.

Each function takes a checkout and an empty folder, and gives the folder from which
Python imports the host. Builds take what this session has installed and pinned.
"""

import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.pipeline import flow
from tests.support.repository import Repository, hermetic

PREFIX = "PAPERLESS_DEMO"
# Expanded by `git archive`; see the README.
ARCHIVAL = {
    ".git_archival.txt": "node: $Format:%H$\nnode-date: $Format:%cI$\n",
    ".gitattributes": ".git_archival.txt export-subst\n",
}
Facts = Mapping[str, str]


def wheel(checkout: Repository, folder: Path, _: Facts) -> Path:
    """Built from the checkout, and installed."""
    build("--wheel", checkout.root, folder / "dist")
    return installed(next((folder / "dist").glob("*.whl")), folder)


def sdist(checkout: Repository, folder: Path, _: Facts) -> Path:
    """Installed as it is: pip builds its wheel."""
    build("--sdist", checkout.root, folder / "dist")
    return installed(next((folder / "dist").glob("*.tar.gz")), folder)


def wheel_from_sdist(checkout: Repository, folder: Path, _: Facts) -> Path:
    """What `python -m build` makes."""
    flow.run(
        *(sys.executable, "-m", "build", "--no-isolation", "--outdir"),
        *(folder / "dist", checkout.root),
        environ=hermetic(os.environ),
    )
    return installed(next((folder / "dist").glob("*.whl")), folder)


def tarball(checkout: Repository, folder: Path, _: Facts) -> Path:
    """A stamped copy of the tree, packed and unpacked: a release of paperless-ngx."""
    copy = folder / "paperless-ngx"
    shutil.copytree(checkout.root / "src", copy / "src")
    stamp(
        "write", copy / "src" / "paperless", "--from", checkout.root / "src/paperless"
    )
    packed = folder / "dist" / "paperless-ngx.tar.xz"
    packed.parent.mkdir()
    pack(copy, packed)
    return unpack(packed, folder / "unpacked") / "src"


def stamped_copy(checkout: Repository, folder: Path, _: Facts) -> Path:
    """A tree without git, stamped by build arguments: an image."""
    printed = stamp("show", checkout.root / "src/paperless", "--format", "build-args")
    arguments = dict(line.split("=", 1) for line in printed.splitlines())
    shutil.copytree(checkout.root / "src", folder / "src")
    stamp("write", folder / "src" / "paperless", "--env-prefix", PREFIX, **arguments)
    return folder / "src"


def git_archive(checkout: Repository, folder: Path, facts: Facts) -> Path:
    """What a host of repositories offers for download; its tag is stated."""
    unpacked = archive(checkout, folder)
    return installed(unpacked, folder, **facts)


SHAPES: Mapping[str, Callable[[Repository, Path, Facts], Path]] = {
    it.__name__: it
    for it in (wheel, sdist, wheel_from_sdist, tarball, stamped_copy, git_archive)
}


def archive(checkout: Repository, folder: Path) -> Path:
    """`git archive` of the checkout, unpacked."""
    packed = folder / "archive.tar"
    checkout.git("archive", "--prefix=archive/", f"--output={packed}", "HEAD")
    return unpack(packed, folder / "unpacked")


def pack(tree: Path, packed: Path) -> None:
    """Make a tarball of *tree*, compressed as paperless-ngx compresses its own."""
    with tarfile.open(packed, "w:xz") as tar:
        tar.add(tree, tree.name)


def unpack(packed: Path, folder: Path) -> Path:
    """Unpack a tarball; give the one folder that it holds."""
    with tarfile.open(packed) as tar:
        tar.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


def build(what: str, project: Path, folder: Path, **facts: str) -> None:
    """`python -m build`, without an environment of its own."""
    flow.run(
        *(sys.executable, "-m", "build", "--no-isolation", what),
        *("--outdir", folder, project),
        environ={**hermetic(os.environ), **facts},
    )


def installed(artifact: Path, folder: Path, **facts: str) -> Path:
    """*artifact*, installed by pip in a folder; what it needs is in this session."""
    place = folder / "installed"
    flow.run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--no-build-isolation", "--no-compile", "--disable-pip-version-check"),
        *("--target", place, artifact),
        environ={**hermetic(os.environ), **facts},
    )
    return place


def stamp(*words: str | Path, **facts: str) -> str:
    """`build-stamp`, as a command; give what it printed."""
    return flow.run(
        *(sys.executable, "-m", "build_hooks", *words),
        environ={**hermetic(os.environ), **facts},
    )
