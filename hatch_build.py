"""Builds this project with its own plugin.

A plugin cannot serve the project that defines it, because hatchling looks entry points
up in the installed packages. Hatchling loads this file by its path and takes the class
from the tree that is being built.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from build_hooks.plugin import BuildInfoHook  # after the path is set

__all__ = ["BuildInfoHook"]
