"""Tags a release, after checking the repository."""

import argparse
from shlex import quote

from build_hooks import cut_git, discovery
from build_hooks.common_options import add_yes
from build_hooks.cut_plan import Plan
from build_hooks.errors import CutError
from build_hooks.release_options import add_release_options
from build_hooks.stamp import COMMIT_DIGITS
from build_hooks.terminal import confirm, print_lines

HELP = "tag a release, after checking the repository"
EPILOG = """\
If hatchling builds the project, it says the version. This runs the project's own build
configuration: its version source and plugins.

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_release_options(parser, dry_run="show the tag, but do not make it")
    parser.add_argument(
        "--remote",
        help="the remote whose branch must be at the same commit (default: the "
        "branch's own)",
    )
    parser.add_argument(
        "--push", action="store_true", help="push the tag, and nothing else"
    )
    add_yes(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    project = discovery.find_project(options.path)
    plan = cut_git.prepare(
        project,
        options.channel,
        remote=options.remote,
        version=options.version,
        promote=options.promote,
    )
    remote = plan.state.remote
    if plan.refusals:
        raise CutError("this cannot be released.", *plan.refusals)
    if options.push and not remote:
        raise CutError("there is no remote to push to.")
    _describe(plan, options)
    if options.dry_run:
        print_lines("Dry run: no tag made.")
        return 0
    if not options.yes and not confirm("Continue? [y/N]: "):
        print_lines("No tag made.")
        return 1
    cut_git.make_tag(project, plan, sign=options.sign)
    print_lines(f"Tagged {plan.tag}.")
    if options.push:
        cut_git.push_tag(project, plan)
        print_lines(f"Pushed {plan.tag} to {remote}, and nothing else.")
    else:
        ref = quote(f"refs/tags/{plan.tag}")
        print_lines(f"To push it: git push {quote(remote or 'REMOTE')} {ref}")
    return 0


def _describe(plan: Plan, options: argparse.Namespace) -> None:
    state = plan.state
    signed = "signed" if options.sign else "annotated"
    commit = state.commit[:COMMIT_DIGITS]
    push = f"be pushed to {state.remote}" if options.push else "not be pushed"
    print_lines(
        f"Tag {plan.tag} ({signed}) at {commit} on {state.branch}.", f"It will {push}."
    )
