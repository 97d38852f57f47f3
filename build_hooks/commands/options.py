"""Adds the options that `show` and `write` share, and resolves a stamp with them."""

import argparse
import os
import textwrap
from pathlib import Path

from build_hooks import discovery, overrides
from build_hooks.config import check_prefix
from build_hooks.project import Project
from build_hooks.project_version import read_version
from build_hooks.resolve import resolve
from build_hooks.stamp import PackageFiles, Resolution, Stamp
from build_hooks.terminal import print_lines

_NAMES = ", ".join(
    f"PREFIX_{name}" for name in (*overrides.VARIABLES, *overrides.STRICT)
)
SOURCES = f"""\
Variables come first. PREFIX is the project's name in capital letters (PAPERLESS_NGX for
paperless-ngx), or the key env-prefix:
{textwrap.fill(_NAMES, 80, initial_indent="  ", subsequent_indent="  ")}
Then come an sdist's own stamp, git, an expanded .git_archival.txt, the stamp that a copied
tree carries already, and an expanded .git_archival.txt in a folder above.

If hatchling builds the project, it says the version. This runs the project's own build
configuration: its version source and plugins.

"""


def add_stamp_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that change which stamp is resolved."""
    parser.add_argument(
        "--strict",
        action="store_true",
        help="allow only a clean build of a tagged commit (like PREFIX_STRICT=1)",
    )
    parser.add_argument(
        "--no-reporting",
        action="store_true",
        help="turn all reporting of the package off for good (like PREFIX_REPORTING=0)",
    )
    parser.add_argument(
        "--env-prefix",
        metavar="PREFIX",
        type=_parse_prefix,
        help="the prefix of the project's variables",
    )


def find_project(path: Path, options: argparse.Namespace) -> Project:
    """Return the project at *path*, with the prefix that the user chose."""
    project = discovery.find_project(path)
    if options.env_prefix is None:
        return project
    return project._replace(
        config=project.config._replace(env_prefix=options.env_prefix)
    )


def resolve_stamp(
    project: Project, files: PackageFiles, options: argparse.Namespace
) -> Stamp:
    """Resolve the stamp of *project*, and print what there is to know."""
    resolution = resolve_project(project, files, options)
    print_remarks(*resolution.notes, *resolution.warnings)
    return resolution.stamp


def resolve_project(
    project: Project, files: PackageFiles, options: argparse.Namespace
) -> Resolution:
    """Resolve the stamp of *project* with the user's options and environment."""
    variables = {"STRICT": "1"} if options.strict else {}
    if options.no_reporting:
        variables["REPORTING"] = "0"
    prefix = project.config.env_prefix
    stated = {f"{prefix}_{name}": value for name, value in variables.items()}
    version = read_version(project, files)
    resolution = resolve(project, files, version, {**os.environ, **stated})
    # Who states the facts, such as an image build, has compared them elsewhere.
    if version.problem and resolution.stamp.source != "environment":
        print_remarks(f"The version is unknown here: {version.problem}")
    return resolution


def print_remarks(*lines: str) -> None:
    """Print *lines* where they do not mix with the output."""
    for line in lines:
        print_lines(f"build-stamp: {line}", error=True)


def _parse_prefix(text: str) -> str:
    if problem := check_prefix(text):
        raise argparse.ArgumentTypeError(problem)
    return text
