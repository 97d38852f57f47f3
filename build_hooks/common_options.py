"""Declares the options that several commands of `build-stamp` and `release/` have alike."""

import argparse
from pathlib import Path


def add_root(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a project by its root."""
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        type=Path,
        default=Path(),
        help="the project's root (default: the current folder)",
    )


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add the option that answers the command's question."""
    parser.add_argument(
        "--yes", action="store_true", help="do not ask for confirmation"
    )
