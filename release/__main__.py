"""`python -m release`: one release, from a look at the tree to the push of its tag.

The tag is made here, everything is built and verified from it, and only then is it
pushed, if the engineer says yes; else it is removed again. What is built here goes
nowhere: the pushed tag makes the release workflow build the same bytes.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from build_hooks import cli, cut, overrides, tags
from build_hooks.errors import StampError
from build_hooks.project import Project, locate
from release import notes


class ReleaseError(StampError):
    """A release that stops, and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status."""
    options = _parser().parse_args(arguments)
    try:
        project = locate(options.path)
        planned = cut.prepare(
            project, options.kind, version=options.version, promote=options.promote
        )
        refusals = [*planned.refusals, *_about_release(project, planned)]
        if refusals:
            raise ReleaseError("\n".join(("No release.", *refusals)))
        _show(project, planned)
        if options.dry_run:
            print("Dry run: no tag made, nothing built.")
            return 0
        return 0 if _release(project, planned, sign=options.sign) else 1
    except StampError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    return 1


def _about_release(project: Project, planned: cut.Plan) -> Iterator[str]:
    if planned.state.remote is None:
        yield "There is no remote to push to: git remote add origin URL."
    try:
        _notes(project, planned)
    except notes.NotesError as error:
        yield str(error)
    except OSError as error:
        yield f"{error.filename}: {error.strerror}."


def _notes(project: Project, planned: cut.Plan) -> str:
    tag = tags.parse(planned.tag, project.config.tag_pattern)
    if tag is None:
        return ""  # refused already
    text = (project.root / notes.CHANGELOG).read_text(encoding="utf-8")
    return notes.notes(text, tag)


def _show(project: Project, planned: cut.Plan) -> None:
    state = planned.state
    print(f"{planned.tag} is to be {state.commit[:9]} on {state.branch}. Its notes:\n")
    print(f"{_notes(project, planned)}\n")
    print("Whether the tests are green is yours to know: nox", flush=True)


def _release(project: Project, planned: cut.Plan, *, sign: bool) -> bool:
    """Tag, build, verify, ask, push; whether it is pushed."""
    cut.make(project, planned, sign=sign)
    agreed = False
    try:
        _build(project, planned.tag)
        print(f"To be pushed to {planned.state.remote}: refs/tags/{planned.tag}")
        agreed = cli.agreed("Push it? [y/N]: ")
    finally:
        if not agreed:
            cut.withdraw(project, planned)
            print(f"Nothing is pushed, and the tag {planned.tag} is removed again.")
    if agreed:
        cut.push(project, planned)
        print("Pushed. The release workflow does the rest.")
    return agreed


def _build(project: Project, tag: str) -> None:
    """Build and verify *project*; print what came of it.

    Raises:
        ReleaseError: If either fails; it has said why.
    """
    prefix = project.config.env_prefix
    parsed = tags.parse(tag, project.config.tag_pattern)
    scm = f"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_{overrides.prefix_for(project.name)}"
    environ = {
        **os.environ,
        f"{prefix}_STRICT": "1",
        f"{prefix}_TAG": tag,
        # Of several tags at a commit, hatch-vcs may take a candidate's.
        scm: parsed.version if parsed else "",
    }
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        _run(
            "build", "--no-isolation", "--outdir", folder, ".", at=project, env=environ
        )
        artifacts = sorted(Path(folder).iterdir())
        _run(
            *("build_hooks", "verify", *map(str, artifacts), "--tag", tag),
            *("--strict", "--rebuild", "--no-isolation"),
            at=project,
            env=environ,
        )
        print(
            "The release workflow makes the same bytes, where zlib is the same (sha256):"
        )
        for path in artifacts:
            print(f"  {hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")


def _run(*words: str, at: Project, env: dict[str, str]) -> None:
    command = (sys.executable, "-m", *words)
    done = subprocess.run(  # noqa: S603  # our own words
        command, cwd=at.root, env=env, check=False
    )
    if done.returncode:
        raise ReleaseError(f"{words[0]} failed: see above.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s release --", description=__doc__)
    cli.add_release_options(parser)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
