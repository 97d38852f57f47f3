"""Processes that send at once, and are killed while they do, send each count once."""

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.report.shelf import DAY, WEEKLY, Shelf
from tests.support.pages import ROOT

if TYPE_CHECKING:
    import datetime as dt

RUN = """
import datetime as dt, sys, types
from pathlib import Path
from tests.report.shelf import WEEKLY, Shelf

folder, url, now = sys.argv[1:]
endpoint = types.SimpleNamespace(url=url)
shelf = Shelf(Path(folder), endpoint, dt.datetime.fromisoformat(now))
print(shelf.open(contract=WEEKLY).run().result.name)
"""


def start(shelf: Shelf, url: str) -> "subprocess.Popen[str]":
    """Start a process that runs once at the time of *shelf*."""
    arguments = (str(shelf.folder), url, shelf.now.isoformat())
    return subprocess.Popen(
        (sys.executable, "-c", RUN, *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_run_at_once_send_one_report(shelf: Shelf) -> None:
    reporter = shelf.open(contract=WEEKLY)
    reporter.turn_on()
    shelf.wait(7 * DAY)

    processes = [start(shelf, shelf.endpoint.url) for _ in range(3)]
    results = Counter(it.communicate()[0].strip() for it in processes)

    assert len(shelf.reports) == 1
    assert results["SENT"] == 1
    assert set(results) <= {"SENT", "BUSY", "NOT_DUE"}


class OnceServer(ThreadingHTTPServer):
    """A receiver that takes one report in seven days of the client's clock."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(("127.0.0.1", 0), self.make_handler(shelf))
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.taken: list[dict[str, object]] = []
        self.lock = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """Print nothing: clients are killed."""

    def make_handler(self, shelf: Shelf) -> type[BaseHTTPRequestHandler]:
        server = self
        times: list[dt.datetime] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return
                with server.lock:
                    is_due = not times or shelf.now >= times[-1] + 7 * DAY
                    if is_due:
                        times.append(shelf.now)
                        server.taken.append(json.loads(body))
                self.answer(204 if is_due else 429)

            def answer(self, status: int) -> None:
                left = times[-1] + 7 * DAY - shelf.now
                content = {
                    "error": "already_submitted",
                    "last_sent": times[-1].isoformat(),
                    "retry_after_days": max(1, -(-left // DAY)),
                }
                text = json.dumps(content).encode() if status == 429 else b""
                self.send_response(status)
                if text:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
def test_no_kill_loses_or_doubles_a_count(seed: int, shelf: Shelf) -> None:
    chance = random.Random(seed)  # noqa: S311  # moments, not secrets
    reporter = shelf.open(contract=WEEKLY)
    reporter.turn_on()
    counted: Counter[str] = Counter()
    with OnceServer(shelf) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            for _ in range(40):
                number = chance.randint(1, 9)
                for _ in range(number):
                    reporter.count("search")
                reporter.flush()
                counted[f"{shelf.now:%F}"] += number
                shelf.wait(DAY)
                process = start(shelf, server.url)
                try:
                    process.wait(chance.uniform(0.2, 1.5))
                except subprocess.TimeoutExpired:
                    process.kill()
                process.communicate()
            shelf.wait(30 * DAY)
            for _ in range(3):
                start(shelf, server.url).communicate()
                shelf.wait(8 * DAY)
        finally:
            server.shutdown()
            thread.join()

    sent: Counter[str] = Counter()
    for report in server.taken:
        for event in report.get("events", []):  # type: ignore[attr-defined]  # JSON
            sent[event["day"]] += event["properties"]["count"]
    assert sent == counted
