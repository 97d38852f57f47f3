"""What `nox -s serve`, `count` and `withhold` do on this machine, and what no web page can.

A browser sends requests to loopback for every page that it shows: a page of a stranger must not
be able to run the cron, which purges, or to read the database.
"""

import datetime as dt
import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests

from tests.support import pages
from tests.worker.client import Server, get, post
from tests.worker.reports import Report
from usage_receiver import configuration
from worker.local import database, serve

pytestmark = pytest.mark.slow

SAMPLE = 25
# What a browser sends for <img src="http://127.0.0.1:8787/...">.
IMAGE = {
    "Accept": "image/avif,image/webp,*/*",
    "Referer": "https://evil.example/",
    "Sec-Fetch-Dest": "image",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Site": "cross-site",
}
YEAR_2100 = 4102444800000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of made-up installations, counted."""
    folder = tmp_path_factory.mktemp("data")
    serve.migrate(folder)
    serve.fill(folder, SAMPLE, configuration.PAPERLESS_NGX)
    serve.count(folder, io.StringIO())
    return folder


@pytest.fixture(scope="module")
def local(data: Path) -> Iterator[Server]:
    """The Worker with that database, served as `nox -s serve` does."""
    with serve.run_server(data, 0, io.StringIO()) as (url, _):
        yield SimpleNamespace(url=url)


@pytest.mark.parametrize(
    "path",
    [
        f"/cdn-cgi/handler/scheduled?time={YEAR_2100}",
        f"/cdn-cgi/local/scheduled?time={YEAR_2100}",
        f"/cdn-cgi/local/scheduled?cron=17+3+*+*+*&scheduledTime={YEAR_2100}",
        f"/cdn-cgi/mf/scheduled?time={YEAR_2100}",
        f"/__scheduled?time={YEAR_2100}",
        *("/cdn-cgi/local/explorer", "/cdn-cgi/local/explorer/api/d1/database"),
        *("/cdn-cgi/handler/email", "/cdn-cgi/local/email"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_web_page_can_run_the_cron_or_open_the_database(
    local: Server, report: Report, path: str, method: str
) -> None:
    post(local, report)

    response = requests.request(method, f"{local.url}{path}", headers=IMAGE, timeout=30)

    assert response.status_code == 404
    assert post(local, report).status_code == 429, "the report is gone"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "localhost@x"],
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"MF-Original-URL": "http://127.0.0.1/stats"},
        {"X-Forwarded-Host": "localhost"},
    ],
)
def test_a_name_that_leads_to_this_machine_gets_no_answer(
    local: Server, host: str, headers: dict[str, str]
) -> None:
    """DNS rebinding: the stranger's page may read answers that come from its own name."""
    response = get(local, "/stats", Host=host, **headers)

    assert response.status_code in {400, 421}
    assert "installs" not in response.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:9000", "[::1]"]
)
def test_the_names_of_this_machine_get_an_answer(local: Server, host: str) -> None:
    assert get(local, "/health", Host=host).status_code == 200


def test_the_worker_listens_on_one_address_of_loopback(local: Server) -> None:
    port = urlsplit(local.url).port
    assert port

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=10)


def test_the_sample_fills_the_page(local: Server) -> None:
    statistics = get(local, "/stats").json()

    assert statistics["total"] >= 15
    for name in ("version", "install_type", "arch", "python", "database", "feature_ai"):
        assert statistics["fields"][name]["cells"], name
    assert len([name for name in statistics["periods"] if "-" in name]) >= 3
    assert "installations reported" in get(local, "/").text


def test_the_sample_is_received_in_order_and_in_the_past(data: Path) -> None:
    rows = database.query(data, "SELECT received, uuid FROM reports ORDER BY id")
    times = [row["received"] for row in rows]

    assert times == sorted(times)
    assert times[-1] <= dt.datetime.now(dt.UTC).isoformat()
    assert len({row["uuid"] for row in rows}) >= SAMPLE


def run_command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "worker.local", *arguments, "--data", data),
        cwd=pages.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_with_reports_is_served_without_the_sample(data: Path) -> None:
    before = database.query(data, "SELECT COUNT(*) AS n FROM reports")

    done = run_command(
        data, "serve", "--sample", "25", "--port", "0", "--minutes", "0.01"
    )

    assert done.returncode == 0, done.stderr
    assert f"The database in {data} already has reports, so" in done.stderr
    assert database.query(data, "SELECT COUNT(*) AS n FROM reports") == before


def test_a_value_is_withheld_beside_the_worker_and_published_again(
    local: Server, data: Path
) -> None:
    field = "install_type"
    before = get(local, "/stats").json()
    value = before["fields"][field]["cells"][0]["value"]

    done = run_command(data, "withhold", field, value)

    assert done.stdout.startswith(
        f"{field} {value} is withheld from now on.\nThese editions contain it: "
    )
    assert "30d" in done.stdout
    assert value not in get(local, "/stats").text
    done = run_command(data, "withhold", field, value, "--undo")
    assert done.stdout.startswith(f"{field} {value} is published again.")
    assert get(local, "/stats").json() == before


def test_the_count_runs_beside_the_worker(local: Server, data: Path) -> None:
    database.query(data, "DELETE FROM publications")
    assert get(local, "/stats").json()["total"] is None

    serve.count(data, io.StringIO())

    assert get(local, "/stats").json()["total"] is not None
