"""Measures how much CPU time a request takes."""

import datetime as dt
import uuid

from tests.bench import load
from tests.bench.processes import read_cpu
from tests.bench.receivers import PROJECTS
from tests.bench.runtime import run_bundle
from tests.bench.traffic import TRAFFIC, Build

REQUESTS = 400
# Their most frequent request follows an earlier one of the same day.
_REPEATED = ("octoprint",)


def measure_cpu(folder: str) -> float:
    """Return the seconds of CPU that a request to a project's receiver takes, with its database.

    It is the request that installations send most often. Unlike the time until the answer, its CPU
    time hardly depends on what else the machine does.

    Raises:
        RuntimeError: If the receiver refuses a request.
    """
    project = PROJECTS / folder
    message = max(TRAFFIC[folder], key=lambda it: it.per_day)
    with run_bundle(project / "worker.ts", project / "migrations", project) as worker:
        _send(worker.url, message.build, _make_keys())
        keys = _make_keys()
        if folder in _REPEATED:
            _send(worker.url, message.build, keys)
        before = read_cpu(worker.process_group)
        _send(worker.url, message.build, keys)
        return (read_cpu(worker.process_group) - before) / REQUESTS


def _make_keys() -> list[str]:
    return [str(uuid.uuid4()) for _ in range(REQUESTS)]


def _send(url: str, build: Build, keys: list[str]) -> None:
    now = dt.datetime.now(dt.UTC)
    requests = [build(key, now) for key in keys]
    done = load.send(
        url,
        [
            load.build_request(it.method, it.path, it.body, it.headers)
            for it in requests
        ],
    )
    if any(status >= 300 for status in done.statuses):
        raise RuntimeError(f"{url} answered {dict(done.statuses)}.")
