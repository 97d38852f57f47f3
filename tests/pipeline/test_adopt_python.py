"""First report, from an empty folder to the sums of what a program counts, and more programs."""

import datetime as dt
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.pipeline import commands, shelf
from tests.pipeline.shelf import MODULE, MORE, PAGE, Shelf
from tests.support import pages
from tests.support.needs import needs
from tests.support.waiting import MOST_SECONDS, wait_until
from usage_receiver import data

pytestmark = pytest.mark.slow


SECONDS = MOST_SECONDS
# After these days, a report is due whatever the installation ID is.
WEEK = 8
# Where the page's units and its line for cron have the program.
PLACE = "/opt/shelf"


@pytest.fixture(scope="module")
def environment(own_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with this project's wheel and what its extra `send` needs."""
    folder = tmp_path_factory.mktemp("environment")
    return shelf.make_environment(folder, own_wheel, "send")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the receiver's project and the two schemas."""
    folder = tmp_path_factory.mktemp("made")
    shelf.make_receiver(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """An installation's folder, with its own copy of the schemas."""
    copy = tmp_path / "shelf"
    copy.mkdir()
    for schema in made.glob("*.json"):
        shutil.copy(schema, copy)
    return copy


@pytest.fixture(scope="module")
def endpoint(made: Path) -> Iterator[str]:
    """The URL of the receiver, which serves that project for all tests."""
    with shelf.serve(made) as url:
        yield url


@pytest.fixture
def installed(folder: Path, environment: Path, made: Path, endpoint: str) -> Shelf:
    """The page's programs where nothing but the wheel and its extra is installed."""
    return shelf.make(folder, environment, made, endpoint)


@pytest.fixture
def hosted(folder: Path, made: Path) -> Shelf:
    """The page's programs in this session, which has FastAPI, uvicorn and Django."""
    return shelf.make(folder, Path(sys.executable), made)


@pytest.fixture
def on(folder: Path, made: Path, endpoint: str) -> Shelf:
    """The same, where reporting is on, a report is due, and the receiver runs."""
    programs = shelf.make(folder, Path(sys.executable), made, endpoint)
    programs.run(f"{MODULE} on", "y\n")
    programs.wait(WEEK)
    return programs


def commands_with(part: str) -> list[str]:
    return [it for it in pages.commands(MORE) if part in it]


def show(command: str) -> str:
    """Return what the page shows as the output of *command*."""
    text = "".join(block.text for block in pages.blocks(PAGE, "console"))
    return text.partition(f"$ {command}\n")[2].partition("$ ")[0]


def mask(output: str) -> str:
    """Replace what differs in every run: IDs, days, times, ports and folders."""
    patterns = (
        *(r"[0-9a-f-]{36}", r"\d{4}-\d\d-\d\d( [\d:]+)?", r"(?<=0\.1:)\d+"),
        r"(?<= : )/\S+(?=/\.shelf)",
    )
    for pattern in patterns:
        output = re.sub(pattern, "0", output)
    return output.replace("]: y\n", "]: \n").strip()


def test_ten_lines_report_to_a_receiver_of_their_own_with_what_they_count(
    installed: Shelf, endpoint: str
) -> None:
    program = (installed.folder / "shelf.py").read_text("utf-8")
    assert len([line for line in program.splitlines() if line]) <= 10
    with pytest.raises(commands.CommandFailedError, match="No module named"):
        installed.run("python -c 'import django'")

    with pages.follow("docs/tutorials/first-report.md") as page:
        for command in pages.commands(PAGE)[:6]:  # by the fixtures
            page.check_off(command)
        installed.run(page.check_off("python shelf.py"))
        shown = installed.run(page.check_off(f"{MODULE} preview"))
        for command in (f"{MODULE} on", f"{MODULE} run --now", f"{MODULE} status"):
            printed = installed.run(page.check_off(command), "y\n")
            assert mask(printed) == mask(show(command))
        installed.wait(days=1)
        installed.run(f"{MODULE} run --now")
        select = page.find("usage-receiver sql")

    assert f"{endpoint}/report" in shown
    assert mask(data.to_json(installed.read_counters())) == mask(show(select))
    yesterday = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=1):%F}"
    assert installed.read_counters() == [
        {"day": yesterday, "name": "add", "count": 1, "error_count": 0}
    ]
    assert installed.read_counts() == {}


def test_the_other_tests_run_every_command_of_the_page_with_more_programs() -> None:
    with pages.follow("docs/how-to/python.md") as page:
        for command in (*commands_with("cli.py"), *commands_with("manage.py")):
            page.check_off(command)


def test_the_command_line_tool_counts_commands_and_failures(hosted: Shelf) -> None:
    failing, add, show = commands_with("cli.py")
    with pytest.raises(commands.CommandFailedError, match=r"books\.txt"):
        hosted.run(failing)
    hosted.run(add)

    assert hosted.run(show) == "Emma\n"
    assert hosted.read_counts() == {
        ("add", "count"): 1,
        ("list", "count"): 2,
        ("list", "error_count"): 1,
    }


@pytest.mark.nightly
def test_two_workers_of_the_service_count_together_and_send_one_report(
    on: Shelf,
) -> None:
    (serve,) = (
        it.removeprefix("uvicorn ") for it in pages.exempt(MORE) if "uvicorn" in it
    )
    with on.start("-m", "uvicorn", *serve.split(), "--port", "0") as (_, log):
        wait_until(
            lambda: log.read_text("utf-8").count("startup complete") == 2,
            lambda: log.read_text("utf-8"),
        )
        (url,) = re.findall(r"running on (http://[\d.:]+)", log.read_text("utf-8"))
        for _ in range(20):
            assert requests.get(f"{url}/books", timeout=SECONDS).json()[0] == "Emma"
        assert requests.put(f"{url}/books/Persuasion", timeout=SECONDS).ok
        wait_until(lambda: any(on.list_answers()), lambda: log.read_text("utf-8"))

    assert on.read_counts() == {("list", "count"): 20, ("add", "count"): 1}
    assert on.list_answers() == ["204"]


def test_the_django_project_counts_requests_and_has_the_commands(
    hosted: Shelf,
) -> None:
    (status,) = commands_with("manage.py")
    code = (
        "import django, manage; django.setup();"
        "from django.test import Client;"
        "print(Client(SERVER_NAME='127.0.0.1').get('/books').json())"
    )

    assert hosted.run(f'python -c "{code}"') == "['Emma']\n"
    assert hosted.read_counts() == {("list", "count"): 1}
    assert "undecided" in hosted.run(status)


@pytest.mark.nightly
def test_the_thread_sends_what_is_due_while_the_program_runs(on: Shelf) -> None:
    program = on.folder / "thread.py"
    program.write_text(program.read_text("utf-8").replace("...", "input()"), "utf-8")

    with on.start("thread.py") as (process, log):
        wait_until(lambda: any(on.list_answers()), lambda: log.read_text("utf-8"))
        process.communicate("\n", SECONDS)

    assert process.returncode == 0
    assert on.list_answers() == ["204"]


@needs("systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    units = [tmp_path / f"shelf-report.{kind}" for kind in ("service", "timer")]
    for unit, block in zip(units, pages.blocks(MORE, "ini"), strict=True):
        unit.write_text(block.text.replace(PLACE, str(tmp_path)), "utf-8")

    done = subprocess.run(
        ("systemd-analyze", "verify", "--man=no", *units),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_of_the_unit_and_of_cron_send_what_is_due(on: Shelf) -> None:
    (block,) = pages.blocks(MORE, "text")
    (line,) = block.text.splitlines()
    *fields, cron = line.split(maxsplit=5)
    (unit,) = re.findall(
        r"^ExecStart=(.+)$", pages.blocks(MORE, "ini")[0].text, re.MULTILINE
    )
    (on.folder / ".venv").symlink_to(on.python.parent.parent)

    for command in (cron, unit):
        on.run(command.replace(PLACE, str(on.folder)))
        on.wait(WEEK)

    assert on.list_answers() == ["204", "204"]
    assert all(re.fullmatch(r"\*|[0-9]{1,2}", field) for field in fields)
    assert "%" not in cron  # cron reads it as a line break
