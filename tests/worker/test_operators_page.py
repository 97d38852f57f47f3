"""Every command of docs/worker.md is run as far as it goes offline, or exempt for a reason.

What is meant for the account's database is run on one of this machine, in a folder with
the Worker's configuration and migrations: the same wrangler, the same words but one.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import requests

from tests.support import pages
from worker.local import configuration, toolchain
from worker.local.harness import Harness

PAGE = toolchain.WORKER.parent / "docs" / "worker.md"
COMMANDS = pages.commands("docs/worker.md")
SERVE = ".venv/bin/nox -s serve -- --port 8787 --data worker-data"
EXECUTE = "npx wrangler d1 execute usage-reports --remote --command "
QUERIES = [it for it in COMMANDS if it.startswith(EXECUTE)]
CALLS = [it for it in COMMANDS if it.startswith("curl ")]
# What acts on the account alone, and which command of wrangler's that is.
NEEDS_ACCOUNT = {
    "npx wrangler login": "login",
    "npx wrangler d1 create usage-reports --jurisdiction eu": "d1 create",
    "npx wrangler d1 create usage-reports-preview --jurisdiction eu": "d1 create",
    "npx wrangler d1 time-travel info usage-reports --timestamp 2026-05-18T12:00:00Z": (
        "d1 time-travel info"
    ),
    "npx wrangler d1 time-travel restore usage-reports --timestamp 2026-05-18T12:00:00Z": (
        "d1 time-travel restore"
    ),
    "npx wrangler rollback": "rollback",
}
SCRIPTS: dict[str, str] = json.loads(
    (toolchain.WORKER / "package.json").read_text(encoding="utf-8")
)["scripts"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of an operator's, its database migrated."""
    folder = fresh(tmp_path_factory.mktemp("operator"))
    wrangler(folder, on_this_machine(SCRIPTS["migrate"]))
    return folder


def fresh(folder: Path) -> Path:
    shutil.copy(configuration.PATH, folder)
    shutil.copytree(toolchain.WORKER / "migrations", folder / "migrations")
    return folder


def on_this_machine(command: str) -> list[str]:
    """A wrangler command's words, for the database of this machine."""
    words = shlex.split(command.removeprefix("npx "))
    assert words[0] == "wrangler"
    return ["--local" if it == "--remote" else it for it in words[1:]]


def wrangler(folder: Path, words: Sequence[str]) -> str:
    done = subprocess.run(
        toolchain.wrangler(*words),
        cwd=folder,
        env={**toolchain.environment(folder / "home", os.environ), "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_command_is_known_here() -> None:
    told = [
        SERVE,
        "npm ci --ignore-scripts",  # worker.local.toolchain runs it before every session
        "npm run migrate",
        "npx wrangler d1 migrations list usage-reports --remote",
        "npx wrangler d1 export usage-reports --remote --output backup.sql",
        "npx wrangler d1 execute usage-reports --remote --file backup.sql",
        "npx wrangler deploy --env= --dry-run --outdir dist",
    ]

    assert sorted(COMMANDS) == sorted([*told, *QUERIES, *CALLS])
    assert set(pages.exempt("docs/worker.md")) == {
        *("npm run deploy", "npm run deploy:preview"),
        *NEEDS_ACCOUNT,
    }


@pytest.mark.parametrize("name", sorted(set(NEEDS_ACCOUNT.values())))
def test_wrangler_knows_the_words_of_what_needs_an_account(
    tmp_path: Path, name: str
) -> None:
    told = wrangler(tmp_path, [*name.split(), "--help"])

    assert f"wrangler {name}" in told
    for command in (it for it, its_name in NEEDS_ACCOUNT.items() if its_name == name):
        assert command.startswith(f"npx wrangler {name}")
        for word in command.split():
            if word.startswith("--"):
                assert f" {word} " in told


@pytest.mark.parametrize("environment", ["", "preview"])
def test_deploy_migrates_and_then_sends_up(
    operator: Path, tmp_path: Path, environment: str
) -> None:
    suffix = f":{environment}" if environment else ""
    assert SCRIPTS[f"predeploy{suffix}"] == f"npm run migrate{suffix}"
    if environment:  # production's database is migrated
        wrangler(operator, on_this_machine(SCRIPTS[f"migrate{suffix}"]))

    words = on_this_machine(SCRIPTS[f"deploy{suffix}"])
    printed = wrangler(
        toolchain.WORKER, [*words, "--dry-run", "--outdir", str(tmp_path / "dist")]
    )

    name = configuration.environment(environment or None)["name"]
    assert f"env.DB ({name})" in printed
    assert "env.LIMIT_ADDRESS (20 requests/60s)" in printed
    assert "env.LIMIT_ALL (3000 requests/60s)" in printed
    assert "env.RETENTION_DAYS (365)" in printed
    assert (tmp_path / "dist" / "index.js").is_file()
    size = re.search(r"gzip: ([0-9.]+) KiB", printed)
    assert size
    assert float(size[1]) < 100


def test_the_dry_run_is_of_what_is_deployed() -> None:
    assert f"npx {SCRIPTS['deploy']} --dry-run --outdir dist" in COMMANDS


@pytest.mark.parametrize("command", QUERIES)
def test_every_query_runs(worker: Harness, command: str) -> None:
    """On the Worker's own database: all but the SQL is as in the next test."""
    *_, sql = shlex.split(command)

    worker.query(sql)


def test_a_backup_restores_every_row_and_the_list_of_migrations(
    operator: Path, tmp_path: Path
) -> None:
    (export,) = (it for it in COMMANDS if "d1 export" in it)
    (restore,) = (it for it in COMMANDS if "--file" in it)
    sql = "INSERT INTO reports (received, uuid) VALUES ('2026-05-18', 'one''s \"ID\"')"
    wrangler(operator, on_this_machine(EXECUTE + shlex.quote(sql)))

    wrangler(operator, on_this_machine(export))
    new = fresh(tmp_path)
    shutil.copy(operator / "backup.sql", new)
    wrangler(new, on_this_machine(restore))

    sql = "SELECT r.*, i.name FROM reports r, sqlite_master i WHERE i.name LIKE 'idx_%'"
    words = [*on_this_machine(EXECUTE + shlex.quote(sql)), "--json"]
    (row,) = json.loads(wrangler(new, words))[0]["results"]
    assert row["uuid"] == 'one\'s "ID"'
    assert row["name"] == "idx_reports_uuid_received"
    (listing,) = (it for it in COMMANDS if "migrations list" in it)
    assert "No migrations to apply!" in wrangler(new, on_this_machine(listing))


def test_the_calls_are_answered(worker: Harness) -> None:
    health, report, forget = CALLS

    def call(command: str) -> str:
        words = shlex.split(command.replace("https://reports.example.org", worker.url))
        return subprocess.run(
            (*words, "--silent", "--show-error", "--noproxy", "*"),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert json.loads(call(health)) == {"status": "ok"}
    assert call(report) == ""
    assert len(worker.query("SELECT id FROM reports")) == 1
    assert call(forget) == ""
    assert worker.query("SELECT id FROM reports") == []


def test_serve_prints_its_url_alone_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    data = tmp_path / "worker-data"
    words = SERVE.replace("8787", "0").replace("worker-data", str(data)).split()
    process = subprocess.Popen(
        (sys.executable, "-m", "nox", *words[1:]),
        cwd=pages.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C in a terminal reaches all of them.
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answered = requests.get(f"{url}/health", timeout=30).status_code
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
        process.wait(timeout=60)

    assert url.startswith("http://127.0.0.1:")
    assert (answered, rest) == (200, "")
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)
    assert list(data.rglob("*.sqlite"))


def test_the_pages_figures_are_the_configurations() -> None:
    text = PAGE.read_text(encoding="utf-8")
    production = configuration.environment()
    (cron,) = production["triggers"]["crons"]
    minute, hour, *_ = cron.split()
    limits = {it["name"]: it["simple"]["limit"] for it in production["ratelimits"]}

    assert f"for {production['vars']['RETENTION_DAYS']} days" in text
    assert f"daily at {int(hour):02}:{int(minute):02} UTC" in text
    assert f"{limits['LIMIT_ADDRESS']} a minute from one address" in text
    assert f"{limits['LIMIT_ALL']:,} a minute in all" in text
