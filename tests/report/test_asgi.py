"""The ASGI app with the page answers only those who may see it, and changes only what they ask."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from paperless_report import State
from paperless_report.asgi import COOKIE, MOST_BODY_BYTES, Authorize, create_page
from tests.report.shelf import Shelf
from tests.support import sockets
from tests.support.asgi import Client
from tests.support.misbehaving_servers import Connection, MisbehavingServer


@pytest.fixture
def client(shelf: Shelf) -> Client:
    """A browser on the machine that the page runs on."""
    return Client(create_page(shelf.open()))


def allow(_scope: Mapping[str, Any]) -> bool:
    return True


async def allow_later(_scope: Mapping[str, Any]) -> bool:
    await asyncio.sleep(0)
    return True


async def deny_later(_scope: Mapping[str, Any]) -> bool:
    await asyncio.sleep(0)
    return False


def read_state(shelf: Shelf) -> State:
    return shelf.open().status().decision.state


def wait_until(is_done: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not is_done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_admin_turns_reporting_on_and_off_again(
    client: Client, shelf: Shelf
) -> None:
    shown = client.get()
    answer = client.post(client.open_form("on"))

    assert (shown.status, answer.status) == (200, 303)
    assert re.fullmatch(r"\./\?notice=[a-z_]+", answer.headers["location"])
    assert read_state(shelf) is State.ON
    assert client.get(answer.headers["location"][1:]).status == 200
    client.post(client.open_form("off"))
    assert read_state(shelf) is State.OFF


def test_looking_at_the_page_stores_nothing_and_opens_no_connection(
    client: Client, shelf: Shelf
) -> None:
    with sockets.watched() as addresses:
        for path in ("/", "/style.css", "/export.json", "/?action=on&notice=on"):
            assert client.get(path).status == 200

    assert not addresses
    assert not shelf.folder.exists()


def test_the_export_is_what_the_reporter_exports(client: Client, shelf: Shelf) -> None:
    shelf.open().turn_on()
    answer = client.get("/export.json")

    assert json.loads(answer.text) == shelf.open().export()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith("attachment")


# Who may see the page


@pytest.mark.parametrize(
    ("address", "host", "is_allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "localhost:8000", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("::1", "[::1]:8000", True),
        ("::1", "[::1]", True),
        ("::ffff:127.0.0.1", "localhost", True),
        ("127.8.9.10", "localhost", True),
        # A name of an attacker that leads to this machine.
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "evil.example:8000", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "evil.example#localhost", False),
        ("127.0.0.1", "localhost@evil.example", False),
        ("127.0.0.1", "192.0.2.1", False),
        ("127.0.0.1", "[::1", False),
        ("127.0.0.1", "", False),
        ("192.0.2.1", "localhost", False),
        ("2001:db8::1", "[::1]:8000", False),
        ("not an address", "localhost", False),
        # A Unix socket has no address, and a proxy for everyone may use it.
        (None, "localhost", False),
    ],
)
def test_without_authorize_only_this_machine_sees_the_page(
    client: Client, address: str | None, host: str, *, is_allowed: bool
) -> None:
    client.address, client.host = address, host
    for path in ("/", "/style.css", "/export.json", "/nothing"):
        answer = client.get(path)
        assert (answer.status != 403) == is_allowed
        assert is_allowed or "authorize" in answer.text


@pytest.mark.parametrize(
    "header",
    ["x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip", "via"],
)
def test_without_authorize_what_a_proxy_passes_on_is_refused(
    client: Client, header: str
) -> None:
    assert client.request("GET", "/", {header: "127.0.0.1"}).status == 403


def test_without_authorize_a_proxy_that_says_nothing_is_refused_if_it_uses_http_1_0(
    client: Client,
) -> None:
    client.scope = {"http_version": "1.0"}

    assert client.get().status == 403


def test_two_hosts_in_a_request_are_refused(client: Client) -> None:
    client.scope = {"headers": [(b"host", b"localhost"), (b"host", b"evil.example")]}

    assert client.get().status == 403


def test_a_forwarded_address_never_makes_a_client_local(client: Client) -> None:
    client.address = "192.0.2.1"

    assert client.get("/", x_forwarded_for="127.0.0.1").status == 403


@pytest.mark.parametrize(
    ("authorize", "status"),
    [
        (allow, 200),
        (allow_later, 200),
        (deny_later, 403),
        (lambda _: False, 403),
        # A mistake must not open the page.
        (lambda _: None, 403),
        (lambda _: {"status": 401}, 403),
        (lambda _: allow_later, 403),
    ],
)
def test_authorize_decides_instead_of_the_address(
    shelf: Shelf, authorize: Authorize, status: int
) -> None:
    client = Client(create_page(shelf.open(), authorize=authorize))
    client.address, client.host = "192.0.2.1", "shelf.example"

    assert client.get().status == status
    client.post({"action": "on", "token": "x"})
    assert not shelf.folder.exists()


def test_authorize_gets_the_scope_of_the_request(shelf: Shelf) -> None:
    def is_admin(scope: Mapping[str, Any]) -> bool:
        return (b"x-user", b"admin") in scope["headers"]

    client = Client(create_page(shelf.open(), authorize=is_admin))

    assert client.get().status == 403
    assert client.get("/", x_user="admin").status == 200


def test_an_exception_of_authorize_is_the_answer_of_the_program(shelf: Shelf) -> None:
    def authorize(_scope: Mapping[str, Any]) -> bool:
        raise HTTPException(401, headers={"WWW-Authenticate": "Basic"})

    program = FastAPI()
    program.mount("/usage", create_page(shelf.open(), authorize=authorize))
    answer = Client(program).get("/usage/")

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize(
    ("site", "mode", "destination", "status"),
    [
        ("none", "navigate", "document", 200),
        ("same-origin", "no-cors", "style", 200),
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "cors", "empty", 403),
        ("same-site", "cors", "empty", 403),
        ("cross-site", "no-cors", "script", 403),
        ("cross-site", "navigate", "iframe", 403),
        ("same-site", "navigate", "object", 403),
    ],
)
def test_a_script_of_another_site_reads_nothing_even_if_the_program_lets_it(
    shelf: Shelf, site: str, mode: str, destination: str, status: int
) -> None:
    program = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=["*"])])
    program.mount("/usage", create_page(shelf.open()))
    headers = {
        "sec-fetch-site": site,
        "sec-fetch-mode": mode,
        "sec-fetch-dest": destination,
    }

    for path in ("/usage/", "/usage/export.json"):
        assert Client(program).get(path, **headers).status == status


# Forms


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 303),
        ({"sec_fetch_site": None, "origin": "http://127.0.0.1:8000"}, 303),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": "http://127.0.0.1:8000"}, 403),
        ({"sec_fetch_site": None, "origin": "https://evil.example"}, 403),
        ({"sec_fetch_site": None, "origin": "http://127.0.0.1:9000"}, 403),
        ({"sec_fetch_site": None, "origin": "http://127.0.0.1:8000.evil.example"}, 403),
        ({"sec_fetch_site": None, "origin": "null"}, 403),
        ({"sec_fetch_site": None, "origin": ""}, 403),
        ({"sec_fetch_site": None}, 403),
        (
            {"sec_fetch_site": None, "referer": "http://127.0.0.1:8000/"},
            403,
        ),
    ],
)
def test_only_a_form_of_the_page_itself_changes_something(
    client: Client, shelf: Shelf, headers: dict[str, str | None], status: int
) -> None:
    answer = client.post(client.open_form("on"), path="/", **headers)

    assert answer.status == status
    assert shelf.folder.exists() == (status == 303)


@pytest.mark.parametrize("token", ["", "wrong", "ä", None])
def test_a_form_without_the_right_token_changes_nothing(
    client: Client, shelf: Shelf, token: str | None
) -> None:
    form = client.open_form("on")
    del form["token"]

    answer = client.post(form if token is None else {**form, "token": token})

    assert answer.status == 403
    assert "reload" in answer.text
    assert not shelf.folder.exists()


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=", "other=1", "=;;; =,"])
def test_a_form_without_the_cookie_changes_nothing(
    client: Client, shelf: Shelf, cookie: str
) -> None:
    form = client.open_form("on")
    client.cookies = {}

    assert client.post(form, cookie=cookie).status == 403
    assert client.post({**form, "token": ""}, cookie=cookie).status == 403
    assert not shelf.folder.exists()


def test_cookies_of_other_programs_do_not_hide_the_token(
    client: Client, shelf: Shelf
) -> None:
    form = client.open_form("on")
    client.cookies = {"settings": '{"a": [1, "ä"]}', **client.cookies}

    assert client.post(form).status == 303
    assert read_state(shelf) is State.ON


def test_a_browser_keeps_its_token_so_that_two_tabs_work(client: Client) -> None:
    form, later = client.open_form("on"), client.open_form("on")

    assert form["token"] == later["token"]
    assert "set-cookie" not in client.get().headers
    assert form["token"] != Client(client.app).open_form("on")["token"]


def test_a_tab_that_shows_an_old_state_changes_nothing(
    client: Client, shelf: Shelf
) -> None:
    old = client.open_form("on")
    client.post(client.open_form("on"))
    client.post(client.open_form("off"))

    answer = client.post(old)

    assert answer.status == 303
    assert read_state(shelf) is State.OFF
    assert client.get(answer.headers["location"][1:]).status == 200


@pytest.mark.parametrize("action", ["forget", "delete"])
def test_forgetting_and_deleting_need_the_checked_box(
    client: Client, shelf: Shelf, action: str
) -> None:
    shelf.open().turn_on()
    form = client.open_form(action)

    client.post({name: it for name, it in form.items() if name != "confirm"})

    assert shelf.open().status().installation_id
    assert not shelf.endpoint.arrived


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"action=\xff&token=%s", 400),
        (b"action=%%ff&token=%s", 400),
        (b"action=on&token=%s&x=" + b"x" * MOST_BODY_BYTES, 413),
        (b"action=on&token=%s" + b"&x=1" * 1000, 400),
        (b"", 403),
    ],
)
def test_a_body_that_is_not_a_small_form_changes_nothing(
    client: Client, shelf: Shelf, body: bytes, status: int
) -> None:
    token = client.open_form("on")["token"].encode()

    assert client.post(body % token if body else body).status == status
    assert not shelf.folder.exists()


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "multipart/form-data; boundary=x", "application/json", None],
)
def test_only_a_form_of_the_usual_media_type_is_read(
    client: Client, shelf: Shelf, media_type: str | None
) -> None:
    form = client.open_form("on")

    assert client.post(form, content_type=media_type).status == 415
    assert not shelf.folder.exists()


def test_a_form_that_comes_in_many_parts_is_read(client: Client, shelf: Shelf) -> None:
    fields = client.open_form("on").items()
    body = "&".join(f"{name}={value}" for name, value in fields)
    headers = {
        "sec-fetch-site": "same-origin",
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    }

    client.request("POST", "/", headers, [it.encode() for it in body])

    assert read_state(shelf) is State.ON


# HTTP


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/style.css", "/export.json"])
def test_other_methods_are_not_allowed(
    client: Client, shelf: Shelf, method: str, path: str
) -> None:
    answer = client.request(method, path)

    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
    assert not shelf.folder.exists()


@pytest.mark.parametrize("path", ["/style.css", "/export.json"])
def test_only_the_page_itself_takes_forms(client: Client, path: str) -> None:
    assert client.post(client.open_form("on"), path).status == 405


@pytest.mark.parametrize("path", ["/x", "//", "/../style.css", "/x/", "/style.css/"])
def test_any_other_address_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


@pytest.mark.parametrize("path", ["/", "/style.css", "/export.json"])
def test_head_answers_as_get_does_but_without_the_body(
    client: Client, path: str
) -> None:
    client.get()
    got, head = client.get(path), client.request("HEAD", path)

    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("path", ["/", "/style.css", "/export.json", "/x"])
def test_every_answer_forbids_storing_framing_scripts_and_other_sites(
    client: Client, path: str
) -> None:
    for answer in (client.get(path), client.get(path, host="evil.example")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        policy = answer.headers["content-security-policy"].split("; ")
        assert {*policy} >= {
            "default-src 'none'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        }


@pytest.mark.parametrize(
    ("scope", "attributes"),
    [
        ({}, "Path=/; HttpOnly; SameSite=Strict"),
        ({"scheme": "https"}, "Path=/; HttpOnly; SameSite=Strict; Secure"),
        ({"root_path": "/usage"}, "Path=/usage; HttpOnly; SameSite=Strict"),
        # A part of a path that a client chose.
        (
            {"root_path": "/a;b\r\nc: d"},
            "Path=/a%3Bb%0D%0Ac%3A%20d; HttpOnly; SameSite=Strict",
        ),
    ],
)
def test_the_cookie_is_for_the_page_alone(
    client: Client, scope: dict[str, Any], attributes: str
) -> None:
    client.scope = scope

    cookie, _, after = client.get().headers["set-cookie"].partition("; ")

    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32,}}", cookie)
    assert after == attributes


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("", "/usage"),
        # A server that adds the path that its proxy has stripped.
        ("/app", "/app/usage"),
        # A program that was told of that path.
        ("/app", "/usage"),
    ],
)
def test_the_page_works_below_any_path(shelf: Shelf, root: str, path: str) -> None:
    program = FastAPI()
    program.mount("/usage", create_page(shelf.open()))
    client = Client(program, scope={"root_path": root})

    assert (
        client.get(f"{path}/style.css").headers["content-type"].startswith("text/css")
    )
    assert client.get(f"{path}/x/").status == 404
    page = client.get(f"{path}/")
    assert f"Path={root}/usage;" in page.headers["set-cookie"]
    assert not re.search(r'(href|action|src)="/', page.text)
    form = client.open_form("on", f"{path}/")
    assert client.post(form, f"{path}/").headers["location"].startswith("./?")
    assert read_state(shelf) is State.ON


def test_the_address_without_its_last_slash_leads_to_the_page(client: Client) -> None:
    client.scope = {"root_path": "//evil.example/usage"}

    answer = client.get("//evil.example/usage")

    assert (answer.status, answer.headers["location"]) == (308, "./usage/")


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_not_supported(client: Client, kind: str) -> None:
    client.scope = {"type": kind}

    with pytest.raises(NotImplementedError, match=kind):
        client.get()


def test_a_receiver_that_is_slow_delays_no_page(shelf: Shelf) -> None:
    may_answer = threading.Event()

    def answer_later(connection: Connection) -> None:
        connection.read_request()
        may_answer.wait(10)
        connection.raw.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with MisbehavingServer(answer_later) as server:
        client = Client(create_page(shelf.open(endpoint=server.url)))
        client.post(client.open_form("on"))
        client.post(client.open_form("send_now"))
        wait_until(lambda: 'http-equiv="refresh"' in client.get().text)
        may_answer.set()
        wait_until(lambda: shelf.open().status().last_sent)

    assert 'http-equiv="refresh"' not in client.get().text


def test_a_receiver_that_is_down_delays_no_page(shelf: Shelf) -> None:
    client = Client(create_page(shelf.open(endpoint="http://127.0.0.1:9")))
    client.post(client.open_form("on"))
    for action in ("send_now", "off_and_forget"):
        before = time.monotonic()
        client.post({**client.open_form(action), "confirm": "yes"})
        client.get()
        assert time.monotonic() - before < 3
        wait_until(lambda: 'http-equiv="refresh"' not in client.get().text)

    assert read_state(shelf) is State.OFF
    assert shelf.open().status().set_aside
