"""Every package that builds the Worker is pinned, and none is deployed."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.support.pages import ROOT
from usage_receiver import configuration
from worker.local import toolchain


def read_json(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        (toolchain.WORKER / name).read_text(encoding="utf-8")
    )
    return content


def test_every_dependency_is_pinned() -> None:
    package = read_json("package.json")

    # The Worker itself has none: these build it and run it on this machine.
    assert "dependencies" not in package
    for version in package["devDependencies"].values():
        assert re.fullmatch(r"[0-9.]+", version)


def test_the_lock_file_names_packages_by_hash_and_not_by_url() -> None:
    packages = read_json("package-lock.json")["packages"]
    installed = {name: package for name, package in packages.items() if name}

    assert installed
    for name, package in installed.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_the_bundle_holds_no_package_as_the_licence_page_says(tmp_path: Path) -> None:
    subprocess.run(
        toolchain.wrangler(
            *("deploy", "--env=", "--dry-run", "--metafile"),
            *("--outdir", str(tmp_path / "dist")),
        ),
        cwd=configuration.PAPERLESS_NGX,
        env=toolchain.clean_environment(tmp_path, os.environ),
        capture_output=True,
        check=True,
    )
    bundle = json.loads((tmp_path / "dist" / "bundle-meta.json").read_text("utf-8"))
    inputs = {
        (configuration.PAPERLESS_NGX / path).resolve() for path in bundle["inputs"]
    }

    assert configuration.PAPERLESS_NGX / "worker.ts" in inputs
    for path in inputs:
        assert path.is_relative_to(ROOT), path
        assert "node_modules" not in path.parts, path
    page = (ROOT / "docs" / "project" / "licences.md").read_text(encoding="utf-8")
    assert "| the Worker's bundle | no package" in page
