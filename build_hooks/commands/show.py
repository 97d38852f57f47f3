"""Prints the stamp that a build would carry now."""

import argparse
from pathlib import Path

from build_hooks import formats
from build_hooks.commands import options as shared
from build_hooks.own_stamp import read_package_files

HELP = "print the stamp that a build would carry now"
EPILOG = shared.SOURCES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        type=Path,
        default=Path(),
        help="the project's root, or the folder of its package (default: the current "
        "folder)",
    )
    parser.add_argument(
        "--format",
        choices=formats.FORMATS,
        default="text",
        help="text for people; json; github for $GITHUB_OUTPUT; docker for arguments of "
        "docker build; build-args for the same as NAME=value lines; labels for OCI "
        "labels (default: text)",
    )
    shared.add_stamp_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    project = shared.find_project(options.path, options)
    files = read_package_files(project.package_dir)
    stamp = shared.resolve_stamp(project, files, options)
    print(formats.FORMATS[options.format](project, stamp))
    return 0
