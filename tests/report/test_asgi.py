"""The ASGI app with the page answers only those who may see it, at any path."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from paperless_report import State
from paperless_report.asgi import COOKIE, create_page
from paperless_report.asgi_access import Authorize
from tests.report.shelf import Shelf
from tests.support import sockets
from tests.support.asgi import Client


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


@pytest.mark.parametrize(
    ("address", "host", "is_allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "localhost", True),
        ("::1", "[::1]:8000", True),
        # A name of an attacker that leads to this machine.
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "evil.example:8000", False),
        ("192.0.2.1", "localhost", False),
        ("2001:db8::1", "[::1]:8000", False),
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


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.1"])
def test_an_address_that_a_proxy_passes_on_opens_nothing(
    client: Client, address: str
) -> None:
    client.address = address

    assert client.get("/", x_forwarded_for="127.0.0.1").status == 403


def test_without_authorize_a_proxy_that_says_nothing_is_refused_if_it_uses_http_1_0(
    client: Client,
) -> None:
    client.scope = {"http_version": "1.0"}

    assert client.get().status == 403


def test_two_hosts_in_a_request_are_refused(client: Client) -> None:
    hosts = [(b"host", b"localhost"), (b"host", b"evil.example")]
    for order in (hosts, hosts[::-1]):
        client.scope = {"headers": order}
        assert client.get().status == 403


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
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "cors", "empty", 403),
        ("same-site", "navigate", "iframe", 403),
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
        # A program that knows that path.
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
    assert shelf.open().status().decision.state is State.ON


def test_the_address_without_its_last_slash_leads_to_the_page(client: Client) -> None:
    client.scope = {"root_path": "//evil.example/usage"}

    answer = client.get("//evil.example/usage")

    assert (answer.status, answer.headers["location"]) == (308, "./usage/")


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_not_supported(client: Client, kind: str) -> None:
    client.scope = {"type": kind}

    with pytest.raises(NotImplementedError, match=kind):
        client.get()
