"""Adds the hook to a project's pyproject.toml, after showing the difference."""

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from shlex import quote

from build_hooks import project_setup, setup_plan
from build_hooks.common_options import add_root, add_yes
from build_hooks.project_setup import Change, Setup
from build_hooks.stamp import BUILD_INFO, VERSION
from build_hooks.terminal import confirm, print_lines
from build_hooks.toml_edits import UneditableError

HELP = "add the build hook to a project"
EPILOG = """\
To find the package that gets the stamp, this runs the project's own build configuration.

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_root(parser)
    parser.add_argument(
        "--package",
        metavar="DIR",
        type=PurePosixPath,
        help="the folder of the package that gets the stamp, such as src/shelf, if the "
        "wheel ships several",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show the difference, but write nothing"
    )
    add_yes(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    setup = project_setup.read_setup(options.path.resolve(), options.package)
    missing = setup.missing
    if not missing.requirement and not missing.table:
        print_lines(
            f"Nothing to add: {setup.root} has the hook's table and the build requirement."
        )
        return 0
    try:
        changes = project_setup.make_changes(setup)
    except (ImportError, UneditableError) as error:
        return _print_block(setup, is_uninstalled=isinstance(error, ImportError))
    for change in changes:
        _print_difference(setup.root, change)
    if remarks := _explain_python(setup):
        print_lines(*remarks)
    if options.dry_run:
        print_lines("Dry run: nothing written.")
        return 0
    if not options.yes and not confirm("Write this? [y/N]: "):
        print_lines("Nothing written.")
        return 1
    project_setup.write_changes(changes)
    names = [change.path.relative_to(setup.root).as_posix() for change in changes]
    print_lines(f"Wrote {' and '.join(names)}.", "", *_list_next_steps(setup, names))
    return 0


def _print_difference(root: Path, change: Change) -> None:
    name = change.path.relative_to(root).as_posix()
    before, after = (
        it.decode(errors="replace").splitlines() for it in (change.before, change.after)
    )
    lines = difflib.unified_diff(before, after, name, name, lineterm="")
    print_lines(*("" if it == " " else it for it in lines))


def _print_block(setup: Setup, *, is_uninstalled: bool) -> int:
    """Print what the user can paste, and why it is not written."""
    reason = (
        "tomlkit is not installed, which keeps the format of the file. Install "
        f"'{setup_plan.REQUIREMENT}[release]', or add this by hand:"
        if is_uninstalled
        else "the file's form leaves no place for this, such as an inline table. Add it by "
        "hand:"
    )
    print_lines(f"build-stamp: Nothing is written: {reason}", error=True)
    print_lines(*setup_plan.format_block(setup.missing, setup.requires))
    return 1


def _explain_python(setup: Setup) -> list[str]:
    """Return a remark if the project allows a Python on which its build cannot run."""
    if not setup.missing.requirement or not setup.python_to_build:
        return []
    allowed = (
        f'says requires-python = "{setup.requires_python}"'
        if setup.requires_python
        else "has no requires-python, which allows every Python"
    )
    remark = (
        f"Note: {setup_plan.PYPROJECT} {allowed}. A build now needs Python "
        f"{setup.python_to_build}: on others, your wheels install as before, but your sdist "
        "does not."
    )
    return [remark]


def _explain_gitignore(setup: Setup) -> str:
    """Return what `.gitignore` needs."""
    if not setup.to_ignore:
        return (
            f"A build writes {BUILD_INFO} into the artifacts alone, so .gitignore needs no "
            "line for it."
        )
    return (
        f"First add {' and '.join(setup.to_ignore)} to .gitignore: builds write there. They "
        f"write {BUILD_INFO} into the artifacts alone, so it needs no line."
    )


def _list_next_steps(setup: Setup, written: Sequence[str]) -> list[str]:
    version = " --version X.Y.Z" if setup.is_computed else ""
    start = [] if setup.has_commit is not None else ["git init --initial-branch=main"]
    added = " ".join(map(quote, written)) if setup.has_commit else "."
    start = [*start, f"git add {added}"]
    return [
        _explain_gitignore(setup),
        "Next, commit. Then tag a beta, and build it:",
        *(f"    {line}" for line in start),
        '    git commit --message "Stamp the build"',
        f"    build-stamp cut beta{version}",
        "    python -m build",
        *_show_reader(setup),
    ]


def _show_reader(setup: Setup) -> list[str]:
    """Return the lines with which a program reads its stamp."""
    if setup.package is None:
        return []
    name = setup.package.shipped.replace("/", ".")
    module = BUILD_INFO.removesuffix(".py")
    values = {"BUILD_DATE": "None", "CHANNEL": '"dev"', "SOURCE_COMMIT": "None"}
    lines = []
    if setup.has_channel:
        lines = [f"from {name}.{VERSION.removesuffix('.py')} import __channel__"]
        del values["CHANNEL"]
    lines += [
        "try:",
        f"    from {name}.{module} import {', '.join(values)}",
        "except ImportError:  # not a build",
        f"    {', '.join(values)} = {', '.join(values.values())}",
    ]
    return ["", "To read the stamp in your program:", *(f"    {it}" for it in lines)]
