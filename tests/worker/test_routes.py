"""Each path accepts its own methods and no others."""

import pytest
import requests

from tests.worker.api import METHODS
from tests.worker.client import post
from tests.worker.clock import DUE, midnight
from tests.worker.population import store_identical
from worker.local.harness import Harness

pytestmark = pytest.mark.both

METHOD_NAMES = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")


def send(worker: Harness, method: str, path: str, **headers: str) -> requests.Response:
    path = path.replace("{month}", "2026-04")
    return requests.request(method, f"{worker.url}{path}", headers=headers, timeout=30)


@pytest.mark.parametrize("path", METHODS)
def test_any_other_method_gets_405_and_the_list_of_those_allowed(
    worker: Harness, path: str
) -> None:
    for method in set(METHOD_NAMES) - METHODS[path]:
        response = send(worker, method, path)

        assert response.status_code == 405, method
        assert set(response.headers["Allow"].split(", ")) == METHODS[path] | {"OPTIONS"}


@pytest.mark.parametrize("path", METHODS)
def test_options_lists_the_methods_and_admits_no_other_origin(
    worker: Harness, path: str
) -> None:
    response = send(
        worker,
        "OPTIONS",
        path,
        **{"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )

    assert (response.status_code, response.content) == (204, b"")
    assert set(response.headers["Allow"].split(", ")) == METHODS[path] | {"OPTIONS"}
    assert "Access-Control-Allow-Methods" not in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", [path for path in METHODS if "HEAD" in METHODS[path]])
def test_head_is_get_without_the_body(worker: Harness, path: str) -> None:
    store_identical(worker, 20, midnight(2026, 4, 20))
    worker.run_cron(DUE)

    head, get = (send(worker, method, path) for method in ("HEAD", "GET"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        *("/index.html", "/reports", "/report/", "//report", "/Report", "/report%2f"),
        *("/forget/", "/stats/", "/stats.json", "/stats/2026-05", "/stats/2026-05.csv"),
        *("/stats/30d.json", "/stats/2026-5.json", "/stats/x2026-05.json"),
        *("/constructor", "/__proto__", "/%00", "/../report.schema", "/.env"),
    ],
)
def test_any_other_path_gets_404(worker: Harness, path: str) -> None:
    response = post(worker, {}, path)

    assert response.status_code == 404
    assert response.json()["error"] == "not_found"
