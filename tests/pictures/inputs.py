"""Hashes the files that decide what a picture shows, to notice when it is out of date.

These are only the files that make the page, its style, its sample data and the script that
takes the picture: not what counts, stores or serves, which changes more often than what is
seen.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from tests.support.pages import ROOT

FOLDER = ROOT / "docs" / "pictures"
# The hashes of the inputs, when the pictures were taken.
RECORD = FOLDER / "inputs.json"
Hashes = Mapping[str, str]


def find_inputs() -> Mapping[str, tuple[Path, ...]]:
    """List the inputs of each group of pictures, by the pattern of the pictures' names."""
    page = ROOT / "paperless_report" / "page"
    return {
        "statistics.png": (
            *find_imported(ROOT / "worker" / "site" / "statistics-page.ts"),
            ROOT / "tests" / "worker" / "population.py",
            Path(__file__).with_name("statistics_page.py"),
        ),
        "page-*.png": (
            *(page / f"{it}.py" for it in ("render", "sections", "records", "texts")),
            *(page / "next_report.py", page / "style.css"),
            Path(__file__).with_name("admin_page.py"),
        ),
    }


def find_imported(module: Path) -> list[Path]:
    """List *module*, and the files of its folder that it imports, directly or not."""
    found, todo = set[Path](), [module]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".ts":
            names = re.findall(r' from "\./([^"]+)"', path.read_text("utf-8"))
            todo += [path.with_name(it) for it in names]
    return sorted(found)


def hash_inputs() -> dict[str, Hashes]:
    """Return the SHA-256 of each input as it is now, by pictures and the input's path."""
    return {
        pictures: {
            path.relative_to(ROOT).as_posix(): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            for path in paths
        }
        for pictures, paths in find_inputs().items()
    }


def write_record() -> None:
    """Store the hashes of the inputs beside the pictures."""
    RECORD.write_text(json.dumps(hash_inputs(), indent=2) + "\n", encoding="utf-8")


def list_changes(recorded: Hashes, current: Hashes) -> list[str]:
    """List the inputs that were changed, added or removed since they were recorded."""
    paths = recorded.keys() | current.keys()
    return sorted(it for it in paths if recorded.get(it) != current.get(it))
