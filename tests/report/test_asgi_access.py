"""Any ASGI app can answer by the rules of the page on who may read and change something."""

import json
import threading
from collections.abc import Mapping

import pytest

from paperless_report.asgi_access import (
    Answer,
    RefusedError,
    Request,
    Routes,
    protect,
    require_own_form,
    write_json,
)
from tests.support.asgi import Client

MOST = 10
OWN = {"origin": "http://127.0.0.1:8000"}


class Switch:
    """Something to read and change.

    Attributes:
        is_on: What it says.
        seen: The last request.
        thread: Where its last handler ran.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.seen: Request | None = None
        self.thread = threading.main_thread()

    def read(self, request: Request) -> Answer:
        self.seen, self.thread = request, threading.current_thread()
        return write_json({"is_on": self.is_on})

    async def change(self, request: Request) -> Answer:
        self.seen, self.thread = request, threading.current_thread()
        self.is_on = await request.read_body(MOST) == b"on"
        return write_json({"is_on": self.is_on})

    def change_by_form(self, request: Request) -> Answer:
        require_own_form(request)
        self.is_on = True
        return Answer(204, {})


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def client(switch: Switch) -> Client:
    """A program on the machine that the app runs on."""
    routes: Routes = {
        "": {"DELETE": switch.change},
        "/switch": {"GET": switch.read, "PUT": switch.change},
        "/form": {"POST": switch.change_by_form},
    }
    return Client(protect(routes, name="create_switch"))


def put(client: Client, headers: Mapping[str, str]) -> int:
    return client.request("PUT", "/switch", headers, [b"on"]).status


def test_a_program_on_the_same_machine_reads_and_changes(
    client: Client, switch: Switch
) -> None:
    assert put(client, {}) == 200
    answer = client.get("/switch")

    assert switch.is_on
    assert json.loads(answer.text) == {"is_on": True}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("headers", [OWN, {"sec-fetch-site": "same-origin"}])
def test_a_page_of_the_same_origin_changes(
    client: Client, switch: Switch, headers: dict[str, str]
) -> None:
    assert put(client, headers) == 200
    assert switch.is_on


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        # As a browser opens the page that a form leads to: it may read, and not change.
        {
            "sec-fetch-site": "cross-site",
            "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "document",
        },
        # Something between the browser and the program removed the rest.
        {"sec-fetch-mode": "navigate"},
        {"referer": "https://evil.example/"},
        {"sec-gpc": "1"},
    ],
    ids=str,
)
def test_a_browser_that_shows_another_site_changes_nothing(
    client: Client, switch: Switch, headers: dict[str, str]
) -> None:
    for method, path in (("PUT", "/switch"), ("DELETE", ""), ("POST", "/form")):
        assert client.request(method, path, headers, [b"on"]).status == 403

    assert not switch.is_on
    assert switch.seen is None


@pytest.mark.parametrize(
    ("change", "value"),
    [("address", "192.0.2.1"), ("address", None), ("host", "evil.example")],
)
def test_only_the_same_machine_reads_and_changes_without_authorize(
    client: Client, switch: Switch, change: str, value: str | None
) -> None:
    setattr(client, change, value)

    assert put(client, {}) == 403
    answer = client.get("/switch")

    assert answer.status == 403
    assert "pass `authorize` to create_switch" in answer.text
    assert switch.seen is None


def test_authorize_decides_for_every_path_and_method(switch: Switch) -> None:
    routes: Routes = {"/switch": {"GET": switch.read, "PUT": switch.change}}
    app = protect(
        routes,
        name="create_switch",
        authorize=lambda scope: (b"x-user", b"admin") in scope["headers"],
    )
    client = Client(app, host="shelf.example", address="192.0.2.1")

    assert [put(client, {}), client.get("/nothing").status] == [403, 403]
    assert put(client, {"x-user": "admin"}) == 200
    # An admin's browser shows another site.
    assert put(client, {"x-user": "admin", "origin": "https://evil.example"}) == 403


def test_a_handler_can_ask_for_a_page_of_the_same_origin(
    client: Client, switch: Switch
) -> None:
    assert client.request("POST", "/form").status == 403
    assert not switch.is_on
    assert client.request("POST", "/form", OWN).status == 204
    assert switch.is_on


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/nothing", 404, None),
        ("GET", "/switch/", 404, None),
        ("GET", "", 405, "DELETE"),
        ("POST", "/switch", 405, "GET, HEAD, PUT"),
        ("OPTIONS", "/switch", 405, "GET, HEAD, PUT"),
        ("HEAD", "/form", 405, "POST"),
    ],
)
def test_other_paths_and_methods_are_refused(
    client: Client, method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = client.request(method, path)

    assert (answer.status, answer.headers.get("allow")) == (status, allowed)


def test_head_answers_as_get_without_a_body(client: Client) -> None:
    got, head = client.get("/switch"), client.request("HEAD", "/switch")

    assert (head.status, head.headers, head.body) == (200, got.headers, b"")


def test_a_handler_that_is_no_coroutine_runs_in_a_thread(
    client: Client, switch: Switch
) -> None:
    client.get("/switch")
    assert switch.thread is not threading.main_thread()

    put(client, {})
    assert switch.thread is threading.main_thread()


def test_a_handler_gets_the_path_below_the_mount_and_the_query(
    client: Client, switch: Switch
) -> None:
    client.scope = {"root_path": "/api/", "scheme": "https"}
    client.get("/api/switch?a=1&b=%20")

    assert switch.seen is not None
    assert (switch.seen.path, switch.seen.root) == ("/switch", "/api")
    assert switch.seen.query == {"a": "1", "b": " "}
    assert switch.seen.is_https


def test_a_body_that_is_too_large_or_cut_off_is_refused(
    client: Client, switch: Switch
) -> None:
    large = client.request("PUT", "/switch", {}, [b"on", b"x" * MOST])
    cut_off = client.request("PUT", "/switch", {}, [b"on"], is_cut_off=True)

    assert (large.status, cut_off.status) == (413, 400)
    assert not switch.is_on


def test_an_app_writes_refusals_in_its_own_form(switch: Switch) -> None:
    def write(refused: RefusedError) -> Answer:
        return write_json({"detail": refused.text}, refused.status, refused.headers)

    routes: Routes = {"/switch": {"GET": switch.read}}
    client = Client(protect(routes, name="x", write_refusal=write))
    answer = client.request("PUT", "/switch")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "GET, HEAD" in json.loads(answer.text)["detail"]
