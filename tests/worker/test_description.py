"""openapi.yaml agrees with the Worker and with the contract."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml

from tests.worker.api import CONTRACT, CONTRACT_FOLDER, DOCUMENT, METHODS, PATH
from tests.worker.client import get
from tests.worker.database import select_all
from tests.worker.reports import FIELDS, REQUIRED
from worker.local.harness import Harness

SCHEMAS = DOCUMENT["components"]["schemas"]


def references(document: object) -> Iterator[str]:
    match document:
        case dict():
            for key, value in document.items():
                yield from (value,) if key == "$ref" else references(value)
        case list():
            for value in document:
                yield from references(value)


def resolve(document: Any, fragment: str) -> Any:  # noqa: ANN401  # any JSON
    """The part of *document* that a JSON pointer names."""
    for part in fragment.split("/")[1:]:
        document = document[part]
    return document


def test_the_served_file_is_the_repositorys_with_its_references_adapted(
    worker: Harness,
) -> None:
    expected = PATH.read_text(encoding="utf-8").replace(CONTRACT_FOLDER, "")

    assert get(worker, "/openapi.yaml").text == expected


def test_every_reference_resolves_in_the_repository() -> None:
    for reference in references(DOCUMENT):
        file, _, fragment = reference.partition("#")
        document = (
            json.loads((PATH.parent / file).read_text(encoding="utf-8"))
            if file
            else DOCUMENT
        )
        assert resolve(document, fragment), reference


def test_every_reference_resolves_on_the_server(worker: Harness) -> None:
    for reference in references(yaml.safe_load(get(worker, "/openapi.yaml").text)):
        path, _, fragment = urljoin("/openapi.yaml", reference).partition("#")
        assert resolve(yaml.safe_load(get(worker, path).text), fragment), reference


def test_every_field_of_a_report_refers_to_the_contract() -> None:
    """None is declared a second time."""
    acceptable = SCHEMAS["AcceptableReport"]

    assert SCHEMAS["Report"]["$ref"] == CONTRACT
    assert SCHEMAS["InstallationID"]["$ref"] == f"{CONTRACT}#/properties/uuid"
    assert acceptable["required"] == REQUIRED
    assert acceptable["properties"] == {
        **{name: {"$ref": f"{CONTRACT}#/properties/{name}"} for name in REQUIRED},
        "uuid": {"$ref": "#/components/schemas/InstallationID"},
    }


def test_the_described_paths_and_methods_are_those_of_the_worker() -> None:
    described = {
        path: {method.upper() for method in methods}
        for path, methods in DOCUMENT["paths"].items()
    }

    # Every path with GET has HEAD too, which the description leaves out.
    assert described == {path: METHODS[path] - {"HEAD"} for path in METHODS}, (
        "Describe the paths and methods of every report kind in projects/paperless-ngx/openapi.yaml."
    )


@pytest.mark.slow
def test_schemathesis_finds_no_failure(worker: Harness, tmp_path: Path) -> None:
    """Hundreds of requests made from the description, the same in every run."""
    worker.read_log()

    done = subprocess.run(
        (
            Path(sys.executable).parent / "schemathesis",
            *("run", f"{worker.url}/openapi.yaml", "--checks", "all", "--no-color"),
            *("--max-examples", "120", "--generation-deterministic"),
            *("--continue-on-failure", "--warnings", "off"),
        ),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout
    assert worker.read_log() == []
    for row in select_all(worker):
        for name, field in FIELDS.items():
            value = row[name]
            if field.schema["type"] == "boolean" and value is not None:
                value = bool(value)
            assert field.fits(value) or (value is None and not field.required), row
