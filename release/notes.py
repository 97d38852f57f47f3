"""The notes of one release, taken from CHANGELOG.md: `python -m release.notes TAG`."""

import argparse
import re
import sys
from pathlib import Path

from build_hooks import tags
from build_hooks.errors import StampError
from build_hooks.tags import ReleaseTag

CHANGELOG = Path("CHANGELOG.md")
_UNRELEASED = "Unreleased"
# A version, which may be in brackets and be followed by its date, or "Unreleased".
_HEADING = re.compile(r"^## \[?(?P<name>[^\]\s]+).*$", re.MULTILINE)


class NotesError(StampError):
    """A changelog that does not tell of the release."""


def notes(changelog: str, tag: ReleaseTag) -> str:
    """The section of *changelog* that tells of *tag*, without its heading. Pure.

    A candidate may be told of under its own version, the one that it leads to, or
    "Unreleased"; a final only under its own.

    Raises:
        NotesError: If there is none, or it is empty.
    """
    headings = list(_HEADING.finditer(changelog))
    ends = [*(it.start() for it in headings[1:]), len(changelog)]
    sections = {
        it["name"]: changelog[it.end() : end].strip()
        for it, end in zip(headings, ends, strict=True)
    }
    names = [tag.version]
    if tag.channel != "stable":
        names += [tag.release, _UNRELEASED]
    for name in names:
        if text := sections.get(name):
            return text
    raise NotesError(
        f"{CHANGELOG} tells nothing of {tag.name}: write what is new under the heading "
        f'"## {" or ".join(names)}".'
    )


def main() -> int:
    """Print the notes; give the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m release.notes", description=__doc__
    )
    parser.add_argument("tag", metavar="TAG")
    tag = tags.parse(parser.parse_args().tag)
    if tag is None:
        parser.error("TAG must be a release tag, as v0.1.0 or v0.1.0rc1.")
    try:
        print(notes(CHANGELOG.read_text(encoding="utf-8"), tag))
    except (NotesError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
