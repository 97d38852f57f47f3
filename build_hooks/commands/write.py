"""Stamps a copied tree in place."""

import argparse
import os
from pathlib import Path

from build_hooks import overrides
from build_hooks.commands import options as shared
from build_hooks.errors import EnvironmentVariableError
from build_hooks.own_stamp import read_package_files
from build_hooks.terminal import print_lines
from build_hooks.write_tree import write_stamp

HELP = "stamp a copied tree in place"
EPILOG = shared.SOURCES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "package_dir",
        metavar="PACKAGE_DIR",
        type=Path,
        help="the folder of the package in the copy",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        type=Path,
        help="the project that was copied (default: the copy itself)",
    )
    shared.add_stamp_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    target = shared.find_project(options.package_dir, options)
    files = read_package_files(target.package_dir)
    copied = files
    if options.source is None:
        stamp = shared.resolve_stamp(target, files, options)
    else:
        source = shared.find_project(options.source, options)
        copied = read_package_files(source.package_dir)
        # The stamp that the source carries already is new to the target.
        stamp = shared.resolve_stamp(source, copied, options)._replace(untouched=False)
    if stamp.source == "none":
        _refuse_other_prefixes(target.config.env_prefix)
    changed = write_stamp(target, files, stamp, os.environ, copied=copied)
    for path in changed:
        print_lines(f"stamped {path}")
    if not changed:
        print_lines(f"unchanged {target.package_dir}")
    return 0


def _refuse_other_prefixes(prefix: str) -> None:
    """Refuse to leave a copy without a commit, if one is stated for another name.

    A copy outside its project, as in the build root of an RPM, has another prefix.

    Raises:
        EnvironmentVariableError: If there is one.
    """
    if others := overrides.find_other_prefixes(os.environ, prefix):
        raise EnvironmentVariableError(
            f"{others[0]}_SOURCE_COMMIT is set, but this copy's variables start with "
            f"{prefix}_. Pass --env-prefix {others[0]}, or --from with the path of the "
            "project that was copied."
        )
