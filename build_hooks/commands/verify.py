"""Checks built artifacts and prints the result of each check."""

import argparse
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from build_hooks import archives, checks, discovery, git, rebuild, tags, urls
from build_hooks.artifact import Artifact
from build_hooks.checks import Expected
from build_hooks.errors import NoGitFactsError, StampError
from build_hooks.git_process import find_top
from build_hooks.rebuild import Original
from build_hooks.terminal import print_lines
from build_hooks.time_limit import limit_time
from build_hooks.verdicts import Check
from build_hooks.wheel_packages import check_packages

# What `python -m build` puts into a folder.
_SUFFIXES = (".whl", ".tar.gz")

HELP = "check a built artifact against its tag, metadata and RECORD"
EPILOG = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "artifacts",
        metavar="ARTIFACT",
        nargs="+",
        type=Path,
        help="a wheel, an sdist, a tarball or a directory; a folder of wheels and sdists, "
        "such as dist, stands for them",
    )
    parser.add_argument("--tag", help="the tag that it was built from")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="fail on a dev stamp, without a stamp, if reports go to another URL than "
        "the project's configuration names, or if its key reporting says otherwise",
    )
    parser.add_argument(
        "--report-url", metavar="URL", help="the REPORT_URL that it must have"
    )
    parser.add_argument(
        "--no-reporting",
        action="store_true",
        help="fail unless all reporting is off for good",
    )
    parser.add_argument(
        "--index",
        action="store_true",
        help="with --tag: fail if a package index would take the files for another "
        "release, because their version is not the tag's",
    )
    parser.add_argument(
        "--package", help="the name of the stamped package, if there are several"
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="build again and compare byte for byte; with --tag, the second build is of a "
        "clean checkout of the tag",
    )
    parser.add_argument(
        "--no-isolation",
        action="store_true",
        help="build again with the packages installed in this environment",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        type=Path,
        default=Path(),
        help="the project of the artifacts: it is built again, and its repository is "
        "asked for the tag and the packages (default: the current folder)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if not options.source.is_dir():
        raise StampError(
            f"{options.source} is not a folder: pass the project's with --from."
        )
    expected = _read_expected(options)
    flags = ["--no-isolation"] if options.no_isolation else []
    original = _find_original(options, expected)
    failed = False
    with rebuild.second_build(original, flags, os.environ, _report) as compare:
        for path in _find_artifacts(options.artifacts):
            print_lines(str(path))
            for check in _check(path, options, expected, compare):
                print_lines(f"  {check}")
                failed |= check.verdict == "FAIL"
    return 1 if failed else 0


def _find_artifacts(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the artifacts that *paths* name.

    A folder that contains artifacts only stands for them, and so does a pattern such as
    `dist/*`, which not every shell replaces.
    """
    for path in paths:
        found: list[Path] = []
        with contextlib.suppress(OSError):  # opening it says what is wrong
            if path.is_dir():
                found = _list_if_artifacts(path)
            elif not path.exists() and "*" in path.name:
                found = list(path.parent.glob(path.name))
        yield from sorted(found) or [path]


def _list_if_artifacts(folder: Path) -> list[Path]:
    """Return the files of *folder*, if all of them are wheels and sdists."""
    inside = [it for it in folder.iterdir() if not it.name.startswith(".")]
    are_artifacts = all(it.is_file() and it.name.endswith(_SUFFIXES) for it in inside)
    return inside if are_artifacts else []


def _find_original(options: argparse.Namespace, expected: Expected) -> Original:
    has_repository = find_top(options.source.resolve()) is not None
    lacks_tag = has_repository and options.tag and expected.commit is None
    return Original(
        options.source,
        options.tag or "",
        expected.commit,
        expected.no_commit if lacks_tag else "",
    )


def _report(step: str) -> None:
    print_lines(f"      {step}", error=True)


def _check(
    path: Path,
    options: argparse.Namespace,
    expected: Expected,
    compare: Callable[[Artifact], Check],
) -> list[Check]:
    try:
        artifact = archives.open_artifact(path, options.package)
        results = list(checks.run_checks(artifact, expected))
        if warning := check_packages(artifact, options.source, os.environ):
            results.append(warning)
        if options.rebuild and not artifact.problems:
            results.append(compare(artifact))
    except StampError as error:
        return [Check("open", "FAIL", " ".join(error.lines))]
    return results


def _read_expected(options: argparse.Namespace) -> Expected:
    needs_keys = options.tag is not None or options.strict
    keys = discovery.read_keys(options.source) if needs_keys else {}
    tag = commit = None
    reason = ""
    if options.tag is None:
        if options.index:
            raise StampError("--index compares with a tag: pass --tag, too.")
    else:
        pattern = keys.get("tag-pattern", tags.DEFAULT_PATTERN)
        with limit_time(pattern):
            tag = tags.parse(options.tag, pattern)
        if tag is None:
            raise StampError(
                f"{options.tag} is not a release tag, such as v2.15.0 or "
                "v2.15.0-beta.rc1."
            )
        commit, reason = _find_commit(options.source, options.tag)
    if options.report_url and (problem := urls.check_url(options.report_url)):
        raise StampError(f"--report-url {problem}")
    return Expected(
        tag,
        commit,
        reason,
        report_url=options.report_url or keys.get("report-url"),
        must_have_url=bool(options.report_url),
        reporting=keys.get("reporting", True) and not options.no_reporting,
        must_be_off=options.no_reporting,
        strict=options.strict,
        index=options.index,
    )


def _find_commit(source: Path, tag: str) -> tuple[str | None, str]:
    """Return the commit of *tag* in the repository of *source*, or None and the reason."""
    reason = f"no repository here has tag {tag}: run git fetch --tags, or pass --from"
    if find_top(source.resolve()) is None:
        return None, reason
    other = tag.removeprefix("v") if tag.startswith("v") else f"v{tag}"
    try:
        commit = git.find_tag_commit(source, tag, os.environ)
        if commit is None and git.find_tag_commit(source, other, os.environ):
            reason = f"no repository here has tag {tag}, but it has tag {other}"
    except NoGitFactsError as error:
        return None, f"tag {tag} cannot be read: {error}"
    return commit, reason
