"""openapi.yaml: true of the Worker, and of the contract."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
import yaml

from paperless_report import contract
from tests.worker.test_routes import METHODS
from worker.local import toolchain
from worker.local.harness import Harness

FILE = toolchain.WORKER / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
FOLDER = "../paperless_report/contract/"
CONTRACT = f"{FOLDER}report.schema.json"


def references(document: object) -> Iterator[str]:
    match document:
        case dict():
            for key, value in document.items():
                yield from (value,) if key == "$ref" else references(value)
        case list():
            for value in document:
                yield from references(value)


def get(worker: Harness, path: str) -> requests.Response:
    return requests.get(f"{worker.url}{path}", timeout=30)


def pointed_at(document: Any, fragment: str) -> Any:  # noqa: ANN401  # any JSON
    for part in fragment.split("/")[1:]:
        document = document[part]
    return document


def test_what_is_served_is_the_file_but_for_where_the_contract_lies(
    worker: Harness,
) -> None:
    text = get(worker, "/openapi.yaml").text

    assert text == FILE.read_text(encoding="utf-8").replace(FOLDER, "")


def test_the_contract_is_served_as_it_is(worker: Harness) -> None:
    assert get(worker, "/report.schema.json").json() == contract.load_schema()


@pytest.mark.parametrize("path", ["/openapi.yaml", "/report.schema.json"])
def test_any_page_may_read_it_and_any_cache_keep_it(worker: Harness, path: str) -> None:
    headers = get(worker, path).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_reference_leads_somewhere_in_the_repository() -> None:
    for reference in references(DOCUMENT):
        file, _, fragment = reference.partition("#")
        document = (
            json.loads((FILE.parent / file).read_text(encoding="utf-8"))
            if file
            else DOCUMENT
        )
        assert pointed_at(document, fragment), reference


def test_every_reference_leads_somewhere_on_the_wire(worker: Harness) -> None:
    place = f"{worker.url}/openapi.yaml"
    served = yaml.safe_load(requests.get(place, timeout=30).text)

    for reference in references(served):
        url, _, fragment = urljoin(place, reference).partition("#")
        document = yaml.safe_load(requests.get(url, timeout=30).text)
        assert pointed_at(document, fragment), reference


def test_fields_are_the_contracts_own() -> None:
    """None is declared a second time: each is a reference."""
    required = contract.load_schema()["required"]
    acceptable = SCHEMAS["AcceptableReport"]

    assert SCHEMAS["Report"]["$ref"] == CONTRACT
    assert SCHEMAS["InstallationID"]["$ref"] == f"{CONTRACT}#/properties/uuid"
    assert acceptable["required"] == required
    assert acceptable["properties"] == {
        "uuid": {"$ref": "#/components/schemas/InstallationID"},
        **{
            name: {"$ref": f"{CONTRACT}#/properties/{name}"}
            for name in required
            if name != "uuid"
        },
    }


def test_its_paths_and_methods_are_those_of_the_worker() -> None:
    described = {
        path: {method.upper() for method in methods}
        for path, methods in DOCUMENT["paths"].items()
    }

    # Whatever has GET has HEAD, and that need not be said.
    assert described == {path: taken - {"HEAD"} for path, taken in METHODS.items()}


@pytest.mark.slow
def test_schemathesis_finds_no_failure(worker: Harness, tmp_path: Path) -> None:
    """Hundreds of requests made from the document, the same in every run."""
    worker.logged()

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
    assert worker.logged() == []
    for row in worker.query("SELECT * FROM reports"):
        for name, field in contract.load_fields().items():
            kept = row[name]
            if field.schema["type"] == "boolean" and kept is not None:
                kept = bool(kept)
            assert (kept is None and not field.required) or field.fits(kept), row
