"""A schema comes from a file, a package, a module's folder, or the code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from paperless_report.contract import location

SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    "name_source",
    [
        lambda _: SCHEMA,
        lambda folder: folder / "report.schema.json",
        lambda folder: str(folder / "report.schema.json"),
        lambda _: "shelf_package:report.schema.json",
        lambda _: "shelf_module:report.schema.json",
    ],
    ids=["the schema", "a path", "a path as text", "a package", "a module"],
)
def test_a_schema_is_read_from(
    name_source: Callable[[Path], str | Path | Mapping[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = tmp_path / "shelf_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (tmp_path / "shelf_module.py").touch()
    for folder in (tmp_path, package):
        (folder / "report.schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    assert location.read_schema(name_source(tmp_path)) == SCHEMA
