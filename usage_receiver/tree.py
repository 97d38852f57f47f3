"""Locates the receiver's source, and the project that comes with it.

The folder `tree` has the layout of the repository, so that relative imports are the same. In
a clone it holds links to the repository's own folders; in the wheel it holds copies.
"""

from pathlib import Path

TREE = Path(__file__).resolve().parent / "tree"
WORKER = (TREE / "worker").resolve()
# The root of the clone; None in the wheel.
CLONE = WORKER.parent if (WORKER / "local").is_dir() else None
