"""What the Worker is built with."""

import json
import re
from pathlib import Path
from typing import Any

WORKER = Path(__file__).parents[2] / "worker"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((WORKER / name).read_text(encoding="utf-8"))
    return found


def test_every_dependency_is_pinned() -> None:
    package = read("package.json")

    # None is in the Worker itself: these build it and run it here.
    assert "dependencies" not in package
    for version in package["devDependencies"].values():
        assert re.fullmatch(r"[0-9.]+", version)


def test_the_lock_file_names_packages_by_hash_not_by_place() -> None:
    packages = {
        name: it for name, it in read("package-lock.json")["packages"].items() if name
    }

    assert packages
    for name, it in packages.items():
        assert it["integrity"].startswith("sha512-"), name
        assert "resolved" not in it, name
