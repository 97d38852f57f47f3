"""The command line, `build-stamp`: the same functions as the plugin."""

import argparse
import io
import os
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from build_hooks import (
    artifact,
    formats,
    git,
    overrides,
    project,
    rebuild,
    resolve,
    tags,
    verify,
)
from build_hooks.config import Config, prefix_problem
from build_hooks.errors import StampError
from build_hooks.stamp import Resolution
from build_hooks.write import write

_STATUS = """\
exit status:
  0  it is done, or all is well
  1  it is not: what is wrong and how to mend it stands on standard error
  2  the command line is wrong
"""
_NAMES = ", ".join(f"PREFIX_{name}" for name in (*overrides.FACTS, *overrides.STRICT))
_ENVIRONMENT = f"""\
The environment comes first, PREFIX being the project's name in capitals
(paperless-ngx: PAPERLESS_NGX) or the key env-prefix:
{textwrap.fill(_NAMES, 80, initial_indent="  ", subsequent_indent="  ")}
Then an sdist's own stamp, git, an expanded .git_archival.txt, and the stamp that a
copied tree carries already.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `build-stamp`; give its exit status."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A path may hold what a terminal lacks.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except StampError as error:
        print(f"build-stamp: {error}", file=sys.stderr)
    except OSError as error:
        print(f"build-stamp: {error.filename}: {error.strerror}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("build-stamp: interrupted.", file=sys.stderr)
    return 1


def _show(options: argparse.Namespace) -> int:
    found = _with_prefix(project.locate(options.path), options)
    resolution = _resolve(found, options)
    print(formats.FORMATS[options.format](found, resolution.stamp))
    return 0


def _write(options: argparse.Namespace) -> int:
    target = _with_prefix(project.locate(options.package_dir), options)
    source = project.locate(options.source) if options.source else target
    stamp = _resolve(source, options).stamp
    if source is not target:
        # The other tree's own stamp is not in this one yet.
        stamp = stamp._replace(untouched=False)
    changed = write(target, stamp, os.environ)
    for path in changed:
        print(f"stamped {path}")
    if not changed:
        print(f"unchanged {target.package_dir}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    expected = _expected(options)
    flags = ["--no-isolation"] if options.no_isolation else []
    failed = 0
    with rebuild.second_build(options.source, flags) as compare:
        for path in options.artifacts:
            print(path, flush=True)
            try:
                opened = artifact.open_artifact(path, options.package)
                found = list(verify.checks(opened, expected))
                if options.rebuild:
                    print(
                        "      comparing with a second build ...",
                        file=sys.stderr,
                        flush=True,
                    )
                    found.append(compare(opened))
            except StampError as error:
                found = [verify.Check("open", "FAIL", str(error))]
            for check in found:
                print(f"  {check}")
            failed += sum(check.verdict == "FAIL" for check in found)
    return 1 if failed else 0


def _expected(options: argparse.Namespace) -> verify.Expected:
    if options.tag is None:
        return verify.Expected(strict=options.strict)
    pattern = project.tag_pattern(options.source)
    tag = tags.parse(options.tag, pattern)
    if tag is None:
        raise StampError(
            f"{options.tag} is no release tag, as v2.15.0 or v2.15.0-beta.rc1."
        )
    commit = git.commit_of_tag(options.source, options.tag, os.environ)
    return verify.Expected(tag, commit, options.strict)


def _cut(options: argparse.Namespace) -> int:
    try:
        from build_hooks import cut  # noqa: PLC0415  # brings GitPython, which no other command needs
    except ImportError as error:  # GitPython without a git binary raises it too
        raise StampError(
            "cut needs git and GitPython: pip install 'paperless-report[release]'"
        ) from error

    found = project.locate(options.path)
    plan = cut.prepare(
        found,
        options.kind,
        remote=options.remote,
        version=options.version,
        promote=options.promote,
    )
    state = plan.state
    if plan.refusals:
        print("\n".join(("build-stamp: no release.", *plan.refusals)), file=sys.stderr)
        return 1
    if options.push and not state.remote:
        print("build-stamp: there is no remote to push to.", file=sys.stderr)
        return 1
    signed = "signed" if options.sign else "annotated"
    print(f"Tag {plan.tag} ({signed}) at {state.commit[:9]} on {state.branch}.")
    print(f"Push it to {state.remote}." if options.push else "It is not pushed.")
    if options.dry_run:
        print("Dry run: no tag made.")
        return 0
    if not options.yes and not agreed("Go ahead? [y/N]: "):
        print("No tag made.")
        return 1
    cut.make(found, plan, sign=options.sign)
    print(f"Tagged {plan.tag}.")
    if options.push:
        cut.push(found, plan)
    else:
        print(f"Push it: git push {state.remote or 'REMOTE'} refs/tags/{plan.tag}")
    return 0


def _resolve(found: project.Project, options: argparse.Namespace) -> Resolution:
    found = _with_prefix(found, options)
    resolution = resolve.resolve(found, _environ(found.config, options))
    for warning in resolution.warnings:
        print(f"build-stamp: {warning}", file=sys.stderr)
    return resolution


def _with_prefix(
    found: project.Project, options: argparse.Namespace
) -> project.Project:
    if options.env_prefix is None:
        return found
    changed = found.config._replace(env_prefix=options.env_prefix)
    return found._replace(config=changed)


def _environ(config: Config, options: argparse.Namespace) -> Mapping[str, str]:
    return (
        {**os.environ, f"{config.env_prefix}_STRICT": "1"}
        if options.strict
        else os.environ
    )


def agreed(question: str) -> bool:
    """Ask; only `y` and `yes` agree."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def parser() -> argparse.ArgumentParser:
    """Everything that can be typed."""
    build_stamp = argparse.ArgumentParser(
        prog="build-stamp",
        description="Says, writes and verifies which commit, date and channel a build is of.",
        epilog=_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = build_stamp.add_subparsers(required=True, metavar="COMMAND")

    show = _command(
        commands,
        "show",
        _show,
        "print the stamp that a build would carry now",
        _ENVIRONMENT,
    )
    show.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        type=Path,
        default=Path(),
        help="a project's root, or the folder of its package (default: this one)",
    )
    show.add_argument(
        "--format",
        choices=formats.FORMATS,
        default="text",
        help="text for people; json; github for $GITHUB_OUTPUT; docker for build "
        "arguments, build-args for the same as NAME=value lines; labels for OCI labels "
        "(default: text)",
    )
    _add_stamp_options(show)

    stamp = _command(
        commands, "write", _write, "stamp a copied tree in place", _ENVIRONMENT
    )
    stamp.add_argument(
        "package_dir",
        metavar="PACKAGE_DIR",
        type=Path,
        help="the folder, in the copy, that holds version.py",
    )
    stamp.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        type=Path,
        help="the project that the copy was made of (default: the copy itself)",
    )
    _add_stamp_options(stamp)

    check = _command(
        commands, "verify", _verify, "hold what was built against what it ought to say"
    )
    check.add_argument(
        "artifacts",
        metavar="ARTIFACT",
        nargs="+",
        type=Path,
        help="a wheel, an sdist, a tarball or a directory",
    )
    check.add_argument("--tag", help="the tag that it was built from")
    check.add_argument(
        "--strict", action="store_true", help="refuse a dev stamp, or none"
    )
    check.add_argument("--package", help="the stamped package, where there are several")
    check.add_argument(
        "--rebuild", action="store_true", help="build again and compare byte for byte"
    )
    check.add_argument(
        "--no-isolation",
        action="store_true",
        help="build again with what is installed here",
    )
    check.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        type=Path,
        default=Path(),
        help="the project to build again, and whose repository knows the tag "
        "(default: this folder)",
    )

    release = _command(
        commands, "cut", _cut, "tag a release, after checking that it is one"
    )
    add_release_options(release)
    release.add_argument(
        "--remote", help="whose branch must be the same (default: the branch's)"
    )
    release.add_argument(
        "--push", action="store_true", help="push the tag, and nothing else"
    )
    release.add_argument("--yes", action="store_true", help="do not ask")
    return build_stamp


def add_release_options(parser: argparse.ArgumentParser) -> None:
    """What any command asks that makes a release's tag."""
    parser.add_argument(
        "kind",
        choices=("beta", "stable"),
        metavar="beta|stable",
        help="what the tag is to mean",
    )
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        type=Path,
        default=Path(),
        help="the project's root (default: this folder)",
    )
    parser.add_argument(
        "--version",
        metavar="X.Y.Z",
        type=_release,
        help="where version.py computes it",
    )
    parser.add_argument(
        "--promote", action="store_true", help="the commit may be a candidate already"
    )
    parser.add_argument("--sign", action="store_true", help="sign the tag")
    parser.add_argument("--dry-run", action="store_true", help="show it, make nothing")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    what: str,
    more: str = "",
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"{more}\n{_STATUS}" if more else _STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _release(text: str) -> str:
    if re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", text):
        return text
    raise argparse.ArgumentTypeError(f"must be X.Y.Z, not {text!r}")


def _prefix(text: str) -> str:
    if problem := prefix_problem(text):
        raise argparse.ArgumentTypeError(problem)
    return text


def _add_stamp_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--strict",
        action="store_true",
        help="allow only a clean build of a tagged commit (as PREFIX_STRICT=1)",
    )
    command.add_argument(
        "--env-prefix",
        metavar="PREFIX",
        type=_prefix,
        help="what the project's variables begin with",
    )
