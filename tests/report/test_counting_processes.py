"""Each process writes what it counted once: forked ones too, and however they end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from paperless_report.counting import writer
from tests.report.tallies import read_sums
from tests.support.waiting import MOST_SECONDS, wait_until

ROOT = Path(__file__).parents[2]
ADDED = ("command", '{"name":"add"}', "count")
PROLOGUE = """
import atexit, multiprocessing, os, signal, sys, threading, time, warnings
from pathlib import Path
from paperless_report.counting import processes, writer
from paperless_report.counting import writer
from tests.report.tallies import make_counters
counters = make_counters(Path(sys.argv[1]))
def count(number):
    for _ in range(number):
        counters.count("command", "add")
"""


@contextmanager
def program(code: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    """Run *code* after `PROLOGUE`; it is ended with the test."""
    script = file.with_suffix(".py")
    script.write_text(PROLOGUE + code, "utf-8")
    process = subprocess.Popen(
        # Python 3.12 warns about a fork beside threads.
        (sys.executable, "-W", "always", str(script), str(file)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def count_in(code: str, file: Path) -> int:
    """Run *code*, which must print nothing, and return how often it counted."""
    with program(code, file) as process:
        output, errors = process.communicate(timeout=MOST_SECONDS)
    assert (output, errors) == ("", "")
    return read_sums(file)[ADDED]


ENDS = {
    "the end of the program": "count(100)",
    "sys.exit": "count(100); sys.exit(3)",
    "an exception": "sys.excepthook = lambda *_: None; count(100); raise ValueError",
    "SIGTERM with a handler": (
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit())\n"
        "count(100); os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)"
    ),
    "a thread that counts longer": (
        "threading.Thread(target=lambda: (time.sleep(0.2), count(99))).start()\n"
        "count(1)"
    ),
    "a function of atexit that counts first": ("count(50); atexit.register(count, 50)"),
    "a function of atexit that counts last": ("atexit.register(count, 50); count(50)"),
}


@pytest.mark.parametrize("code", ENDS.values(), ids=ENDS)
def test_a_process_writes_its_counts_before_it_ends(code: str, tmp_path: Path) -> None:
    assert count_in(code, tmp_path / "sums") == 100


def test_a_killed_process_loses_the_last_seconds_at_most(tmp_path: Path) -> None:
    file = tmp_path / "sums"
    code = """
count(100)
input()
count(10)
print("counted", flush=True)
time.sleep(600)
"""
    with program(code, file) as process:
        assert process.stdin
        assert process.stdout
        wait_until(lambda: read_sums(file)[ADDED] == 100)
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        process.kill()
        process.wait()

    assert read_sums(file)[ADDED] in {100, 110}
    assert writer.WRITE_SECONDS == 2  # the last seconds


def test_a_process_that_keeps_forking_writes_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "sums"
    code = """
from paperless_report.counting import writer
from tests.report.tallies import read_sums
writer.WRITE_SECONDS = 0.5
while not read_sums(Path(sys.argv[1])):
    count(1)
    os.fork() or os._exit(0)
    os.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""

    assert count_in(code, file)


def test_a_disk_that_hangs_does_not_keep_the_program_running(tmp_path: Path) -> None:
    code = (
        "writer.PATIENCE_SECONDS = 0.2\n"
        "counters._persist = lambda *_: threading.Event().wait()\n"
        "count(100)"
    )

    assert count_in(code, tmp_path / "sums") == 0


FORKS = {
    "os.fork during the first count of a thread": """
warnings.simplefilter("ignore")
begins, may_go_on = threading.Event(), threading.Event()
hook_in = processes.hook_in
def hook_in_late():
    begins.set()
    may_go_on.wait()
    hook_in()
processes.hook_in = hook_in_late
thread = threading.Thread(target=count, args=(50_000,))
thread.start()
begins.wait()
if os.fork() == 0:
    processes.hook_in = hook_in
    count(50_000)
    sys.exit()
may_go_on.set()
thread.join()
assert os.wait()[1] == 0
""",
    "os.fork while threads count": """
warnings.simplefilter("ignore")
writer.WRITE_SECONDS = 0.001
threads = [threading.Thread(target=count, args=(20_000,)) for _ in range(4)]
for thread in threads: thread.start()
for _ in range(8):
    if os.fork() == 0:
        count(100)
        os.fork() or (count(100), sys.exit())
        os.wait()
        sys.exit()
for thread in threads: thread.join()
for _ in range(8):
    assert os.wait()[1] == 0
count(18_400)
""",
    "multiprocessing": """
def work(number):
    count(number)

if __name__ == "__main__":
    count(40_000)
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        children = [context.Process(target=work, args=(10_000,)) for _ in range(2)]
        for child in children: child.start()
        for child in children: child.join()
""",
    "a pool of multiprocessing": """
def work(number):
    count(number)

count(50_000)
with multiprocessing.get_context("fork").Pool(3) as pool:
    pool.map(work, [1_000] * 50)
    pool.close()
    pool.join()
""",
    "an executor of processes": """
from concurrent.futures import ProcessPoolExecutor

def work(number):
    count(number)

count(50_000)
with ProcessPoolExecutor(3, multiprocessing.get_context("fork")) as executor:
    list(executor.map(work, [1_000] * 50))
""",
}


@pytest.mark.parametrize("code", FORKS.values(), ids=FORKS)
def test_forked_processes_count_apart_and_lose_nothing(
    code: str, tmp_path: Path
) -> None:
    assert count_in(code, tmp_path / "sums") == 100_000
