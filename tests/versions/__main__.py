"""Runs the tests on a Debian release, for its versions of Python and git."""

import argparse
import shutil
from pathlib import Path

from tests.pipeline import commands
from tests.support import rootfs

TESTS = (
    *("tests/test_imports.py", "tests/build", "tests/docs"),
    *("tests/release", "tests/report"),
)
# Everything that a test skips without.
PACKAGES = (
    *("python3", "python3-venv", "git", "make", "jq", "openssh-client"),
    *("xz-utils", "curl", "postgresql", "mariadb-server"),
)
PROJECT = "/project"
SHOW = """
python3 --version
git --version
echo "Django $(/venv/bin/python -m django --version)"
"""
# As `.ci/run` does.
RUN = 'PATH="$(ls -d /usr/lib/postgresql/*/bin):$PATH" exec /venv/bin/pytest "$@"'


def main() -> int:
    """Run the tests as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.versions")
    parser.add_argument("suite", help="the release, such as trixie or sid")
    parser.add_argument("django", help="what pip installs, such as Django==6.0.*")
    parser.add_argument("ref_format", choices=("files", "reftable"))
    parser.add_argument("pytest", nargs="*", help="options and tests, after --")
    options = parser.parse_args()
    with rootfs.debian(options.suite, *PACKAGES) as made:
        copy_working_tree(made.inside(PROJECT))
        install(made, options.django)
        made.run("sh", "-euc", SHOW, capture=False)
        try:
            made.run(
                *("sh", "-euc", RUN, "sh"),
                *("-n", "auto", *(options.pytest or TESTS)),
                cwd=PROJECT,
                environ={"GIT_DEFAULT_REF_FORMAT": options.ref_format},
                capture=False,
            )
        except rootfs.RootFileSystemError:
            return 1
    return 0


def copy_working_tree(target: Path) -> None:
    """Copy this repository to *target*, with the files as they are now."""
    commands.run("git", "clone", "--quiet", "--no-hardlinks", commands.ROOT, target)
    for path in target.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    commands.copy_files(commands.list_working_tree(), target)


def install(made: rootfs.RootFileSystem, django: str) -> None:
    """Install the project, its pinned tools and this *django* into `/venv`."""
    made.run("python3", "-m", "venv", "/venv")
    for arguments in (
        ("--constraint", "constraints.txt", "--group", "test"),
        ("--no-deps", "--editable", "."),
        # Last: the group needs the version that paperless-ngx uses.
        ("--upgrade", django),
    ):
        made.run("/venv/bin/pip", "install", "--quiet", *arguments, cwd=PROJECT)


if __name__ == "__main__":
    raise SystemExit(main())
