"""docs/adopt/python.md: from an empty folder to the sums of what a program counts."""

import configparser
import datetime as dt
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.pipeline import commands, shelf
from tests.pipeline.shelf import PAGE, Shelf
from tests.support import pages
from tests.support.needs import needs

pytestmark = pytest.mark.slow

# Its commands are on their way.
pytest.importorskip("paperless_report.__main__", exc_type=ImportError)

MODULE = "python -m paperless_report --project shelf:project"
SECONDS = 30
# Where the page's units and its line for cron have the program.
PLACE = "/opt/shelf"


@pytest.fixture(scope="module")
def environment(own_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with this project's wheel and what its extra `send` needs."""
    folder = tmp_path_factory.mktemp("environment")
    return shelf.make_environment(folder, own_wheel, "send")


@pytest.fixture
def receiving(tmp_path: Path, environment: Path) -> Iterator[Shelf]:
    """The page's programs, which report to the receiver of the page."""
    shelf.make_receiver(tmp_path)
    with shelf.serve(tmp_path) as url:
        yield shelf.make(tmp_path, environment, url)


@pytest.fixture
def hosted(tmp_path: Path) -> Shelf:
    """The page's programs in this session, which has FastAPI, uvicorn and Django."""
    shelf.make_receiver(tmp_path)
    return shelf.make(tmp_path, Path(sys.executable))


def test_ten_lines_report_to_a_receiver_of_their_own_with_what_they_count(
    receiving: Shelf,
) -> None:
    program = (receiving.folder / "shelf.py").read_text("utf-8")
    assert len([line for line in program.splitlines() if line]) <= 10
    with pytest.raises(commands.CommandFailedError, match="No module named"):
        receiving.run("python -c 'import django'")

    with pages.follow("docs/adopt/python.md") as page:
        for command in pages.commands(PAGE)[:6]:
            page.check_off(command)  # by the fixture
        for command in [it for it in page.remaining if "cli.py" in it]:
            page.check_off(command)  # in another test
        for command in [it for it in page.remaining if "manage.py" in it]:
            page.check_off(command)  # the same
        for _ in range(3):
            receiving.run(page.check_off("python shelf.py"))
        before = receiving.run(page.check_off(f"{MODULE} preview"))
        asked = receiving.run(page.check_off(f"{MODULE} on"), "y\n")
        receiving.run(page.check_off(f"{MODULE} run --now"))
        status = receiving.run(page.check_off(f"{MODULE} status"))
        receiving.wait_a_day()
        receiving.run(f"{MODULE} run --now")
        page.find("usage-receiver sql")

    (endpoint,) = set(re.findall(r"http://127\.0\.0\.1:\d+/report", before))
    assert endpoint in asked
    assert "1.4.0" in before
    assert "on" in status
    yesterday = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=1):%F}"
    assert receiving.read_counters() == [
        {"day": yesterday, "name": "add", "count": 3, "error_count": 0}
    ]
    assert receiving.read_counts() == {}


def test_nothing_arrives_from_a_program_that_nobody_turned_on(receiving: Shelf) -> None:
    receiving.run("python shelf.py")
    receiving.wait_a_day()
    receiving.run(f"{MODULE} run --now")

    assert receiving.read_counters() == []
    assert receiving.read_counts() == {("add", "count"): 1}


def test_the_command_line_tool_counts_commands_and_failures(
    hosted: Shelf,
) -> None:
    failing, *fine = [it for it in pages.commands(PAGE) if "cli.py" in it]
    with pytest.raises(commands.CommandFailedError, match=r"books\.txt"):
        hosted.run(failing)
    for command in fine:
        printed = hosted.run(command)

    assert printed == "Emma\n"
    assert hosted.read_counts() == {
        ("add", "count"): 1,
        ("list", "count"): 2,
        ("list", "error_count"): 1,
    }


def test_two_workers_of_the_service_count_together_and_send_one_report(
    hosted: Shelf,
) -> None:
    with shelf.serve(hosted.folder) as url:
        shelf.make(hosted.folder, hosted.python, url)
        hosted.run(f"{MODULE} on", "y\n")
        with hosted.start(
            "-m", "uvicorn", "service:app", "--workers", "2", "--port", "0"
        ) as (process, log):
            service = find_url(process, log)
            for _ in range(20):
                assert requests.get(f"{service}/books", timeout=10).json()
            assert requests.put(f"{service}/books/Persuasion", timeout=10).ok

    assert hosted.read_counts() == {("list", "count"): 20, ("add", "count"): 1}
    sent = json.loads(hosted.run(f"{MODULE} history --json"))
    assert len(sent) <= 1


def find_url(process: "subprocess.Popen[str]", log: Path) -> str:
    """Return the address that uvicorn writes to *log* once it serves."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        text = log.read_text("utf-8")
        address = re.search(r"running on (http://[\d.:]+)", text)
        if address and text.count("startup complete") == 2:
            return address[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def test_the_django_project_counts_requests_and_has_the_commands(
    hosted: Shelf,
) -> None:
    check, status = [it for it in pages.commands(PAGE) if "manage.py" in it]
    assert "no issues" in hosted.run(check)
    assert "Shelf life" in hosted.run(status)

    code = (
        "import django, manage; django.setup();"
        "from django.test import Client;"
        "print(Client(SERVER_NAME='127.0.0.1').get('/books').json())"
    )
    assert hosted.run(f'python -c "{code}"') == "['Emma']\n"
    assert hosted.read_counts() == {("list", "count"): 1}


def test_the_thread_sends_what_is_due_and_stops(hosted: Shelf) -> None:
    with shelf.serve(hosted.folder) as url:
        shelf.make(hosted.folder, hosted.python, url)
        hosted.run(f"{MODULE} on", "y\n")
        hosted.run("python thread.py")

    assert json.loads(hosted.run(f"{MODULE} status --json"))


@needs("systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    units = [tmp_path / f"shelf-report.{kind}" for kind in ("service", "timer")]
    for unit, block in zip(units, pages.blocks(PAGE, "ini"), strict=True):
        unit.write_text(block.text.replace(PLACE, str(tmp_path)), "utf-8")

    done = subprocess.run(
        ("systemd-analyze", "verify", "--man=no", *units),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    unit = configparser.ConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # as documented
    unit.read(units[0])
    command = unit["Service"]["ExecStart"].removeprefix(f"{tmp_path}/.venv/bin/")
    assert command == f"{MODULE} run"


def test_the_line_for_cron_has_five_fields_and_a_command_that_runs(
    hosted: Shelf,
) -> None:
    (block,) = pages.blocks(PAGE, "text")
    (line,) = block.text.splitlines()
    *fields, command = line.split(maxsplit=5)
    (hosted.folder / ".venv").symlink_to(hosted.python.parent.parent)

    assert all(re.fullmatch(r"\*|[0-9]{1,2}", field) for field in fields)
    assert "%" not in command  # cron reads it as a line break
    hosted.run(command.replace(PLACE, str(hosted.folder)))
