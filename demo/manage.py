#!/usr/bin/env python
"""Runs the demo project from the work tree."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from paperless.manage import main  # needs the path above

if __name__ == "__main__":
    main()
