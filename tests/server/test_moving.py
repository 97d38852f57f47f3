"""A receiver moves from Cloudflare to a server of one's own with all its data."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from tests.server.databases import KNOWN, dump, fill
from tests.server.processes import run_receiver
from tests.server.serving import run
from tests.worker.client import Server
from tests.worker.cloudflare_api import CloudflareApi, make_project
from tests.worker.operator import SECRET
from usage_receiver import configuration
from usage_receiver.data import run_sql
from usage_receiver.database import DATABASE
from worker.local import database, serve

PROJECTS = configuration.PAPERLESS_NGX.parent
INSTALLATIONS = 40
# Of every project that counts events, in its own table.
COUNTERS = """INSERT INTO counters (day, event, pair, first, second)
    VALUES (date('now', '-1 day'), 'week', 'installation.app_version', '1.2.3', ''),
    (date('now', '-2 days'), 'print_done', 'origin', 'local', ''),
    (date('now', '-1 day'), 'install', 'targets,scope', 'claude', 'global')"""
# What belongs to one connection, or to the time of the request.
OWN_HEADERS = {
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
}
# By path: status, content and headers.
Answers = dict[str, tuple[int, bytes, dict[str, str]]]


@dataclass(frozen=True)
class Move:
    """A project, and the folders of its database on either runtime."""

    project: Path
    cloudflare: Path
    server: Path


@pytest.fixture(
    scope="module",
    params=[
        "paperless-ngx",
        *(
            pytest.param(name, marks=pytest.mark.nightly)
            for name in ("codegraph", "manyfold", "octoprint", "printernizer")
        ),
    ],
)
def move(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Move:
    """A project whose receiver has moved, with counted reports."""
    folder = tmp_path_factory.mktemp("move")
    move = Move(PROJECTS / request.param, folder / "cloudflare", folder / "server")
    serve.migrate(move.cloudflare, move.project)
    serve.fill(move.cloudflare, INSTALLATIONS, move.project)
    if "/operator/counters" in (move.project / "openapi.json").read_text("utf-8"):
        database.query(move.cloudflare, COUNTERS, move.project)
    serve.count(move.cloudflare, io.StringIO(), move.project)
    file = folder / "backup.sql"
    database.back_up(move.cloudflare, file, move.project)
    run("restore", move.server, str(file), "--project", str(move.project))
    return move


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET, "utf-8")
    file.chmod(0o600)
    return file


def list_paths(server: Server, project: Path) -> Iterator[str]:
    """Every path that can be read, with each published month and each counted event."""
    described = json.loads((project / "openapi.json").read_text("utf-8"))
    paths = [path for path, methods in described["paths"].items() if "get" in methods]
    for path in paths:
        if "{month}" in path:
            statistics = requests.get(f"{server.url}/stats", timeout=30).json()
            months = [it for it in statistics["periods"] if it[:2] == "20"]
            yield from (path.replace("{month}", month) for month in months)
        elif "{" not in path:
            parameters = described["paths"][path]["get"].get("parameters", [])
            events = [
                it["schema"]["enum"] for it in parameters if it.get("name") == "event"
            ]
            yield from (f"{path}?event={event}" for event in chain(*events))
            yield path


def read_all(server: Server, project: Path) -> Answers:
    answers: Answers = {}
    for path in list_paths(server, project):
        answer = requests.get(
            f"{server.url}{path}",
            headers={"Authorization": f"Bearer {SECRET}"},
            timeout=30,
            allow_redirects=False,
        )
        headers = {
            name.lower(): value
            for name, value in answer.headers.items()
            if name.lower() not in OWN_HEADERS
        }
        # Pages may name the address that they were requested from.
        content = answer.content.replace(server.url.encode(), b"URL")
        answers[path] = (answer.status_code, content, headers)
    return answers


def test_every_answer_is_the_same_after_the_move(move: Move, secret_file: Path) -> None:
    with serve.run_server(
        move.cloudflare, 0, io.StringIO(), move.project, secret_file=secret_file
    ) as (url, _):
        before = read_all(SimpleNamespace(url=url), move.project)
    variables = configuration.read_environment("local", move.project).get("vars", {})
    with run_receiver(
        move.server,
        project=str(move.project),
        migrations=str(move.project / "migrations"),
        vars=variables,
        secretFile=str(secret_file),
        # Nothing is counted meanwhile.
        cron=None,
    ) as receiver:
        after = read_all(receiver, move.project)

    # Counters are 400 without an event, or without a pair if the event has several.
    assert {status for status, _, _ in before.values()} <= {200, 302, 400}
    assert after == before


def test_every_row_is_the_same_after_the_move(move: Move) -> None:
    """With the secret of the published numbers, and the list of applied migrations."""
    columns = run_sql(
        move.server,
        "SELECT tables.name AS name, group_concat('quote(\"' || columns.name || '\")', ' || ')"
        " AS row FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns"
        " WHERE tables.type = 'table' AND tables.name NOT GLOB 'sqlite_*' GROUP BY 1",
    )
    # One statement, because each takes wrangler seconds.
    selected = [
        f'(SELECT group_concat(r) FROM (SELECT {row} AS r FROM "{name}" ORDER BY 1))'  # noqa: S608  # the database's own names
        for name, row in (table.values() for table in columns)
    ]
    sql = f"SELECT {', '.join(selected)}"

    assert database.query(move.cloudflare, sql, move.project) == run_sql(
        move.server, sql
    )


def test_production_moves_with_wranglers_own_export(tmp_path: Path) -> None:
    """Wrangler speaks to a stand-in for Cloudflare's API."""
    source = fill(tmp_path / "source", KNOWN).parent
    file = tmp_path / "backup.sql"
    api = CloudflareApi()
    with api.run():
        api.uploaded = dump(source / DATABASE, tmp_path / "production.sql").read_bytes()
        api.answer("import", {"action": "ingest"})
        options = ("--remote", "--project", str(make_project(tmp_path / "project")))
        done = api.run_command("backup", *options, str(file))
    assert done.returncode == 0, done.stderr

    printed = run("restore", tmp_path / "server", str(file), "--env", "local")

    time = file.read_text("utf-8").split("\n")[0].removeprefix("-- Backed up at ")
    assert f"Requests to forget that arrived after {time} are lost." in printed
    for table in ("reports", "rounding_secret"):
        sql = f"SELECT * FROM {table}"  # noqa: S608  # a table's name
        assert run_sql(tmp_path / "server", sql) == run_sql(source, sql)
