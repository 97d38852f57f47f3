"""The operator's commands act on the database that deployment.jsonc names, with --remote.

They run with the real wrangler, which speaks to a stand-in for Cloudflare's API.
"""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.cloudflare_api import CloudflareApi, make_project
from tests.worker.database import split_statements
from tests.worker.reports import UUID
from usage_receiver import configuration
from worker.local import wrangler

pytestmark = pytest.mark.slow


@pytest.fixture
def api() -> Iterator[CloudflareApi]:
    api = CloudflareApi()
    with api.run():
        yield api


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("operator") / "project")


def test_sql_prints_the_rows_of_the_first_statement_that_has_any(
    api: CloudflareApi, project: Path
) -> None:
    statements = (
        "CREATE TABLE a (b);\nINSERT INTO a VALUES (1), ('é');\nSELECT * FROM a"
    )

    done = api.run_command("sql", "--remote", "--project", str(project), statements)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"b": 1}, {"b": "é"}]
    # Wrangler's usage data would go to another host.
    assert api.others == []


def test_a_backup_of_production_is_private_and_restores_every_row(
    api: CloudflareApi, project: Path, tmp_path: Path
) -> None:
    api.query("CREATE TABLE reports (uuid TEXT)")
    api.query("INSERT INTO reports VALUES ('it''s one'), ('two\nlines; -- not three')")
    rows = api.query("SELECT * FROM reports")
    file = tmp_path / "backup.sql"
    options = ("--remote", "--project", str(project), str(file))

    done = api.run_command("backup", *options)

    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    first_line, _, _ = file.read_text(encoding="utf-8").partition("\n")
    refused = api.run_command("restore", *options)
    assert refused.returncode == 1
    assert "The database has tables" in refused.stderr
    assert f"{project}/deployment.jsonc" in refused.stderr

    api.query("DROP TABLE reports")
    done = api.run_command("restore", *options)

    assert done.returncode == 0, done.stderr
    assert api.query("SELECT * FROM reports") == rows
    time = first_line.removeprefix("-- Backed up at ")
    assert f"Requests to forget that arrived after {time} are lost." in done.stdout
    assert "`nox -s count -- --remote URL`" in done.stdout
    assert api.others == []


def list_commands() -> bytes:
    """The arguments of every process, as every user of the machine sees them."""
    found = b""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += file.read_bytes()
    return found


def test_an_installation_is_excluded_without_showing_its_id_to_other_users(
    api: CloudflareApi, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "project")
    (project / "project.ts").symlink_to(configuration.PAPERLESS_NGX / "project.ts")
    for file in sorted((project / "migrations").glob("*.sql")):
        for statement in split_statements(file.read_text("utf-8")):
            api.query(statement)
    api.query(
        "INSERT INTO installations (uuid, received, first_received)"  # noqa: S608  # no input
        f" VALUES ('{UUID}', '2026-05-14', '2026-05-14')"
    )
    seen: list[bytes] = []
    api.on_request = lambda: seen.append(list_commands())
    ids = tmp_path / "ids"
    ids.write_text(f"{UUID}\n")
    options = ("--remote", "--project", str(project), "--ids", str(ids), "--yes")

    done = api.run_command("exclude", *options)

    assert done.returncode == 0, done.stderr
    assert "1 installation is excluded now." in done.stdout
    assert api.query("SELECT excluded FROM installations") == [{"excluded": 1}]
    assert api.others == []
    assert b"wrangler" in seen[0]
    # As the command's statements have it, too.
    for text in (UUID, json.dumps([UUID]).encode().hex()):
        assert text.encode() not in b"".join(seen)
        assert text not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("sql", "SELECT 1"), ("backup", "b.sql"), ("withhold", "arch", "mips")],
    ids=lambda it: it[0],
)
def test_remote_commands_refuse_the_placeholder_of_the_database(
    api: CloudflareApi, arguments: tuple[str, ...]
) -> None:
    done = api.run_command(*arguments, "--remote")

    assert done.returncode == 1
    assert "has only a placeholder for the database of production" in done.stderr
    assert not Path("b.sql").exists()


def test_wrangler_itself_gets_what_the_operator_owns_and_leaves_no_file(
    api: CloudflareApi, project: Path
) -> None:
    before = set(project.iterdir())

    printed = api.run_command(
        *("wrangler", "--project", str(project)),
        *("d1", "execute", "usage-reports", "--remote", "--command", "SELECT 7 AS n"),
    )

    assert printed.returncode == 0, printed.stderr
    assert "7" in printed.stdout
    # The first command links the engine; wrangler's own configuration is gone.
    assert set(project.iterdir()) - before <= {project / "node_modules"}
    assert api.others == []


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, {}),
        (
            {"d1_databases": [{"binding": "DB", "database_id": "mine"}]},
            {"database_id": "mine", "database_name": "usage-reports"},
        ),
        (
            {"ratelimits": [{"name": "LIMIT_ALL", "simple": {"limit": 7}}]},
            {"limits": [20, 60, 7]},
        ),
        ({"vars": {"RETENTION_DAYS": 31}}, {"retention": 31}),
        (
            {"routes": [{"pattern": "a.example", "custom_domain": True}]},
            {"routes": [{"pattern": "a.example", "custom_domain": True}]},
        ),
        # Only what is named there changes.
        ({"env": {"preview": {"name": "x"}}}, {"retention": 366}),
    ],
    ids=["nothing", "database", "limit", "retention", "routes", "another environment"],
)
def test_what_the_operator_owns_is_merged_over_the_configuration(
    tmp_path: Path, own: dict[str, object], expected: dict[str, object]
) -> None:
    project = make_project(tmp_path / "project")
    before = describe(project)
    file = configuration.deployment_file(project)
    file.write_text(f"// My own\n{json.dumps(own)}", encoding="utf-8")
    placeholder = "00000000-0000-0000-0000-000000000000"

    assert describe(project) == {**before, "database_id": placeholder, **expected}


def describe(project: Path) -> dict[str, object]:
    production = configuration.read_environment(None, project)
    (database,) = production["d1_databases"]
    return {
        **{name: database[name] for name in ("database_id", "database_name")},
        "limits": [it["simple"]["limit"] for it in production["ratelimits"]],
        "retention": production["vars"]["RETENTION_DAYS"],
        "routes": production.get("routes"),
    }


def test_the_preview_has_a_database_of_its_own(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    own = {"d1_databases": [{"binding": "DB", "database_id": "preview"}]}
    file = configuration.deployment_file(project)
    file.write_text(json.dumps({"env": {"preview": own}}), encoding="utf-8")

    (database,) = configuration.read_environment("preview", project)["d1_databases"]

    assert database["database_id"] == "preview"
    assert database["database_name"] == "usage-reports-preview"


@pytest.mark.parametrize("content", ['{"a": 1,}', "[]", "", '{"a": "b" // no\n}'])
def test_a_file_that_is_not_valid_is_named_with_the_fix(
    tmp_path: Path, content: str
) -> None:
    project = make_project(tmp_path / "project")
    file = configuration.deployment_file(project)
    file.write_text(content, encoding="utf-8")

    with pytest.raises(configuration.ConfigurationError) as error:
        wrangler.read_output(project, "d1", "list", "--remote")

    assert str(error.value).startswith(f"{file} is not valid: ")
