"""On every database that the host supports: few and bounded queries that break nothing."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.needs import require
from tests.support.preview import read_preview

pytestmark = [pytest.mark.slow, pytest.mark.point("P1")]

ROOT = Path(__file__).parents[2]
FEW, MANY = 100_000, 1_000_000
MOST_ROWS = 50_001
MOST_QUERIES = 4

# How each database generates N rows.
ROWS = {
    "sqlite3": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < {n}) SELECT i FROM n",
    "postgresql": "SELECT i FROM generate_series(1, {n}) AS n(i)",
    "mysql": "SELECT seq AS i FROM seq_1_to_{n}",
}

# These two run in the host, in `manage.py shell`.
ADD = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO documents_document (title, created) "
                   "SELECT 'canary', %s FROM (%s) AS rows_to_add")
    # A server would do this by itself after a while.
    cursor.execute({"postgresql": "ANALYZE", "sqlite": "SELECT 1"}.get(
        connection.vendor, "ANALYZE TABLE documents_document"))
"""
# The other two databases take a string.
DAY = {"postgresql": "DATE '2026-05-18'"}
MEASURE = """
import io, json
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
connection.ensure_connection()
steps = [0]
if connection.vendor == "sqlite":
    def step():
        steps[0] += 1
    connection.connection.set_progress_handler(step, 100)
with CaptureQueriesContext(connection) as queries:
    call_command("send_usage_report", dry_run=True, stdout=io.StringIO())
taken = steps[0]
sql = [it["sql"] for it in queries.captured_queries]
(count,) = [it for it in sql if "documents_document" in it]
plan = None
with connection.cursor() as cursor:
    if connection.vendor == "postgresql":
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + count)
        plan = cursor.fetchone()[0]
    elif connection.vendor == "mysql":
        cursor.execute("ANALYZE FORMAT=JSON " + count)
        plan = json.loads(cursor.fetchone()[0])
print(json.dumps({"queries": sql, "plan": plan, "steps": taken}))
"""
# Calls the command from a transaction, on a host that lacks the table of documents.
CALL = """
import io
from contextlib import nullcontext
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from documents.models import Document
Document._meta.db_table = "lost"
connection.set_autocommit({autocommit})
printed = io.StringIO()
with transaction.atomic() if {autocommit} else nullcontext():
    User.objects.create(username="{name}")
    call_command("send_usage_report", dry_run=True, stdout=printed)
    assert User.objects.filter(username="{name}").exists()
if not {autocommit}:
    connection.commit()
    connection.set_autocommit(True)
assert User.objects.filter(username="{name}").exists()
print(printed.getvalue())
"""


class Host:
    """The demo host on one database."""

    def __init__(self, engine: str, data: Path, environ: dict[str, str]) -> None:
        self.engine = engine
        self._environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}",
            "PAPERLESS_DATA_DIR": str(data),
            **environ,
        }
        self.manage("migrate", "--verbosity", "0", "--skip-checks")

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            (sys.executable, str(ROOT / "demo" / "manage.py"), *arguments),
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def run(self, code: str) -> str:
        return self.manage("shell", "--verbosity", "0", "--command", code)

    def add(self, count: int) -> None:
        day = DAY.get(self.engine, "'2026-05-18'")
        self.run(ADD % (day, ROWS[self.engine].format(n=count)))


SERVERS: dict[
    str,
    tuple[tuple[str, ...], Callable[[], AbstractContextManager[dict[str, str]]]],
] = {
    "sqlite3": ((), lambda: contextlib.nullcontext({})),
    "postgresql": (databases.POSTGRESQL, databases.postgresql),
    "mysql": (databases.MARIADB, databases.mariadb),
}


@pytest.fixture(scope="module", params=SERVERS)
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """The demo host with a hundred thousand documents."""
    programs, server = SERVERS[request.param]
    require(*programs)
    with server() as environ:
        host = Host(request.param, tmp_path_factory.mktemp("data"), environ)
        host.add(FEW)
        yield host


def rows_read(plan: object) -> Iterator[float]:
    """Yield how many rows each step of an executed plan returned."""
    match plan:
        case dict():
            for key, value in plan.items():
                if key in {"Actual Rows", "r_rows"} and value is not None:
                    yield value
                yield from rows_read(value)
        case list():
            for step in plan:
                yield from rows_read(step)


def test_the_report_names_the_database(host: Host) -> None:
    printed = host.manage("send_usage_report", "--dry-run")

    shown = read_preview(printed)
    assert (shown["database"], shown["doc_bucket"]) == (host.engine, "50000+")


def test_every_field_from_the_database_is_in_the_report(host: Host) -> None:
    report = json.loads(host.manage("send_usage_report", "--json"))

    assert {"doc_bucket", "multi_user", "feature_mail", "feature_ai"} < set(report)


@pytest.mark.point("C13")
@pytest.mark.parametrize(("name", "autocommit"), [("a", True), ("b", False)])
def test_a_missing_table_costs_its_own_field_and_not_the_callers_transaction(
    host: Host, name: str, *, autocommit: bool
) -> None:
    printed = host.run(CALL.format(name=name, autocommit=autocommit))

    shown = read_preview(printed)
    assert "doc_bucket" not in shown
    assert {"multi_user", "feature_mail", "feature_ai"} <= set(shown)


@pytest.mark.nightly
def test_ten_times_as_many_documents_cost_no_more(host: Host) -> None:
    few = json.loads(host.run(MEASURE))
    host.add(MANY - FEW)
    many = json.loads(host.run(MEASURE))

    for measured in (few, many):
        assert len(measured["queries"]) <= MOST_QUERIES, measured["queries"]
        if measured["plan"]:
            assert 0 < max(rows_read(measured["plan"])) < MOST_ROWS
    assert many["queries"] == few["queries"]
    assert many["steps"] == few["steps"]
