"""Many processes share the state: they lose nothing, send nothing twice, and may fork."""

import contextlib
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paperless_report.state import sums
from paperless_report.state.database import FILE, Database
from tests.support.waiting import MOST_SECONDS

ROOT = Path(__file__).parents[2]
PROLOGUE = """
import datetime, os, sys, threading, time
from pathlib import Path
from paperless_report.errors import ReportingError
from paperless_report.state import database as database_module, forks, sending, sums
from paperless_report.state.database import Database
database_module._BUSY_SECONDS = 120
database = Database(Path(sys.argv[1]))
def make_key(name):
    return ("command", '{"name":"%s"}' % name, "count")
def add(name, number):
    with database.write() as connection:
        sums.add(connection, "2026-11-26", {make_key(name): number})
"""
# Says which sum it is about to write, and that it has written it.
COUNT = """
from paperless_report.counting import writer
from paperless_report.counting.background import Counters
from paperless_report.contract.events import parse_events
from tests.report.tallies import EVENTS
name, total = sys.argv[2], 0
def persist(increments, _):
    global total
    (number,) = increments.values()
    os.write(1, b"%d\\n" % (total + number))
    add(name, number)
    total += number
    os.write(1, b"%d\\n" % total)
    return True
writer.PATIENCE_SECONDS = 120
counters = Counters(lambda: parse_events(EVENTS), persist)
for number in range(int(sys.argv[3])):
    counters.count("command", "add")
    if number % 200 == 0:
        counters.flush()
counters.flush()
"""
# Sends a day at a time: a line of a file stands for the request.
SEND = """
while True:
    now = datetime.datetime.now(datetime.UTC)
    with database.write() as connection:
        waiting = sums.list_days(connection, "9999")
        token = sending.claim(connection, now) if waiting else None
    if not waiting:
        break
    if token is None:
        time.sleep(0.01)
        continue
    with database.write() as connection:
        assert sending.extend(connection, token, now)
    with open(sys.argv[2], "a") as file:
        file.write(waiting[0].day + "\\n")
    with database.write() as connection:
        sums.subtract(connection, waiting[:1])
        sending.finish(connection, token, now)
"""


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that runs code, which prints to a file; it is ended with the test."""
    with contextlib.ExitStack() as stack:

        def run(code: str, output: Path, *arguments: object) -> subprocess.Popen[bytes]:
            # Without site-packages, a process costs half as much.
            command = (
                sys.executable,
                "-S",
                "-c",
                PROLOGUE + code,
                *map(str, arguments),
            )
            with output.open("wb") as file:
                process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield run


def read_sums(folder: Path) -> Counter[str]:
    """Check the file, and return its sums by the label `name`."""
    with Database(folder).read() as connection:
        stored = sums.list_days(connection, "9999")
    with contextlib.closing(sqlite3.connect(folder / FILE)) as checking:
        assert checking.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return Counter({json.loads(it.labels)["name"]: it.value for it in stored})


def read_last(output: Path) -> int:
    """Return the newest whole number that a process has written."""
    *lines, _unfinished = output.read_text().split("\n")
    return int(lines[-1]) if lines else 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [6, pytest.param(20, marks=pytest.mark.nightly)], ids=str
)
def test_killed_processes_lose_only_what_they_held_in_memory(
    data_dir: Path, tmp_path: Path, start: Start, number: int
) -> None:
    chance = random.Random(23)  # noqa: S311  # not for secrets
    outputs = {str(it): tmp_path / f"{it}.txt" for it in range(number)}
    victims = chance.sample(list(outputs), number // 2)
    processes = {
        # A victim counts until it is killed.
        name: start(COUNT, output, data_dir, name, 10**9 if name in victims else 1000)
        for name, output in outputs.items()
    }
    for name in victims:
        written = chance.randrange(1, 500)
        while read_last(outputs[name]) < written and processes[name].poll() is None:
            time.sleep(0.001)
        processes[name].kill()
    for process in processes.values():
        process.wait(MOST_SECONDS)

    stored = read_sums(data_dir)

    for name, output in outputs.items():
        # Of its last two lines, one is what it wrote, one what it was about to write.
        lines = [0, *map(int, output.read_text().split())]
        assert stored[name] in (lines[-2:] if name in victims else [1000])


@pytest.mark.slow
def test_two_senders_never_send_the_same_day_twice(
    data_dir: Path, tmp_path: Path, start: Start
) -> None:
    days = [f"2026-11-{number:02}" for number in range(1, 21)]
    with Database(data_dir).write() as connection:
        for day in days:
            sums.add(connection, day, {("a", "{}", "count"): 1})
    log = tmp_path / "sent"

    outputs = [tmp_path / f"{number}.txt" for number in range(4)]
    senders = [start(SEND, output, data_dir, log) for output in outputs]

    assert [it.wait(MOST_SECONDS) for it in senders] == [0] * 4
    assert [it.read_text() for it in outputs] == [""] * 4
    assert sorted(log.read_text().split()) == days


FORK = """
import warnings
warnings.simplefilter("ignore")  # of a fork beside a thread
def hold():
    with database.write() as connection:
        sums.add(connection, "2026-11-26", {make_key("thread"): 1})
        is_open.set()
        is_forked.wait(MOST_SECONDS)
is_open, is_forked = threading.Event(), threading.Event()
thread = threading.Thread(target=hold)
thread.start()
is_open.wait()
if not (child := os.fork()):
    try:
        add("child", 1)
    except ReportingError as error:
        print(error.problem.name, flush=True)
    os._exit(0)
is_forked.set()
add("parent", 1)
os.waitpid(child, 0)
thread.join()
"""


@pytest.mark.parametrize(
    ("limits", "printed", "names"),
    [
        (
            "MOST_SECONDS, forks._MOST_SECONDS = 0.5, 120",
            "",
            {"thread", "parent", "child"},
        ),
        (
            "MOST_SECONDS, forks._MOST_SECONDS = 120, 0.1",
            "STATE_FAILED\n",
            {"thread", "parent"},
        ),
    ],
    ids=["waits for the write", "cannot wait longer"],
)
def test_a_fork_never_copies_an_open_file(
    data_dir: Path,
    tmp_path: Path,
    start: Start,
    limits: str,
    printed: str,
    names: set[str],
) -> None:
    """SQLite in the child would believe that it holds its parent's locks."""
    output = tmp_path / "output"
    process = start(f"{limits}\n{FORK}", output, data_dir)

    assert process.wait(MOST_SECONDS) == 0
    assert output.read_text() == printed
    assert read_sums(data_dir) == dict.fromkeys(names, 1)
