"""An existing database upgrades in place and keeps everything that is published."""

import io
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import requests

from worker.local import configuration, serve

MONTH = {
    "from": "2026-05-01T00:00:00.000Z",
    "until": "2026-06-01T00:00:00.000Z",
    "total": 12,
    "fields": {"arch": {"cells": [{"value": "x86_64", "installs": 12}]}},
    "betas": None,
}

# As the Worker from before report kinds counted and published.
EARLIER_STATEMENTS = """
    DELETE FROM cells WHERE period IN ('30d');
    INSERT INTO cells (period, field, value, installs) VALUES ('30d', 'arch', 'null', 3)
      ON CONFLICT DO UPDATE SET installs = installs + excluded.installs;
    INSERT INTO cells (period, field, value, installs) VALUES ('30d', 'arch', 'null', 4)
      ON CONFLICT DO UPDATE SET installs = installs + excluded.installs;
    INSERT OR REPLACE INTO publications (period, as_of, body) VALUES ('30d', 'now', '{}');
"""


def test_a_worker_from_before_report_kinds_still_counts_and_publishes() -> None:
    """Until the new Worker is deployed, and after a rollback."""
    database = sqlite3.connect(":memory:")
    migrations = configuration.PAPERLESS_NGX / "migrations"
    for path in sorted(migrations.glob("*.sql")):
        database.executescript(path.read_text(encoding="utf-8"))

    for _ in range(2):
        database.executescript(EARLIER_STATEMENTS)

    cells = database.execute("SELECT * FROM cells").fetchall()
    assert cells == [("report", "30d", "arch", "null", 7)]
    publications = database.execute("SELECT * FROM publications").fetchall()
    assert publications == [("report", "30d", "now", "{}")]
    database.close()


@pytest.mark.slow
def test_statistics_from_before_report_kinds_are_published_unchanged(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    before = tmp_path / "before"
    shutil.copytree(
        configuration.PAPERLESS_NGX / "migrations",
        before / "migrations",
        ignore=shutil.ignore_patterns("0003_*"),
    )
    shutil.copy(configuration.wrangler_file(), before)
    serve.migrate(data, before)
    serve.query(
        data,
        "INSERT INTO publications (period, as_of, body) VALUES "  # noqa: S608  # the test's own values
        f"('2026-05', '2026-06-01T03:17:00.000Z', '{json.dumps(MONTH)}');"
        "INSERT INTO cells (period, field, value, installs) VALUES "
        "('2026-05', 'arch', '\"x86_64\"', 12), ('2026-05', 'arch', 'null', 3)",
    )

    serve.migrate(data)

    cells = serve.query(data, "SELECT * FROM cells ORDER BY value")
    assert cells == [
        {
            "kind": "report",
            "period": "2026-05",
            "field": "arch",
            "value": value,
            "installs": installs,
        }
        for value, installs in (('"x86_64"', 12), ("null", 3))
    ]
    with serve.run_server(data, 0, io.StringIO()) as (url, _):
        answer = requests.get(f"{url}/stats/2026-05.json", timeout=30).json()
    assert answer["as_of"] == "2026-06-01T03:17:00.000Z"
    assert {name: answer[name] for name in MONTH} == MONTH
    assert answer["periods"] == ["2026-05"]
