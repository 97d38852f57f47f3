"""The OpenAPI document of each project agrees with its routes and its contracts."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from paperless_report import contract
from tests.worker.api import DOCUMENT, HIDDEN, METHODS
from tests.worker.client import get
from tests.worker.reports import REQUIRED
from usage_receiver import configuration, generate
from worker.local import toolchain
from worker.local.harness import Harness

PROJECTS = [
    path.parent for path in configuration.PAPERLESS_NGX.parent.glob("*/project.ts")
]
every_project = pytest.mark.parametrize(
    "project", PROJECTS, ids=[project.name for project in PROJECTS]
)
# Node reads a style sheet as text, like the bundler.
STYLES = """
import { registerHooks } from "node:module";
registerHooks({
  load: (url, context, next) =>
    url.endsWith(".css")
      ? { format: "module", source: "export default ''", shortCircuit: true }
      : next(url, context),
});
"""


def read(project: Path) -> dict[str, Any]:
    """The committed document of *project*."""
    text = (project / "openapi.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


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


def list_routes(project: Path) -> dict[str, set[str]]:
    """The methods of each path that the receiver of *project* answers."""
    modules = (
        project / "project.ts",
        toolchain.WORKER / "src" / "service" / "routes.ts",
        toolchain.WORKER / "receiver.ts",
    )
    code = "".join(
        f"const module{index} = await import({json.dumps(path.as_uri())});"
        for index, path in enumerate(modules)
    )
    code = (
        f"{STYLES}{code}"
        "const routes = module1.listRoutes(module0.project, module2.PARTS);"
        "console.log(JSON.stringify(routes.map(({ path, methods }) => [path, methods])));"
    )
    done = subprocess.run(
        (toolchain.NODE, "--input-type=module", "--eval", code),
        capture_output=True,
        text=True,
        check=True,
    )
    routes: dict[str, set[str]] = {}
    for path, methods in json.loads(done.stdout):
        routes.setdefault(path, set()).update(methods)
    return routes


@every_project
def test_the_committed_document_is_current(project: Path) -> None:
    assert read(project) == json.loads(generate.render_description(project)), (
        f"Run `nox -s describe -- --project projects/{project.name}`."
    )


@every_project
def test_every_reference_resolves(project: Path) -> None:
    document = read(project)

    for reference in references(document):
        assert reference.startswith("#/")
        assert resolve(document, reference), reference


@every_project
def test_the_described_paths_and_methods_are_those_of_the_receiver(
    project: Path,
) -> None:
    described = {
        path: {method.upper() for method in operations}
        for path, operations in read(project)["paths"].items()
    }

    # Every path answers OPTIONS, and with GET also HEAD: the description leaves both out.
    routes = {
        path: methods - {"HEAD", "OPTIONS"}
        for path, methods in list_routes(project).items()
    }
    # Where the retention covers no month, nothing is ever published there.
    months = {path for path in routes if "{month}" in path} - described.keys()
    assert described == {path: routes[path] for path in routes.keys() - months}


@every_project
def test_every_operation_has_its_own_name(project: Path) -> None:
    names = [
        operation.get("operationId")
        for operations in read(project)["paths"].values()
        for operation in operations.values()
    ]

    assert len(set(names)) == len(names)


def test_the_tests_know_every_path() -> None:
    described = {
        path: {method.upper() for method in methods}
        for path, methods in DOCUMENT["paths"].items()
    }

    known = METHODS | HIDDEN
    assert described == {path: known[path] - {"HEAD"} for path in known}


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_the_document_is_served_as_json_and_as_yaml(worker: Harness, path: str) -> None:
    answer = get(worker, path)

    suffix = path.rpartition(".")[2]
    assert answer.headers["Content-Type"] == f"application/{suffix}"
    assert yaml.safe_load(answer.text) == answer.json() == DOCUMENT


def test_the_document_has_the_contract_and_what_it_requires() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    declared = contract.load_schema()

    assert schemas["report"] == declared
    assert schemas["report-accepted"]["required"] == REQUIRED
    assert schemas["report-accepted"]["properties"] == {
        name: declared["properties"][name] for name in REQUIRED
    }


def test_an_answer_is_described_by_what_the_receiver_answers() -> None:
    """The samples come from the functions that build the answers."""
    responses = DOCUMENT["paths"]["/report"]["post"]["responses"]

    assert set(responses) == {"204", "400", "415", "429", "503"}
    assert "content" not in responses["204"]
    limited = responses["429"]["content"]["application/json"]
    assert [it["value"]["error"] for it in limited["examples"].values()] == [
        "already_submitted",
        "rate_limited",
    ]
    assert responses["429"]["headers"]["Retry-After"]["required"]
