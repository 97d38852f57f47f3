"""Schemathesis finds no failure in any project's receiver, and nothing stored that does not fit."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paperless_report import contract
from tests.worker.client import get
from tests.worker.database import select_all, tables
from tests.worker.operator import SECRET
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

PROJECTS = sorted(
    file.parent.name for file in configuration.PAPERLESS_NGX.parent.glob("*/project.ts")
)
# With reports, or the facts of installations.
TABLES = {"reports", "installations", "machines", "instances"}


@pytest.fixture
def run_operated() -> Iterator[Callable[[str], Harness]]:
    """A function that starts a project's receiver with the operator's view."""
    with contextlib.ExitStack() as running:

        def run(name: str) -> Harness:
            project = configuration.PAPERLESS_NGX.parent / name
            local = configuration.read_environment("local", project)
            variables = {**local.get("vars", {}), "OPERATOR_SECRET": SECRET}
            config = {"config": {**local, "vars": variables}}
            return running.enter_context(run_worker(config, project))

        yield run


# Each needs some ten seconds even with few examples.
BY_DAY = "paperless-ngx"
RUNS = [
    pytest.param(BY_DAY, "examples,fuzzing", 5, id=f"{BY_DAY}-5 examples"),
    *(
        pytest.param(
            *(name, "examples,coverage,fuzzing,stateful", 400),
            id=f"{name}-400 examples",
            marks=pytest.mark.nightly,
        )
        for name in PROJECTS
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("project", "phases", "examples"), RUNS)
def test_schemathesis_finds_no_failure(
    run_operated: Callable[[str], Harness],
    tmp_path: Path,
    project: str,
    phases: str,
    examples: int,
) -> None:
    """Hundreds of requests made from the receiver's own description, the same in every run."""
    worker = run_operated(project)
    worker.read_log()

    done = subprocess.run(
        (
            Path(sys.executable).parent / "schemathesis",
            *("run", f"{worker.url}/openapi.json", "--checks", "all", "--no-color"),
            *("--header", f"Authorization: Bearer {SECRET}"),
            # One runs the daily work. For the others, OpenAPI cannot say which pair
            # belongs to which event, so some queries that fit the description get 400.
            *("--exclude-path-regex", "^/operator/count"),
            *("--phases", phases, "--max-examples", str(examples)),
            "--generation-deterministic",
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
    assert_rows_fit(worker)


def assert_rows_fit(worker: Harness) -> None:
    """Every stored value fits the contract, or is absent where it may be."""
    schemas = get(worker, "/openapi.json").json()["components"]["schemas"].values()
    schema = next(it for it in schemas if "x-installation-id" in it)
    fields = contract.parse_fields(schema)
    rows = [row for it in TABLES & {*tables(worker)} for row in select_all(worker, it)]
    assert rows
    for row in rows:
        for name in fields.keys() & row.keys():
            assert fits_column(fields[name], row[name]), (name, row[name])


def fits_column(field: contract.Field, value: Any) -> bool:  # noqa: ANN401  # any column
    if value is None:
        return not field.required or "x-drop-invalid" in field.schema
    match field.schema["type"]:
        case "boolean":
            return field.fits(bool(value))
        case "array":
            return field.fits(json.loads(value))
    # A time may be stored as its day.
    return field.fits(value) or field.fits(f"{value}T00:00")
