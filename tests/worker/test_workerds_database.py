"""The operator's commands on a database of workerd, and which runtime a command runs on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import pages
from worker.local import command_line, database, serve, wrangler

DATA = ("server", "workerd", "new", ":memory:")
INSERT = "INSERT INTO reports (received, uuid) VALUES ('2000-01-01', 'it''s'), ('2000-01-02', '\n;')"


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command while files that it creates would be readable for everyone."""
    return subprocess.run(
        (sys.executable, "-m", "worker.local", *arguments),
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
        umask=0,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database of workerd."""
    folder = tmp_path_factory.mktemp("workerd")
    serve.migrate(folder)
    return folder


@pytest.mark.slow
def test_a_backup_restores_every_row_and_purges_at_once(
    data: Path, tmp_path: Path
) -> None:
    database.query(data, INSERT)
    backup, restored = tmp_path / "backup.sql", tmp_path / "restored"

    done = run_command("backup", str(backup), "--data", str(data))

    assert done.returncode == 0, done.stderr
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [it.name for it in tmp_path.iterdir()] == ["backup.sql"]
    restore = ("restore", str(backup), "--runtime", "cloudflare", "--data")

    done = run_command(*restore, str(restored))

    assert done.returncode == 0, done.stderr
    assert restored.stat().st_mode & 0o777 == 0o700
    assert "report: purged 2, older than 366 days" in done.stderr
    assert "Requests to forget that arrived after 20" in done.stdout
    index = "SELECT name FROM sqlite_schema WHERE name = 'idx_reports_uuid_received'"
    rows = run_command("sql", index, "--data", str(restored))
    assert len(json.loads(rows.stdout)) == 1
    assert "'it''s'" in backup.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_backup_replaces_nothing(data: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    backup = tmp_path / "backup.sql"
    if kind == "file":
        backup.write_text("precious")
    else:
        backup.symlink_to(target)

    with pytest.raises(wrangler.RuntimeFailedError, match="Move it away"):
        database.back_up(data, backup, pages.ROOT / "projects" / "paperless-ngx")

    assert not target.exists()
    assert os.path.lexists(backup)


@pytest.mark.parametrize(
    ("arguments", "is_for_server"),
    [
        (("serve",), True),
        (("serve", "--data", "workerd"), False),
        (("serve", "--data", "workerd", "--runtime", "server"), True),
        (("serve", "--data", "new", "--runtime", "cloudflare"), False),
        (("count", "--data", "server"), True),
        (("count", "--remote", "https://reports.example.org"), False),
        *((("sql", "SELECT 1", "--data", name), name != "workerd") for name in DATA),
        (("backup", "file", "--remote"), False),
        (("restore", "file"), True),
        (("withhold", "arch", "mips"), True),
        # Without npm, on any runtime.
        (("new", "folder"), True),
        (("migrate",), True),
        # These need npm's packages.
        (("check",), False),
        (("deploy",), False),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else "",
)
def test_a_command_runs_on_the_runtime_of_its_data_unless_one_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    *,
    is_for_server: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workerd" / "v3").mkdir(parents=True)
    (tmp_path / "server").mkdir()

    options = command_line.create_parser().parse_args(arguments)

    assert command_line.is_for_server(options) is is_for_server


def test_workerd_keeps_no_database_in_memory() -> None:
    done = run_command("count", "--runtime", "cloudflare", "--data", ":memory:")

    assert done.returncode == 1
    assert "--runtime server" in done.stderr
    assert not (pages.ROOT / ":memory:").exists()
