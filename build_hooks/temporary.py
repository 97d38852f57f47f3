"""Makes temporary folders outside a project's tree."""

import tempfile
from pathlib import Path

from build_hooks.errors import ConfigurationError

# Where to look if the chosen folder is in the tree: RPM macros and CI jobs set TMPDIR to
# a folder of the project, and an image may build in /tmp itself.
_OTHERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  # mkdtemp makes safe names


def make_folder_outside(root: Path) -> "tempfile.TemporaryDirectory[str]":
    """Make a temporary folder that is not in *root*, whatever TMPDIR is.

    Hatchling would take the files in it for the project's own.

    Raises:
        ConfigurationError: If there is no place for one.
    """
    tree = root.resolve()
    for parent in (tempfile.gettempdir(), *_OTHERS, tree.parent):
        # If the tree is the whole file system, nothing is outside of it. Hatchling
        # keeps absolute paths apart then.
        if Path(parent).resolve().is_relative_to(tree) and tree != tree.parent:
            continue
        try:
            return tempfile.TemporaryDirectory(prefix="build-info-", dir=parent)
        except OSError:
            continue
    raise ConfigurationError(
        f"There is no folder outside {root} for temporary files. Set TMPDIR to one."
    )
