"""Builds reports of Printernizer and sends them."""

import copy
import datetime as dt
import json

import requests

from tests.projects.printernizer.recorded import KEY, RECORDINGS
from worker.local.harness import Harness

Report = dict[str, object]


def example_report() -> Report:
    """The first recorded report, as if it were sent now."""
    request = RECORDINGS[0].build(dt.datetime.now(dt.UTC))
    report: Report = json.loads(request.partition(b"\r\n\r\n")[2])
    return report


def change(report: Report, path: str, value: object) -> Report:
    """A copy of *report* whose property at a dotted path is *value*; `...` leaves it out."""
    changed = copy.deepcopy(report)
    *objects, name = path.split(".")
    target = changed
    for step in objects:
        target = target[step]  # type: ignore[assignment]  # an object, as in the contract
    if value is ...:
        del target[name]
    else:
        target[name] = value
    return changed


def submit(
    worker: Harness, content: object, key: str | None = KEY, path: str = "/submit"
) -> requests.Response:
    """POST *content*: bytes as they are, anything else as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return send(worker, "POST", path, key, body, {"Content-Type": "application/json"})


def delete(
    worker: Harness, installation: str, key: str | None = KEY
) -> requests.Response:
    return send(worker, "DELETE", f"/installation/{installation}", key)


def send(
    worker: Harness,
    method: str,
    path: str,
    key: str | None = KEY,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    keys = {} if key is None else {"X-API-Key": key}
    return requests.request(
        method,
        f"{worker.url}{path}",
        data=body,
        headers={**keys, **(headers or {})},
        timeout=30,
        allow_redirects=False,
    )
