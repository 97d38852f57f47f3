"""An existing database upgrades in place, and nothing exact survives the first run."""

import io
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear, select_all
from tests.worker.failing_database import failing
from tests.worker.population import store_identical
from tests.worker.statistics import (
    WINDOWS,
    get_statistics,
    publish,
    read_publications,
    read_secret,
    round_count,
)
from usage_receiver import configuration
from worker.local import database, serve, toolchain
from worker.local.harness import Harness

MIGRATIONS = configuration.PAPERLESS_NGX / "migrations"
# What releases before migration 0004 stored of a month: exact counts, the large ones of
# which they published.
CELLS = {
    ("arch", '"x86_64"'): 60,
    ("arch", '"aarch64"'): 30,
    ("arch", '"my-very-own-machine"'): 1,
    ("arch", "null"): 9,
    ("channel", '"beta"'): 40,
    ("channel", '"stable"'): 60,
    ("multi_user", "1"): 100,
    ("commit", '"bd86dca57"'): 40,
}
MONTH = {
    "from": "2026-04-01T00:00:00.000Z",
    "until": "2026-05-01T00:00:00.000Z",
    "total": 100,
    "fields": {
        "arch": {"cells": [{"value": "x86_64", "installs": 60}], "withheld": True}
    },
    "betas": None,
}
RUNNING = MONTH | {"from": MONTH["until"], "until": "2026-05-18T03:17:00.000Z"}
AS_OF = "2026-05-01T03:17:00.000Z"
EARLIER = {"2026-04": MONTH, "2026-05": RUNNING, **dict.fromkeys(WINDOWS, RUNNING)}

# As the Worker from before migration 0004 counts, publishes, stores and forgets.
EARLIER_STATEMENTS = """
    DELETE FROM cells WHERE period IN ('30d');
    INSERT INTO cells (kind, period, field, value, installs)
      VALUES ('report', '30d', 'arch', 'null', 3)
      ON CONFLICT DO UPDATE SET installs = installs + excluded.installs;
    INSERT OR REPLACE INTO publications (kind, period, as_of, body)
      VALUES ('report', '30d', 'now', '{}');
    INSERT INTO installations (received, uuid, arch) SELECT 'now', 'id', 'arm64'
      WHERE TRUE ON CONFLICT (uuid) DO UPDATE SET received = excluded.received;
"""


def insert_earlier() -> str:
    """The statements that store what an earlier release counted and published."""
    publications = ", ".join(
        f"('report', '{period}', '{AS_OF}', '{json.dumps(body)}')"
        for period, body in EARLIER.items()
    )
    cells = ", ".join(
        f"('report', '{period}', '{field}', '{value}', {count})"
        for period in EARLIER
        for (field, value), count in CELLS.items()
    )
    return (
        "INSERT INTO publications (kind, period, as_of, body)"  # noqa: S608  # the test's own values
        f" VALUES {publications};"
        f"INSERT INTO cells (kind, period, field, value, installs) VALUES {cells};"
    )


@pytest.fixture
def upgraded(worker: Harness) -> Harness:
    """The Worker with what an earlier release left in the database."""
    store_identical(worker, 40, midnight(2026, 5, 10), arch="x86_64")
    for statement in insert_earlier().split(";")[:-1]:
        worker.query(statement)
    return worker


def test_a_worker_from_before_the_migration_still_works() -> None:
    """Until the new Worker is deployed, and after a rollback."""
    database = sqlite3.connect(":memory:")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        database.executescript(path.read_text(encoding="utf-8"))

    for _ in range(2):
        database.executescript(EARLIER_STATEMENTS)

    assert database.execute("SELECT installs FROM cells").fetchall() == [(3,)]
    # Null marks it as published by the earlier rule.
    query = "SELECT period, counted_until FROM publications"
    assert database.execute(query).fetchall() == [("30d", None)]
    query = "SELECT first_received, excluded FROM installations"
    assert database.execute(query).fetchall() == [(None, 0)]
    database.close()


def test_every_database_draws_its_own_secret() -> None:
    secrets = set()
    for _ in range(3):
        database = sqlite3.connect(":memory:")
        for path in sorted(MIGRATIONS.glob("*.sql")):
            database.executescript(path.read_text(encoding="utf-8"))
        secrets |= set(database.execute("SELECT secret FROM rounding_secret"))
        database.close()

    assert len(secrets) == 3
    assert {len(secret) for (secret,) in secrets} == {32}


def test_the_first_run_rounds_closed_months_and_deletes_every_exact_count(
    upgraded: Harness,
) -> None:
    month = publish(upgraded)["2026-04"]

    secret = read_secret(upgraded)
    cells = {
        value: round_count(secret, count, "arch", json.dumps(value))
        for value, count in (("x86_64", 60), ("aarch64", 30))
    }
    arch = month["fields"]["arch"]["cells"]
    assert {cell["value"]: cell["installs"] for cell in arch} == cells
    assert month["total"] == round_count(secret, 100, "total")
    assert month["betas"]["total"] == 40
    assert {name: month[name] for name in ("as_of", "from", "until")} == {
        "as_of": AS_OF,
        "from": MONTH["from"],
        "until": MONTH["until"],
    }
    assert select_all(upgraded, "cells") == []
    assert "my-very-own" not in json.dumps(read_publications(upgraded))


def test_the_first_run_replaces_the_windows_and_the_running_month(
    upgraded: Harness,
) -> None:
    publications = publish(upgraded)

    assert set(publications) == {"2026-04", *WINDOWS}
    for period in WINDOWS:
        assert publications[period]["until"] == iso(midnight(2026, 5, 18))
    assert publish(upgraded, midnight(2026, 6, 1))["2026-05"]["total"] == 40


def test_numbers_of_the_earlier_rule_are_not_served(upgraded: Harness) -> None:
    """They are exact. The first run replaces them, within a day."""
    statistics = get_statistics(upgraded)

    assert statistics["periods"] == []
    assert statistics["total"] is None


def test_with_too_few_reports_the_first_run_deletes_the_windows(
    upgraded: Harness,
) -> None:
    clear(upgraded, "reports", "installations")

    assert set(publish(upgraded)) == {"2026-04"}


def test_a_first_run_that_fails_replaces_nothing(upgraded: Harness) -> None:
    before = read_publications(upgraded), select_all(upgraded, "cells")

    with failing(upgraded, "exact cells stay"):
        assert upgraded.run_cron(DUE) == "exception"

    assert (read_publications(upgraded), select_all(upgraded, "cells")) == before
    assert publish(upgraded)["2026-04"]["as_of"] == AS_OF


def test_an_installation_from_before_the_migration_is_not_new(worker: Harness) -> None:
    """Its next report must not look like its first."""
    store_identical(worker, 40, DUE - 9 * DAY, "a")
    worker.query("UPDATE installations SET first_received = NULL")
    publish(worker, DUE - 8 * DAY)
    report = {"version": "2.15.0", "channel": "stable", "install_type": "docker"}
    uuid = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
    worker.query(
        "INSERT INTO installations (uuid, received) VALUES (?1, ?2)",
        *(uuid, iso(DUE - 9 * DAY)),
    )
    answer = requests.post(
        f"{worker.url}/report",
        json={**report, "arch": "x86_64", "uuid": uuid},
        timeout=30,
    )

    assert answer.status_code == 204
    query = "SELECT first_received FROM installations WHERE uuid = ?1"
    assert worker.query(query, uuid) == [{"first_received": iso(DUE - 9 * DAY)}]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A project's folder without the migrations from 0004 on."""
    folder = tmp_path / "before"
    shutil.copytree(
        MIGRATIONS,
        folder / "migrations",
        ignore=lambda _, names: [name for name in names if name >= "0004"],
    )
    shutil.copy(configuration.wrangler_file(), folder)
    package = {"dependencies": {toolchain.ENGINE: f"file:{toolchain.WORKER}"}}
    (folder / "package.json").write_text(json.dumps(package), "utf-8")
    return folder


@pytest.mark.slow
def test_a_database_of_an_earlier_release_upgrades_in_place(
    tmp_path: Path, before: Path
) -> None:
    data = tmp_path / "data"
    serve.migrate(data, before)
    # One call, because each takes seconds.
    installation = "INSERT INTO installations (uuid, received) VALUES ('a', 'now')"
    database.query(data, insert_earlier() + installation)

    serve.migrate(data)

    row: dict[str, Any]
    (row,) = database.query(
        data,
        "SELECT uuid, first_received, excluded,"
        " (SELECT COUNT(*) FROM cells) AS cells,"
        " (SELECT group_concat(length(secret)) FROM rounding_secret) AS secrets"
        " FROM installations",
    )
    assert row == {
        "uuid": "a",
        "first_received": None,
        "excluded": 0,
        "cells": len(CELLS) * len(EARLIER),
        "secrets": "32",
    }
    with serve.run_server(data, 0, io.StringIO()) as (url, _):
        answer = requests.get(f"{url}/stats", timeout=30).json()
    assert answer["periods"] == []
