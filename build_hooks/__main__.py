"""`python -m build_hooks` is `build-stamp`."""

from build_hooks.cli import main

raise SystemExit(main())
