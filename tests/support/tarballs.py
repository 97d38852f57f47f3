"""Unpacks tarballs."""

import tarfile
from pathlib import Path


def unpack(packed: Path, folder: Path) -> Path:
    """Unpack a tarball into *folder*; return the one folder that it holds."""
    with tarfile.open(packed) as tar:
        # Python has filters since 3.11.4; Debian 12 has 3.11.2.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)  # noqa: S202  # our own archive
    (tree,) = folder.iterdir()
    return tree
