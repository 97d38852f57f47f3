"""Takes the notes of one release from CHANGELOG.md: `python -m release.notes TAG`."""

import argparse
import re
import sys
from pathlib import Path

from build_hooks import tags
from build_hooks.tags import ReleaseTag
from release.errors import NotesError

CHANGELOG = Path("CHANGELOG.md")
_UNRELEASED = "Unreleased"
# A version, possibly in brackets and followed by its date, or "Unreleased".
_HEADING = re.compile(r"^## \[?(?P<name>[^\]\s]+).*$", re.MULTILINE)


def find_notes(changelog: str, tag: ReleaseTag) -> str:
    """Return the section of *changelog* about *tag*, without its heading. Pure.

    The section of a candidate may have its own version, the coming final version or
    "Unreleased" as its heading. The section of a final must have its own version.

    Raises:
        NotesError: If there is no such section, or it is empty.
    """
    headings = list(_HEADING.finditer(changelog))
    ends = [*(it.start() for it in headings[1:]), len(changelog)]
    sections = {
        heading["name"]: changelog[heading.end() : end].strip()
        for heading, end in zip(headings, ends, strict=True)
    }
    names = [tag.version]
    if tag.channel != "stable":
        names += [tag.release, _UNRELEASED]
    for name in names:
        if text := sections.get(name):
            return text
    raise NotesError(
        f"{CHANGELOG} has no notes for {tag.name}: write them under the heading "
        f'"## {" or ".join(names)}".'
    )


def main() -> int:
    """Print the notes and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m release.notes", description=__doc__
    )
    parser.add_argument("tag", metavar="TAG")
    tag = tags.parse(parser.parse_args().tag)
    if tag is None:
        parser.error("TAG must be a release tag, such as v0.1.0 or v0.1.0rc1.")
    try:
        print(find_notes(CHANGELOG.read_text(encoding="utf-8"), tag))
    except (NotesError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
