"""Migrations at the server's start, and `restore`, as an operator runs them."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
import requests

from tests.server.databases import KNOWN, fill
from tests.server.serving import attempt, run, serve
from usage_receiver import configuration, generate, scaffold
from usage_receiver.data import BACKUP, run_sql
from usage_receiver.database import DATABASE

OTHER = "5f0c8d0e-0a3c-4c0e-8f3e-0a1b2c3d4e5f"
SELECT = "SELECT uuid FROM reports ORDER BY uuid"


def fail(command: str, data: Path, *arguments: str) -> str:
    """Run a command that must fail, and return what it prints on standard error."""
    done = attempt(command, data, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of paperless-ngx's project, whose migrations a test may change."""
    copy = tmp_path / "root" / "projects" / "paperless-ngx"
    shutil.copytree(configuration.PAPERLESS_NGX, copy)
    # Its imports lead there.
    for name in ("worker", "paperless_report"):
        (tmp_path / "root" / name).symlink_to(
            configuration.PAPERLESS_NGX.parents[1] / name
        )
    return copy


def read_uuids(data: Path) -> list[str]:
    return [row["uuid"] for row in run_sql(data, SELECT)]


def test_the_server_migrates_at_its_start_after_a_backup(
    tmp_path: Path, older: Path
) -> None:
    data = fill(tmp_path / "data", KNOWN, migrations=older).parent

    with serve(data) as served:
        health = requests.get(f"{served.url}/health", timeout=30)

    assert health.status_code == 200
    assert read_uuids(data) == [KNOWN]
    run("restore", tmp_path / "restored", str(data / BACKUP))
    assert read_uuids(tmp_path / "restored") == [KNOWN]


def test_a_field_that_is_not_published_cannot_be_withheld(tmp_path: Path) -> None:
    """A wrong name would be stored, and the value would stay in the statistics."""
    data = tmp_path / "data"
    with serve(data, "--sample", "25"):
        pass
    select = "SELECT field, value FROM withheld_values"

    printed = fail("withhold", data, "edition", "9.9.9")

    assert printed.startswith("edition is not a published field")
    assert "version" in printed
    assert run_sql(data, select) == []
    # A published field may be withheld before any edition has the value.
    run("withhold", data, "version", "9.9.9")
    assert run_sql(data, select) == [{"field": "version", "value": "9.9.9"}]


def test_a_closed_month_keeps_the_name_of_a_field_that_can_be_withheld(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with serve(data, "--sample", "25"):
        pass
    run_sql(
        data,
        "UPDATE publications SET body = replace(body, '\"arch\":', '\"cpu\":')",
    )
    (row,) = run_sql(
        data,
        "SELECT cell.atom AS value FROM publications, json_tree(body) AS cell"
        " WHERE cell.key = 'value' AND cell.path LIKE '%.cpu.cells[%' LIMIT 1",
    )

    run("withhold", data, "cpu", row["value"])

    (stored,) = run_sql(data, "SELECT field FROM withheld_values")
    assert stored == {"field": "cpu"}


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, project: Path) -> None:
    data = fill(tmp_path / "data", KNOWN).parent
    before = run_sql(data, "SELECT name, sql FROM sqlite_schema")
    migrations = project / "migrations"
    (migrations / "0100_good.sql").write_text("CREATE TABLE good (id);", "utf-8")
    (migrations / "0101_bad.sql").write_text("CREATE TABLE reports (id);", "utf-8")

    printed = fail("serve", data, "--project", str(project), "--port", "0")

    assert "The migration 0101_bad.sql failed, and nothing has changed" in printed
    assert run_sql(data, "SELECT name, sql FROM sqlite_schema") == before


def test_a_restore_deletes_what_is_older_than_the_retention_at_once(
    tmp_path: Path,
) -> None:
    source = fill(tmp_path / "source", KNOWN, OTHER).parent
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    old = "2020-01-01T00:00:00.000Z"
    run_sql(source, f"UPDATE reports SET received = '{old}' WHERE uuid = '{KNOWN}'")  # noqa: S608
    run_sql(source, f"UPDATE reports SET received = '{now}' WHERE uuid = '{OTHER}'")  # noqa: S608
    run("backup", source, str(tmp_path / "saved.sqlite"))

    printed = run("restore", tmp_path / "new", str(tmp_path / "saved.sqlite"))

    assert "report: purged 1, older than 366 days" in printed
    assert f"Requests to forget that arrived after {now} are lost." in printed
    assert read_uuids(tmp_path / "new") == [OTHER]
    assert KNOWN.encode() not in (tmp_path / "new" / DATABASE).read_bytes()


def test_a_restore_beside_a_server_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "source", KNOWN)
    run("backup", tmp_path / "source", str(tmp_path / "saved.sqlite"))
    with serve(tmp_path / "data"):
        printed = fail("restore", tmp_path / "data", str(tmp_path / "saved.sqlite"))

    assert "Another process serves or restores the database" in printed


def test_a_count_without_a_database_creates_none(tmp_path: Path) -> None:
    printed = fail("count", tmp_path / "dta")

    assert (
        printed
        == f"There is no database at {tmp_path / 'dta' / DATABASE}. Check --data.\n"
    )
    assert not (tmp_path / "dta").exists()


@pytest.mark.parametrize("command", ["serve", "count", "restore"])
def test_a_database_from_a_newer_version_is_refused_by_every_command(
    tmp_path: Path, command: str
) -> None:
    data = fill(tmp_path / "data", KNOWN).parent
    run_sql(data, "INSERT INTO d1_migrations (name) VALUES ('9999_newer.sql')")
    run("backup", data, str(tmp_path / "saved.sqlite"))
    arguments: tuple[str, ...] = ("--port", "0") if command == "serve" else ()
    if command == "restore":
        data, arguments = tmp_path / "new", (str(tmp_path / "saved.sqlite"),)

    printed = fail(command, data, *arguments)

    assert "The database is from a newer version" in printed
    assert "9999_newer.sql" in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    "command", ["serve", "restore", pytest.param("count", marks=pytest.mark.nightly)]
)
def test_a_contract_without_its_migration_is_refused_by_every_command(
    tmp_path: Path, command: str
) -> None:
    """Every report would be answered 503."""
    project, data = tmp_path / "shelf", tmp_path / "data"
    scaffold.create(project, "Shelf life")
    of_project = ("--project", str(project))
    with serve(data, *of_project):
        pass
    run("backup", data, str(tmp_path / "saved.sqlite"))
    schema = project / "report.schema.json"
    contract = json.loads(schema.read_text("utf-8"))
    for name in ("colour", "height"):
        described = {"title": name, "description": name, "type": "integer"}
        contract["properties"][name] = {**described, "minimum": 0, "maximum": 9}
    schema.write_text(json.dumps(contract), "utf-8")
    arguments = {"restore": (str(tmp_path / "saved.sqlite"),), "serve": ("--port", "0")}
    target = tmp_path / "new" if command == "restore" else data

    printed = fail(command, target, *of_project, *arguments.get(command, ()))

    assert printed.startswith(
        "A migration is missing: the contract needs reports.colour, reports.height, "
    )
    assert f"`usage-receiver migrate --project {project}`" in printed
    assert printed.count("\n") == 1
    generate.write_migration(project)
    if command == "serve":
        with serve(data, *of_project) as served:
            health = requests.get(f"{served.url}/health", timeout=30)
        assert health.status_code == 200
    else:
        run(command, target, *of_project, *arguments.get(command, ()))


def test_a_column_that_was_dropped_by_hand_is_named(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", KNOWN).parent
    run_sql(data, "ALTER TABLE reports DROP COLUMN database")

    printed = fail("serve", data, "--port", "0")

    assert printed.startswith("The database lacks reports.database, although all")
    assert "`usage-receiver restore`" in printed
