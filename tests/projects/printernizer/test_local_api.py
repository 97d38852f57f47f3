"""Printernizer's own API: the recorded paths and answers, by the page's rules on who may."""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from paperless_report import Result, State
from projects.printernizer.local_api import PATH, LocalApi, create_local_api
from tests.projects.printernizer.installation import DAY, HOUR, Installation
from tests.support import chromium
from tests.support.asgi import Client, Response
from tests.support.endpoint import Answer, Endpoint
from tests.support.needs import needs
from tests.support.waiting import MOST_SECONDS, wait_until

# What a browser sends with the request of another site's script or form.
OTHER_SITES: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9000", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
]
CHANGES = [
    ("POST", f"{PATH}/opt-in"),
    ("POST", f"{PATH}/opt-out"),
    ("DELETE", PATH),
    ("DELETE", f"{PATH}/delete-all"),
]
READS = [f"{PATH}/{name}" for name in ("status", "local", "export")]


@pytest.fixture
def program(installation: Installation) -> FastAPI:
    """A program as Printernizer is one: it has other paths, and lets any site read them."""
    program = FastAPI()
    program.add_middleware(LocalApi, reporter=installation.open().reporter)
    program.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
    )

    @program.get("/api/v1/printers")
    def list_printers() -> list[str]:
        return ["bambu_lab"]

    return program


@pytest.fixture
def client(program: FastAPI) -> Client:
    """A program on the same machine, such as curl."""
    return Client(program)


def record(installation: Installation, *events: str) -> None:
    usage = installation.open()
    for event in events:
        usage.record(event, printer_type="bambu_lab")
    usage.reporter.flush()


def read(client: Client, path: str) -> Any:  # noqa: ANN401  # JSON
    return json.loads(client.get(f"{PATH}/{path}").text)


def send(client: Client, method: str, path: str) -> Any:  # noqa: ANN401  # JSON
    answer = client.request(method, f"{PATH}{path}")
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def is_on(installation: Installation) -> bool:
    return installation.open().reporter.status().decision.state is State.ON


# The recorded sequence, with the types that the recorded answers have.


def test_the_recorded_requests_get_answers_in_their_shape(
    client: Client, installation: Installation
) -> None:
    record(installation, "job_completed")
    assert read(client, "status") == {
        "service_available": True,
        "opted_in": False,
        "total_events": 1,
        "collection_active": True,
    }
    assert read(client, "local") == {
        # The recorded one had an ID from an earlier opt-in, which ours deletes.
        "installation_id": "not_generated",
        "first_seen": "2026-06-01T12:00:00",
        "opt_in_status": "disabled",
        "total_events": 1,
        "this_week": {"job_count": 1, "file_count": 0, "error_count": 0},
        "last_submission": None,
    }

    agreed = send(client, "POST", "/opt-in")
    again = send(client, "POST", "/opt-in")

    assert {*agreed} == {"success", "installation_id", "message"}
    assert agreed["success"] is True
    assert agreed == again
    assert read(client, "local")["installation_id"] == agreed["installation_id"]
    assert read(client, "status")["opted_in"] is True
    assert read(client, "local")["opt_in_status"] == "enabled"

    exported = client.get(f"{PATH}/export")
    assert exported.headers["content-type"] == "application/json"
    assert (
        exported.headers["content-disposition"]
        == "attachment; filename=usage-statistics-export.json"
    )
    content = json.loads(exported.text)
    (event,) = content["events"]
    assert event == {
        "id": event["id"],
        "event_type": "job_completed",
        "timestamp": "2026-06-01T12:00:00",
        "metadata": {"printer_type": "bambu_lab"},
        "submitted": 0,
        "created_at": "2026-06-01T12:00:00",
    }
    assert isinstance(event["id"], str)
    assert {*content["settings"]} == {
        *("installation_id", "first_run_date", "opt_in_status")
    }
    assert content["export_version"] == "1.0"

    left = send(client, "POST", "/opt-out")
    assert (left["success"], left["installation_id"]) == (True, None)
    deleted = send(client, "DELETE", "")
    assert {*deleted} == {"success", "deleted_events", "message"}
    assert (deleted["success"], deleted["deleted_events"]) == (True, 1)
    assert read(client, "local")["total_events"] == 0
    assert read(client, "local")["first_seen"] is None
    assert json.loads(client.get(f"{PATH}/export").text)["events"] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "detail", "allow"),
    [
        ("GET", "/opt-in", 405, "Method Not Allowed", "POST"),
        ("PUT", "/delete-all", 405, "Method Not Allowed", "DELETE"),
        ("POST", "/status", 405, "Method Not Allowed", "GET, HEAD"),
        ("GET", "/nothing", 404, "Not Found", None),
        ("POST", "/opt-in/", 404, "Not Found", None),
    ],
)
def test_other_methods_and_paths_get_the_recorded_errors(
    client: Client, method: str, path: str, status: int, detail: str, allow: str | None
) -> None:
    answer = client.request(method, f"{PATH}{path}")

    assert (answer.status, json.loads(answer.text)) == (status, {"detail": detail})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get("allow") == allow


def test_the_other_paths_of_the_program_are_its_own(client: Client) -> None:
    assert json.loads(client.get("/api/v1/printers").text) == ["bambu_lab"]
    for path in (f"{PATH}ics", "/api/v1"):
        assert json.loads(client.get(path).text) == {"detail": "Not Found"}


@pytest.mark.parametrize("path", ["", "/", "/delete-all"])
def test_everything_is_deleted_at_both_paths(
    client: Client, installation: Installation, path: str
) -> None:
    record(installation, "app_start", "job_created")
    send(client, "POST", "/opt-in")

    assert send(client, "DELETE", path)["deleted_events"] == 2

    assert not [*installation.folder.glob("*")]
    assert not is_on(installation)
    assert read(client, "status")["total_events"] == 0


def test_a_damaged_file_can_be_deleted(
    client: Client, installation: Installation
) -> None:
    record(installation, "app_start")
    (file,) = installation.folder.glob("*.sqlite3")
    file.write_bytes(b"damaged" * 1000)

    assert send(client, "DELETE", "/delete-all")["success"]

    assert not file.exists()


def test_this_week_is_the_last_seven_days(
    client: Client, installation: Installation
) -> None:
    record(installation, "job_failed", "file_downloaded", "error_occurred")
    installation.now += 7 * DAY - HOUR
    assert read(client, "local")["this_week"] == {
        "job_count": 1,
        "file_count": 1,
        "error_count": 1,
    }

    installation.now += 2 * HOUR

    assert read(client, "local")["this_week"] == {
        "job_count": 0,
        "file_count": 0,
        "error_count": 0,
    }


def test_an_export_says_which_events_a_report_was_about(
    client: Client, installation: Installation
) -> None:
    record(installation, "job_completed")
    send(client, "POST", "/opt-in")
    installation.now += 7 * DAY
    record(installation, "job_failed")
    outcome = installation.open().reporter.run(now=True)

    assert outcome.result is Result.SENT
    content = json.loads(client.get(f"{PATH}/export").text)
    assert [it["submitted"] for it in content["events"]] == [1, 0]
    # Every byte that was sent, too.
    assert "job_count" in content["reporter"]["history"][0]["body"]
    assert read(client, "local")["last_submission"] == "2026-06-08T12:00:00"


def test_opting_out_keeps_the_events_and_deletes_the_id(
    client: Client, installation: Installation
) -> None:
    record(installation, "job_completed")
    first = send(client, "POST", "/opt-in")["installation_id"]
    send(client, "POST", "/opt-out")
    assert read(client, "local")["installation_id"] == "not_generated"
    assert read(client, "local")["total_events"] == 1

    assert send(client, "POST", "/opt-in")["installation_id"] != first


@pytest.mark.parametrize(
    ("variable", "value", "path", "active"),
    [
        ("DO_NOT_TRACK", "1", "/opt-in", False),
        ("PRINTERNIZER_USAGE_REPORTING", "off", "/opt-in", False),
        ("PRINTERNIZER_USAGE_REPORTING", "on", "/opt-out", True),
    ],
)
def test_a_click_that_a_variable_overrides_says_so(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    path: str,
    *,
    active: bool,
) -> None:
    monkeypatch.setenv(variable, value)

    answer = client.request("POST", f"{PATH}{path}")

    assert answer.status == 409
    content = json.loads(answer.text)
    assert (content["success"], content["installation_id"]) == (False, None)
    assert content["message"].startswith(variable)
    status = read(client, "status")
    assert (status["opted_in"], status["collection_active"]) == (active, active)


def test_looking_stores_nothing(client: Client, installation: Installation) -> None:
    for path in READS:
        assert client.get(path).status == 200

    assert not installation.folder.exists()


def test_a_state_that_cannot_be_read_is_an_answer(
    client: Client, installation: Installation
) -> None:
    record(installation, "app_start")
    for file in installation.folder.glob("*.sqlite3*"):
        file.write_bytes(b"not a database" * 100)

    assert read(client, "status") == {
        "service_available": False,
        "opted_in": False,
        "total_events": 0,
        "collection_active": False,
    }
    answer = client.get(f"{PATH}/local")
    assert answer.status == 503
    assert "damaged" in json.loads(answer.text)["detail"]


# Who may.


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
def test_another_site_reads_nothing_even_if_the_program_lets_it(
    client: Client, installation: Installation, headers: dict[str, str]
) -> None:
    record(installation, "job_completed")
    for path in READS:
        answer = client.get(path, **headers)
        assert answer.status == 403
        assert {*json.loads(answer.text)} == {"detail"}
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_another_site_changes_nothing(
    client: Client,
    installation: Installation,
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    record(installation, "job_completed")
    installation.open().reporter.turn_on()
    before = installation.open().reporter.export()

    assert client.request(method, path, headers).status == 403

    assert installation.open().reporter.export() == before


def test_a_form_of_another_site_that_leads_here_changes_nothing(
    client: Client, installation: Installation
) -> None:
    """A browser opens the answer as a page, which may only read."""
    navigation = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "content-type": "application/x-www-form-urlencoded",
    }

    assert client.request("POST", f"{PATH}/opt-in", navigation).status == 403
    assert not installation.folder.exists()


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"origin": "http://127.0.0.1:8000"}, {}],
    ids=str,
)
def test_printernizers_own_page_and_scripts_change_something(
    client: Client, installation: Installation, headers: dict[str, str]
) -> None:
    assert client.request("POST", f"{PATH}/opt-in", headers).status == 200
    assert is_on(installation)


@pytest.mark.parametrize(
    ("attribute", "value"), [("address", "192.0.2.1"), ("host", "evil.example")]
)
def test_other_machines_and_other_names_of_this_one_are_refused(
    client: Client, installation: Installation, attribute: str, value: str
) -> None:
    setattr(client, attribute, value)
    for method, path in (*CHANGES, *(("GET", it) for it in READS)):
        answer = client.request(method, path)
        assert answer.status == 403
        assert "authorize" in json.loads(answer.text)["detail"]

    assert not installation.folder.exists()


def test_authorize_lets_admins_in_from_elsewhere(installation: Installation) -> None:
    app = create_local_api(
        installation.open().reporter,
        authorize=lambda scope: (b"x-user", b"admin") in scope["headers"],
    )
    client = Client(app, host="printers.example", address="192.0.2.1")

    assert client.request("POST", "/opt-in").status == 403
    assert client.request("POST", "/opt-in", {"x-user": "admin"}).status == 200
    assert is_on(installation)


# With a real server.


class Served(NamedTuple):
    """A running server."""

    port: int

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request with no headers but Host and *headers*, as curl does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, MOST_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, names, answer.read())


@pytest.fixture
def served(program: FastAPI) -> Iterator[Served]:
    """The program, served by uvicorn on a free port."""
    config = uvicorn.Config(program, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield Served(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join()


def test_a_script_uses_every_path_of_a_real_server(
    served: Served, installation: Installation
) -> None:
    record(installation, "job_completed")

    for path in READS:
        assert served.send("GET", path).status == 200
    assert served.send("POST", f"{PATH}/opt-in").status == 200
    assert is_on(installation)
    assert served.send("POST", f"{PATH}/opt-out").status == 200
    assert not is_on(installation)
    # Not a redirect to the same path with a slash, which curl would not follow.
    assert served.send("DELETE", PATH).status == 200
    assert served.send("DELETE", f"{PATH}/delete-all").status == 200
    assert served.send("GET", f"{PATH}/opt-in").headers["allow"] == "POST"


def test_a_site_that_asks_a_real_server_first_gets_no_permission_that_helps(
    served: Served, installation: Installation
) -> None:
    """The program's CORS allows everything; the API refuses what comes then."""
    evil = {"Origin": "https://evil.example"}
    asked = {**evil, "Access-Control-Request-Method": "DELETE"}
    assert served.send("OPTIONS", PATH, asked).status == 200

    assert served.send("DELETE", PATH, evil).status == 403
    assert served.send("POST", f"{PATH}/opt-in", evil).status == 403
    assert served.send("GET", f"{PATH}/local", evil).status == 403
    rebound = {"Host": f"evil.example:{served.port}"}
    assert served.send("GET", f"{PATH}/local", rebound).status == 403
    assert not installation.folder.exists()


ATTACK = """async ([url, method, path]) => {
    try {
        const answer = await fetch(url + path, { method });
        return [answer.status, await answer.text()];
    } catch (error) {
        return [0, String(error)];
    }
}"""


@pytest.mark.nightly
@needs("chromium")
def test_a_site_in_a_real_browser_reads_and_changes_nothing(
    served: Served, installation: Installation
) -> None:
    record(installation, "job_completed")
    installation.open().reporter.turn_on()
    before = installation.open().reporter.export()
    url = f"http://127.0.0.1:{served.port}"
    form = f"<form method=post action={url}{PATH}/opt-out><button>Win</button></form>"
    with Endpoint() as evil, chromium.running() as browser:
        html = f"<!doctype html>{form}".encode()
        evil.answer = Answer(200, html, {"Content-Type": "text/html"})
        page = browser.new_page()
        # Another host, and another port of the same one.
        for site in (evil.url.replace("127.0.0.1", "localhost"), evil.url):
            page.goto(site)
            for method, path in (*CHANGES, *(("GET", it) for it in READS)):
                status, text = page.evaluate(ATTACK, [url, method, path])
                assert status in {0, 403}
                assert "job_count" not in text
                assert "event" not in text
            page.get_by_role("button").click()
            page.wait_for_url(f"{url}/**")
            assert "Another site" in page.locator("body").inner_text()

    assert installation.open().reporter.export() == before


@pytest.mark.nightly
@needs("chromium")
def test_printernizers_own_page_in_a_real_browser_uses_every_path(
    served: Served, installation: Installation
) -> None:
    record(installation, "job_completed")
    url = f"http://127.0.0.1:{served.port}"
    with chromium.running() as browser:
        page = browser.new_page()
        page.goto(f"{url}/api/v1/printers")
        for method, path in (*(("GET", it) for it in READS), *CHANGES):
            status, text = page.evaluate(ATTACK, [url, method, path])
            assert (status, bool(text)) == (200, True)

    assert not [*installation.folder.glob("*")]
