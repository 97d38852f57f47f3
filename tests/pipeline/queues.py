"""Runs the demo project's task queue: a broker, Celery beat and a worker."""

import contextlib
import datetime as dt
import re
import shelve
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import celery
from celery.beat import ScheduleEntry
from celery.schedules import schedule

from tests.pipeline.hosts import Host
from tests.support.waiting import wait_until

FILES = "filesystem://"
_TASK = "paperless_report.tasks.report_usage"

_STOP_SECONDS = 30


@contextlib.contextmanager
def run_redis(folder: Path) -> Iterator[str]:
    """Run Debian's Redis on a socket in *folder* until the end of the block; yield its URL."""
    socket = folder / "redis.sock"
    command = ("redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "")
    with _run(command, folder / "redis.log", folder):
        wait_until(socket.exists)
        yield f"redis+socket://{socket}"


@contextlib.contextmanager
def run_celery(host: Host, *arguments: str) -> Iterator[Path]:
    """Run a program of Celery for *host* until the end of the block; yield its log."""
    log = host.data / f"{arguments[0]}.log"
    command = (sys.executable, "-m", "celery", "--app", "paperless", *arguments)
    with _run((*command, "--loglevel", "INFO"), log, host.data, host.environ):
        yield log


def make_entry_due(host: Host) -> None:
    """Store that beat ran the task two hours ago, before this machine was switched off."""
    with shelve.open(str(host.data / "celerybeat-schedule.db")) as store:  # noqa: S301  # a file of our own
        store["__version__"] = celery.__version__
        store["tz"] = "America/Chicago"  # Django's default
        store["utc_enabled"] = True
        store["entries"] = {
            "Report usage": ScheduleEntry(
                name="Report usage",
                task=_TASK,
                last_run_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2),
                schedule=schedule(3600),
            )
        }


def request_run(host: Host) -> None:
    """Send the task to the worker, as beat does every hour."""
    broker, queue = host.variables["PAPERLESS_REDIS"], host.data / "queue"
    with celery.Celery(broker=broker, set_as_current=False) as app:
        if broker == FILES:
            app.conf.broker_transport_options = {
                "data_folder_in": queue,
                "data_folder_out": queue,
                "control_folder": queue / "control",
            }
        app.send_task(_TASK)


def count_runs(log: Path) -> int:
    """Count how often the worker with this *log* has run the task."""
    return len(re.findall(rf"Task {_TASK}\[\S+\] succeeded", log.read_text("utf-8")))


@contextlib.contextmanager
def _run(
    command: tuple[str, ...],
    log: Path,
    folder: Path,
    environ: dict[str, str] | None = None,
) -> Iterator[None]:
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(
            command, cwd=folder, env=environ, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
