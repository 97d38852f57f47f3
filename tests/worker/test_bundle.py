"""What is sent up is this project's own: docs/licences.md says so."""

import json
import os
import subprocess
from pathlib import Path

from tests.support.pages import ROOT
from worker.local import toolchain


def test_no_package_of_others_is_in_the_bundle(tmp_path: Path) -> None:
    subprocess.run(
        toolchain.wrangler(
            *("deploy", "--env=", "--dry-run", "--metafile"),
            *("--outdir", str(tmp_path / "dist")),
        ),
        cwd=toolchain.WORKER,
        env=toolchain.environment(tmp_path, os.environ),
        capture_output=True,
        check=True,
    )
    bundle = json.loads((tmp_path / "dist" / "bundle-meta.json").read_text("utf-8"))
    inputs = {(toolchain.WORKER / it).resolve() for it in bundle["inputs"]}

    assert toolchain.WORKER / "src" / "index.ts" in inputs
    for it in inputs:
        assert it.is_relative_to(ROOT), it
        assert "node_modules" not in it.parts, it
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    assert "| the Worker's bundle | nothing of a package" in page
