"""Which path takes which method."""

import datetime as dt

import pytest
import requests

from tests.worker.population import alike, put
from tests.worker.wire import post
from worker.local.harness import Harness

METHODS = {
    "/report": {"POST"},
    "/forget": {"POST"},
    "/": {"GET", "HEAD"},
    "/stats": {"GET", "HEAD"},
    "/stats/{month}.json": {"GET", "HEAD"},
    "/stats.csv": {"GET", "HEAD"},
    "/badge": {"GET", "HEAD"},
    "/health": {"GET", "HEAD"},
    "/openapi.yaml": {"GET", "HEAD"},
    "/report.schema.json": {"GET", "HEAD"},
}
# For a path with a part that varies, one.
PART = {"{month}": "2026-05"}
ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")


def whole(path: str) -> str:
    for part, one in PART.items():
        path = path.replace(part, one)
    return path


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, it) for path, taken in METHODS.items() for it in ALL if it not in taken],
)
def test_another_method_is_told_which_are_taken(
    worker: Harness, path: str, method: str
) -> None:
    answer = requests.request(method, f"{worker.url}{whole(path)}", timeout=30)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == METHODS[path] | {"OPTIONS"}


@pytest.mark.parametrize("path", METHODS)
def test_options_are_told_and_no_other_origin_is_let_in(
    worker: Harness, path: str
) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = requests.options(f"{worker.url}{whole(path)}", headers=asked, timeout=30)

    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["Allow"].split(", ")) == METHODS[path] | {"OPTIONS"}
    assert "Access-Control-Allow-Methods" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path", [path for path, methods in METHODS.items() if "HEAD" in methods]
)
def test_head_is_get_without_the_body(worker: Harness, path: str) -> None:
    put(worker, alike(12, dt.datetime(2026, 5, 10, tzinfo=dt.UTC)))
    worker.run_cron(dt.datetime(2026, 5, 18, tzinfo=dt.UTC))
    head, got = (
        requests.request(method, f"{worker.url}{whole(path)}", timeout=30)
        for method in ("HEAD", "GET")
    )

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/index.html",
            "/reports",
            "/report/",
            "//report",
            "/Report",
            "/report%2f",
            "/forget/",
        ),
        *("/stats/", "/stats.json", "/stats/2026-05", "/stats/2026-05.csv"),
        *("/stats/30d.json", "/stats/2026-5.json", "/stats/x2026-05.json"),
        *("/constructor", "/__proto__", "/%00", "/../report.schema", "/.env"),
    ],
)
def test_another_path_is_not_found(worker: Harness, path: str) -> None:
    answer = post(worker, {}, path)

    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_a_query_changes_nothing(worker: Harness, report: dict[str, object]) -> None:
    assert post(worker, report, "/report?uuid=x&__proto__=1").status_code == 204
