"""Every command of the operators' pages works as far as it can be tried offline.

Wrangler's commands for the account's database run against a local one, in a folder with the
Worker's configuration and migrations: only `--remote` becomes `--local`. What `--remote` does
is tested in test_own_account.py.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import pytest
import requests

from tests.server.databases import KNOWN, fill
from tests.support import pages
from tests.support.needs import needs
from tests.worker.database import count_reports
from tests.worker.operator import SECRET
from usage_receiver import configuration
from worker.local import cloudflare, command_line, toolchain, wrangler
from worker.local.harness import Harness

SETTINGS = pages.ROOT / "docs" / "reference" / "settings.md"
COMMANDS = [
    *pages.commands("docs/how-to/try-the-receiver.md"),
    *pages.commands("docs/how-to/deploy-cloudflare.md"),
    *pages.commands("docs/how-to/operate-cloudflare.md"),
    *pages.commands("docs/how-to/back-up-cloudflare.md"),
    *pages.commands("docs/how-to/operators-view.md"),
    *pages.commands("docs/how-to/moderate.md"),
]
EXEMPT = [
    command
    for page in (
        "deploy-cloudflare",
        "operate-cloudflare",
        "back-up-cloudflare",
        "operators-view",
        "moderate",
    )
    for command in pages.exempt(f"docs/how-to/{page}.md")
]
SERVE = ".venv/bin/nox -s serve -- --port 8787 --data receiver-data"
SERVE_WORKERD = (
    ".venv/bin/nox -s serve -- --port 8787 --data worker-data --runtime cloudflare"
)
SERVE_SAMPLE = ".venv/bin/nox -s serve -- --port 8787 --data sample-data --sample 25"
SERVE_OPERATOR = (
    ".venv/bin/nox -s serve -- --data worker-data"
    " --operator-secret-file ~/operator-secret"
)
COUNT = ".venv/bin/nox -s count -- --data receiver-data"
LOOK = (
    ".venv/bin/nox -s sql -- --data receiver-data"
    ' "SELECT * FROM reports ORDER BY id DESC LIMIT 1"'
)
WITHHOLD = ".venv/bin/nox -s withhold -- --remote version 9.9.9"
FIND_WAVES = ".venv/bin/nox -s exclude -- --remote --find"
EXCLUDE = (
    ".venv/bin/nox -s exclude -- --remote --since 2026-05-14T21:40"
    " --until 2026-05-14T22:20 version=9.9.9 arch=riscv64"
)
WITHHOLD_ON_SERVER = "usage-receiver withhold --data receiver-data version 9.9.9"
WRANGLER = ".venv/bin/nox -s wrangler --"
SQL = ".venv/bin/nox -s sql -- --remote "
BACKUP = ".venv/bin/nox -s backup -- backup.sql --remote"
RESTORE = ".venv/bin/nox -s restore -- backup.sql --remote"
MIGRATE = f"{WRANGLER} d1 migrations apply usage-reports --remote"
DRY_RUN = ".venv/bin/nox -s deploy -- --dry-run"
QUERIES = [command for command in COMMANDS if command.startswith(SQL)]
CALLS = [command for command in COMMANDS if command.startswith("curl ")]
# Pages repeat commands, so that readers need not look for them.
AS_OPERATOR = [*dict.fromkeys(it for it in COMMANDS if "~/operator-secret" in it)]
# Commands that act on the account only, with wrangler's name for them.
NEEDS_ACCOUNT = {
    f"{WRANGLER} login": "login",
    f"{WRANGLER} d1 create usage-reports --jurisdiction eu": "d1 create",
    f"{WRANGLER} d1 create usage-reports-preview --jurisdiction eu": "d1 create",
    f"{WRANGLER} d1 time-travel info usage-reports --timestamp 2026-05-18T12:00:00Z": (
        "d1 time-travel info"
    ),
    f"{WRANGLER} d1 time-travel restore usage-reports --timestamp 2026-05-18T12:00:00Z": (
        "d1 time-travel restore"
    ),
    f"{WRANGLER} rollback": "rollback",
    f"{WRANGLER} secret put OPERATOR_SECRET < ~/operator-secret": "secret put",
    f"{WRANGLER} secret put OPERATOR_SECRET < ~/new-operator-secret": "secret put",
    f"{WRANGLER} secret put OPERATOR_SECRET_2 < ~/new-operator-secret": "secret put",
    f"{WRANGLER} secret delete OPERATOR_SECRET_2": "secret delete",
}
Handler = Callable[[int, FrameType | None], object] | signal.Handlers
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An operator's folder with a migrated local database."""
    folder = copy_configuration(tmp_path_factory.mktemp("operator"))
    run_wrangler(folder, local_arguments(MIGRATE))
    return folder


def copy_configuration(folder: Path) -> Path:
    shutil.copy(configuration.wrangler_file(), folder)
    shutil.copytree(configuration.PAPERLESS_NGX / "migrations", folder / "migrations")
    return folder


def local_arguments(command: str) -> list[str]:
    """The arguments of a wrangler command, for the local database."""
    *start, separator, words = command.partition(" -- ")
    assert f"{''.join(start)}{separator.rstrip()}" == WRANGLER
    arguments = shlex.split(words)
    return ["--local" if word == "--remote" else word for word in arguments]


def run_wrangler(folder: Path, arguments: Sequence[str]) -> str:
    done = subprocess.run(
        toolchain.wrangler(*arguments),
        cwd=folder,
        env={**toolchain.clean_environment(folder / "home", os.environ), "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_command_of_the_pages_is_tested_here() -> None:
    commands = [
        *(SERVE, SERVE_SAMPLE, SERVE_WORKERD, COUNT, LOOK),
        *(WITHHOLD_ON_SERVER, f"{WITHHOLD_ON_SERVER} --undo"),
        *(MIGRATE, DRY_RUN),
        f"{WRANGLER} d1 migrations list usage-reports --remote",
        *(BACKUP, RESTORE),
    ]

    assert set(COMMANDS) == {*commands, *QUERIES, *CALLS, *AS_OPERATOR}
    assert set(EXEMPT) == {
        FIND_WAVES,
        *(".venv/bin/nox -s deploy", ".venv/bin/nox -s deploy -- --env preview"),
        "git pull",
        *(WITHHOLD, f"{WITHHOLD} --undo"),
        *(EXCLUDE, f"{EXCLUDE} --yes"),
        SERVE_OPERATOR,
        *NEEDS_ACCOUNT,
    }


@pytest.mark.parametrize("name", sorted(set(NEEDS_ACCOUNT.values())))
def test_wrangler_knows_every_option_of_the_commands_that_need_an_account(
    tmp_path: Path, name: str
) -> None:
    help_text = run_wrangler(tmp_path, [*name.split(), "--help"])

    assert f"wrangler {name}" in help_text
    for command in (key for key in NEEDS_ACCOUNT if NEEDS_ACCOUNT[key] == name):
        assert command.startswith(f"{WRANGLER} {name}")
        for word in local_arguments(command):
            assert not word.startswith("--") or f" {word} " in help_text


@pytest.mark.parametrize("environment", cloudflare.ENVIRONMENTS)
def test_a_dry_run_bundles_the_worker_with_the_bindings_of_its_environment(
    environment: str,
) -> None:
    words = [*DRY_RUN.partition(" -- ")[2].split(), "--env", environment]
    done = run_local("deploy", *words)
    assert done.returncode == 0, done.stderr

    configured = configuration.read_environment(cloudflare.ENVIRONMENTS[environment])
    assert f"env.DB ({configured['name']})" in done.stdout
    for limit in configured["ratelimits"]:
        rate = "{limit} requests/{period}s".format_map(limit["simple"])
        assert f"env.{limit['name']} ({rate})" in done.stdout
    for name, value in configured.get("vars", {}).items():
        assert f"env.{name} ({value})" in done.stdout
    size = re.search(r"gzip: ([0-9.]+) KiB", done.stdout)
    assert size
    assert float(size[1]) < 100


def run_local(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "worker.local", *arguments),
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("environment", cloudflare.ENVIRONMENTS)
def test_deploy_migrates_and_then_uploads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: str
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(wrangler, "run", lambda _, *it: calls.append(it))
    own = {"d1_databases": [{"binding": "DB", "database_id": "f0000000-0000"}]}
    name = cloudflare.ENVIRONMENTS[environment]
    file = copy_configuration(tmp_path) / "deployment.jsonc"
    file.write_text(json.dumps({"env": {name: own}} if name else own), encoding="utf-8")

    cloudflare.deploy(tmp_path, environment)

    option = f"--env={name}"
    assert calls == [
        ("d1", "migrations", "apply", "DB", "--remote", option),
        ("deploy", option),
    ]


@pytest.mark.parametrize("environment", cloudflare.ENVIRONMENTS)
def test_deploy_refuses_the_placeholder_of_the_database(environment: str) -> None:
    done = run_local("deploy", "--env", environment)

    assert done.returncode == 1
    assert f"only a placeholder for the database of {environment}" in done.stderr
    assert "/projects/paperless-ngx/deployment.jsonc, which git ignores" in done.stderr
    assert f"`nox -s wrangler -- --project {configuration.PAPERLESS_NGX} d1 create" in (
        done.stderr
    )


@pytest.mark.parametrize("command", dict.fromkeys(QUERIES))
def test_every_query_runs(worker: Harness, command: str) -> None:
    """On the Worker's own database; the next test covers the rest of the command."""
    *_, sql = shlex.split(command)

    worker.query(sql)


@pytest.mark.parametrize("command", [BACKUP, RESTORE, FIND_WAVES, EXCLUDE, QUERIES[0]])
def test_the_commands_on_the_database_take_the_options_of_the_pages(
    command: str,
) -> None:
    words = shlex.split(command.removeprefix(".venv/bin/nox -s ").replace(" --", "", 1))

    options = command_line.create_parser().parse_args(words)

    assert options.remote


def test_wrangler_lists_and_applies_migrations(operator: Path) -> None:
    listing = next(command for command in COMMANDS if "migrations list" in command)

    pending = run_wrangler(operator, local_arguments(listing))

    assert "No migrations to apply!" in pending


@needs("curl")
def test_the_requests_of_the_pages_work(worker: Harness) -> None:
    example = re.compile("https://reports.example.org|http://127.0.0.1:8787")
    report, health, forget = dict.fromkeys(example.sub(worker.url, it) for it in CALLS)

    def call(command: str) -> str:
        return subprocess.run(
            (*shlex.split(command), "--silent", "--show-error", "--noproxy", "*"),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert json.loads(call(health)) == {"status": "ok"}
    assert call(report) == ""
    assert count_reports(worker) == 1
    assert call(forget) == ""
    assert count_reports(worker) == 0


@needs("curl")
def test_the_commands_of_the_operator_work(operated: Harness, tmp_path: Path) -> None:
    make, count, installations = AS_OPERATOR
    file = tmp_path / "operator-secret"

    def run(command: str) -> str:
        return subprocess.run(
            (
                "bash",
                "-c",
                command.replace("https://reports.example.org", operated.url),
            ),
            cwd=pages.ROOT,
            env={**os.environ, "HOME": str(tmp_path), "no_proxy": "*"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    run(make.replace(".venv/bin/python", sys.executable))
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text("utf-8").strip()) == 64
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    assert run(installations) == "[]"
    nox = f"{sys.executable} -m nox"
    assert "counted the active" in run(count.replace(".venv/bin/nox", nox))
    assert json.loads(run(installations))


@contextlib.contextmanager
def inherited_sigint(handler: Handler) -> Iterator[None]:
    """Let the processes that start inside the block inherit *handler* for SIGINT."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("command", "handler"),
    [
        pytest.param(SERVE, signal.default_int_handler, id="from a terminal"),
        pytest.param(SERVE_WORKERD, signal.default_int_handler, id="workerd"),
        # A shell starts background jobs with SIGINT ignored.
        pytest.param(SERVE_SAMPLE, signal.SIG_IGN, id="as a background job"),
    ],
)
def test_serve_prints_only_its_url_and_ends_at_ctrl_c(
    tmp_path: Path, command: str, handler: Handler
) -> None:
    data = tmp_path / "data"
    words = re.sub(r"\w+-data", str(data), command.replace("8787", "0")).split()
    with inherited_sigint(handler):
        process = subprocess.Popen(
            (sys.executable, "-m", "nox", *words[1:]),
            cwd=pages.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Ctrl-C in a terminal reaches every process of the group.
            start_new_session=True,
        )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            answered = requests.get(f"{url}/health", timeout=30).status_code
            os.killpg(process.pid, signal.SIGINT)
            rest, _ = process.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)

    assert url.startswith("http://127.0.0.1:")
    assert (answered, rest) == (200, "")
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)
    assert list(data.rglob("*.sqlite"))


@pytest.mark.parametrize(
    ("command", "printed"), [(COUNT, "report: purged 0"), (LOOK, f'"uuid": "{KNOWN}"')]
)
def test_the_commands_on_local_data_work(
    tmp_path: Path, command: str, printed: str
) -> None:
    fill(tmp_path / "data", KNOWN)
    words = shlex.split(command.replace("receiver-data", str(tmp_path / "data")))

    done = subprocess.run(
        (sys.executable, "-m", "nox", *words[1:]),
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


@pytest.mark.parametrize(
    ("option", "outcome"),
    [("", "withheld from now on"), (" --undo", "published again")],
)
def test_a_value_is_withheld_on_a_server(
    tmp_path: Path, option: str, outcome: str
) -> None:
    fill(tmp_path / "receiver-data")
    words = f"{WITHHOLD_ON_SERVER}{option}".split()

    done = subprocess.run(
        (sys.executable, "-m", "usage_receiver", *words[1:]),
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(pages.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert f"version 9.9.9 is {outcome}." in done.stdout


def test_the_figures_of_the_page_are_those_of_the_configuration() -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    production = configuration.read_environment()
    (cron,) = production["triggers"]["crons"]
    minute, hour, *_ = cron.split()
    limits = {
        limit["name"]: limit["simple"]["limit"] for limit in production["ratelimits"]
    }

    assert f"for {production['vars']['RETENTION_DAYS']} days" in text
    assert f"daily at {int(hour):02}:{int(minute):02} UTC" in text
    for name, limit in limits.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        requests_a_minute, installations = row.split("|")[3:5]
        assert requests_a_minute.strip() == f"{limit:,}"
        weekly = limit * 60 * 24 * 7
        expected = f"{weekly:,}" if weekly < 1e6 else f"{weekly / 1e6:.0f} million"
        assert installations.split(" installations")[0].strip() == expected
    assert limits["LIMIT_ALL"] / limits["LIMIT_NETWORK"] == 50
