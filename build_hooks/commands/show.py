"""Prints the stamp that a build would carry now."""

import argparse
import os
from pathlib import Path, PurePosixPath

from build_hooks import formats
from build_hooks.commands import options as shared
from build_hooks.dockerfile import format_dockerfile
from build_hooks.explanation import explain
from build_hooks.nearest_release import find_nearest_release
from build_hooks.own_stamp import read_package_files
from build_hooks.project import Project
from build_hooks.project_files import has_file
from build_hooks.stamp import Resolution
from build_hooks.text import escape

HELP = "print the stamp that a build would carry now, and why"
EPILOG = shared.SOURCES

# A format that depends on the project alone, not on its stamp.
_DOCKERFILE = "dockerfile"
_TEXT = "text"
_CONFIGURATION = ("pyproject.toml", "hatch.toml")


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
        choices=(*formats.FORMATS, _DOCKERFILE),
        default=_TEXT,
        help="text for people, with the reason of the channel in words; json; github for $GITHUB_OUTPUT; docker for arguments of "
        "docker build; build-args for the same as NAME=value lines; env for the same as "
        "a file for Compose or a shell; labels for OCI labels; dockerfile for the lines "
        "of a Dockerfile that stamp the source (default: text)",
    )
    shared.add_stamp_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    prefix: str | None = options.env_prefix
    try:
        project = shared.find_project(options.path, options)
        prefix = project.config.env_prefix
        print(_format(project, options))
    except BaseException:
        # Whatever the reason is, an image build must not go ahead without a stamp.
        if options.format in formats.FOR_BUILDS:
            print(formats.format_failure(options.format, prefix))
        raise
    return 0


def _format(project: Project, options: argparse.Namespace) -> str:
    if options.format == _DOCKERFILE:
        package = _find_in_context(project)
        formats.check_word("package", str(package))
        return format_dockerfile(
            package,
            project.config.env_prefix,
            [name for name in _CONFIGURATION if has_file(project.root / name)],
        )
    files = read_package_files(project.package_dir)
    if options.format == _TEXT:
        return _format_text(
            project, shared.resolve_project(project, files, options), options
        )
    stamp = shared.resolve_stamp(project, files, options)
    return formats.FORMATS[options.format](project, stamp)


def _find_in_context(project: Project) -> PurePosixPath:
    """Return the package's folder in the build context: the project, or this folder.

    Without a pyproject.toml, nothing says where the project begins.
    """
    here = Path.cwd()
    is_here = project.package_dir.is_relative_to(here) and here != project.package_dir
    if is_here and not any(has_file(project.root / it) for it in _CONFIGURATION):
        return PurePosixPath(project.package_dir.relative_to(here).as_posix())
    return project.config.package


def _format_text(
    project: Project, resolution: Resolution, options: argparse.Namespace
) -> str:
    """Format the facts, and in words why the channel is what it is."""
    # The words say what the other warnings do.
    others = (it for it in resolution.warnings if it not in resolution.causes)
    shared.print_remarks(*resolution.notes, *others)
    config, known = project.config, resolution.known
    nearest = None
    if known.tree.source == "git" and not known.tree.tag:
        nearest = find_nearest_release(project.root, config.tag_pattern, os.environ)
    words = explain(resolution, config.env_prefix, str(options.path), nearest)
    facts = formats.format_text(project, resolution.stamp)
    return "\n".join((facts, "", *map(escape, words)))
