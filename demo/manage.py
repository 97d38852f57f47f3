#!/usr/bin/env python
"""Runs the demo host from its tree."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from paperless.manage import main  # the path comes first

if __name__ == "__main__":
    main()
