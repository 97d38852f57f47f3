"""Makes one release, from checking the tree to pushing its tag: `python -m release`.

The command makes the tag locally, builds and verifies everything from it, and pushes it
only if the engineer says yes; otherwise it removes the tag. It publishes nothing that it
built: the pushed tag makes the release workflow build the same bytes.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from build_hooks import cut_git, tags
from build_hooks.config import make_prefix
from build_hooks.cut_plan import Plan
from build_hooks.discovery import find_project
from build_hooks.errors import StampError
from build_hooks.project import Project
from build_hooks.release_options import add_release_options
from build_hooks.stamp import COMMIT_DIGITS
from build_hooks.terminal import confirm, print_lines
from release import notes
from release.errors import NotesError, ReleaseError

# The folders of the projects that have the same tag, apart from the one in the root.
_FURTHER = ("usage_receiver",)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _make_parser().parse_args(arguments)
    try:
        project = find_project(options.path)
        plan = cut_git.prepare(
            project, options.channel, version=options.version, promote=options.promote
        )
        refusals = [*plan.refusals, *_find_refusals(project, plan)]
        if refusals:
            raise ReleaseError("This cannot be released.", *refusals)
        _describe(project, plan)
        if options.dry_run:
            print("Dry run: no tag made, nothing built.")
            return 0
        return 0 if _release(project, plan, sign=options.sign) else 1
    except StampError as error:
        print_lines(*error.lines, error=True)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    return 1


def _find_refusals(project: Project, plan: Plan) -> Iterator[str]:
    if plan.state.remote is None:
        yield "There is no remote to push to: run git remote add origin URL."
    try:
        _read_notes(project, plan)
    except NotesError as error:
        yield str(error)
    except OSError as error:
        yield f"{error.filename}: {error.strerror}."


def _read_notes(project: Project, plan: Plan) -> str:
    tag = tags.parse(plan.tag, project.config.tag_pattern)
    if tag is None:
        return ""  # the plan refuses it already
    text = (project.root / notes.CHANGELOG).read_text(encoding="utf-8")
    return notes.find_notes(text, tag)


def _describe(project: Project, plan: Plan) -> None:
    state = plan.state
    print(
        f"{plan.tag} will be {state.commit[:COMMIT_DIGITS]} on {state.branch}. Its notes:\n"
    )
    print(f"{_read_notes(project, plan)}\n")
    print("This command does not run the tests. To run them: nox", flush=True)


def _release(project: Project, plan: Plan, *, sign: bool) -> bool:
    """Tag, build, verify, ask and push. Return whether the tag is pushed."""
    cut_git.make_tag(project, plan, sign=sign)
    confirmed = False
    try:
        for folder in (".", *_FURTHER):
            if (project.root / folder / "pyproject.toml").is_file():
                _build(find_project(project.root / folder), plan.tag, project.root)
        print(f"Ready to push to {plan.state.remote}: refs/tags/{plan.tag}")
        confirmed = confirm("Push it? [y/N]: ")
    finally:
        if not confirmed:
            cut_git.delete_tag(project, plan)
            print(f"Nothing was pushed, and the tag {plan.tag} was deleted.")
    if confirmed:
        cut_git.push_tag(project, plan)
        print("Pushed. The release workflow does the rest.")
    return confirmed


def _build(project: Project, tag: str, root: Path) -> None:
    """Build and verify *project* from *root*, and print the hashes of its artifacts.

    Raises:
        ReleaseError: If either fails; its output says why.
    """
    prefix = project.config.env_prefix
    parsed = tags.parse(tag, project.config.tag_pattern)
    scm = f"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_{make_prefix(project.name)}"
    environ = {
        **os.environ,
        f"{prefix}_STRICT": "1",
        f"{prefix}_TAG": tag,
        # If a commit has several tags, hatch-vcs may take the candidate's.
        scm: parsed.version if parsed else "",
    }
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        _run(
            *("build", "--no-isolation", "--outdir", folder, str(project.root)),
            root=root,
            environ=environ,
        )
        artifacts = sorted(Path(folder).iterdir())
        _run(
            *("build_hooks", "verify", *map(str, artifacts), "--tag", tag),
            *("--from", str(project.root), "--strict", "--rebuild", "--no-isolation"),
            root=root,
            environ=environ,
        )
        print(
            "With the same zlib, the release workflow makes the same bytes (SHA-256):"
        )
        for path in artifacts:
            print(f"  {hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")


def _run(*arguments: str, root: Path, environ: dict[str, str]) -> None:
    command = (sys.executable, "-m", *arguments)
    done = subprocess.run(  # noqa: S603  # our own arguments
        command, cwd=root, env=environ, check=False
    )
    if done.returncode:
        raise ReleaseError(f"{arguments[0]} failed: see above.")


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s release --", description=__doc__)
    add_release_options(parser, dry_run="show the release, but do not make it")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
