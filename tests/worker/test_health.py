"""`GET /health` names each table and column that the database lacks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.worker.changed_contracts import SampleProject
from tests.worker.client import get
from usage_receiver import configuration, generate
from worker.local.harness import Harness, run_worker

PROJECT = """
import { defineProject, defineReportKind } from "usage-receiver";
import schema from "./report.schema.json" with { type: "json" };

const { "x-once-in-days": _, ...unlimited } = schema;
export const project = defineProject({
  name: "sample",
  privacyPage: "https://example.org/privacy",
  kinds: [
    defineReportKind({
      name: "report",
      schema,
      storage: { mode: "once", table: "reports", latestTable: "installations" },
    }),
    defineReportKind({
      name: "ping",
      schema: unlimited,
      storage: { mode: "latest", table: "pings", perHour: 3 },
    }),
  ],
  overTime: { field: "version", plural: "versions" },
});
"""
WORKER = """
import { toWorker } from "usage-receiver/cloudflare";
import { createReceiver } from "usage-receiver/receiver";
import { project } from "./project.ts";

export const receiver = createReceiver(project);

export default toWorker(receiver);
"""
FIELDS = ("version", "size", "users")
COLUMNS = {
    "reports": ("id", "received", "uuid", *FIELDS),
    "installations": (
        *("uuid", "received", "first_received", "excluded"),
        *("version", "size"),
    ),
    "pings": (
        *("uuid", "first_day", "last_day", "excluded", "hour_start", "sent_in_hour"),
        *FIELDS,
    ),
    "publications": (*("kind", "period", "as_of", "body", "counted_until", "removed"),),
    "withheld_values": ("field", "value"),
    "rounding_secret": ("id", "secret"),
}


@pytest.fixture(scope="module")
def both_modes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """The receiver of a project with a report kind of each storage mode."""
    project = SampleProject(tmp_path_factory.mktemp("health") / "sample", PROJECT)
    generate.write_migration(project.folder)
    (project.folder / "worker.ts").write_text(WORKER, encoding="utf-8")
    config = configuration.read_environment("local")
    with run_worker({"config": config}, project.folder) as worker:
        yield worker


@contextmanager
def renamed(worker: Harness, table: str, columns: Sequence[str] = ()) -> Iterator[None]:
    """Take a table, or some of its columns, away until the end of the block."""
    changes = [(f'RENAME COLUMN "{name}"', f'"hidden_{name}"') for name in columns]
    changes = changes or [("RENAME", "hidden")]
    for change, name in changes:
        worker.query(f'ALTER TABLE "{table}" {change} TO {name}')
    try:
        yield
    finally:
        if columns:
            for name in columns:
                worker.query(
                    f'ALTER TABLE "{table}" RENAME COLUMN "hidden_{name}" TO "{name}"'
                )
        else:
            worker.query(f'ALTER TABLE hidden RENAME TO "{table}"')


def assert_named(worker: Harness, *missing: str) -> None:
    """Check that the answer and the log name exactly what is missing."""
    worker.read_log()
    answer = get(worker, "/health?what=ever")
    names = ", ".join(missing)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert answer.json() == {
        "error": "outdated_schema",
        "detail": f"The database lacks {names}. Apply the project's migrations.",
    }
    assert worker.read_log() == [f"health: the database lacks {names}"]


def test_an_empty_database_is_healthy(worker: Harness) -> None:
    response = get(worker, "/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("table", COLUMNS)
def test_a_missing_table_is_named(both_modes: Harness, table: str) -> None:
    with renamed(both_modes, table):
        assert_named(both_modes, table)
    assert get(both_modes, "/health").status_code == 200


@pytest.mark.parametrize("table", COLUMNS)
def test_every_missing_column_is_named(both_modes: Harness, table: str) -> None:
    for column in COLUMNS[table]:
        with renamed(both_modes, table, [column]):
            assert_named(both_modes, f"{table}.{column}")
    with renamed(both_modes, table, COLUMNS[table]):
        answer = get(both_modes, "/health").json()["detail"]
    assert all(f"{table}.{column}" in answer for column in COLUMNS[table])
    assert get(both_modes, "/health").status_code == 200


def test_tables_and_columns_are_named_together(both_modes: Harness) -> None:
    with renamed(both_modes, "pings"), renamed(both_modes, "reports", ["size"]):
        assert_named(both_modes, "reports.size", "pings")


def test_a_column_that_the_contract_does_not_have_is_no_fault(
    both_modes: Harness,
) -> None:
    both_modes.query("ALTER TABLE reports ADD COLUMN removed_field TEXT")
    try:
        assert get(both_modes, "/health").status_code == 200
    finally:
        both_modes.query("ALTER TABLE reports DROP COLUMN removed_field")
