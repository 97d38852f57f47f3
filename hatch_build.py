"""Stamps this project with its own plugin.

A plugin cannot serve the project that defines it (hatchling looks entry points
up in what is installed), so this file, which hatchling loads by path, hands
over the same class from the tree that is being built.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from build_hooks.plugin import BuildInfoHook  # the path comes first

__all__ = ["BuildInfoHook"]
