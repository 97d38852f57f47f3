"""The ASGI app with the page does only what the forms of the page itself ask."""

import re
import threading
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from paperless_report import State
from paperless_report.asgi import COOKIE, MOST_BODY_BYTES, create_page
from paperless_report.page import actions
from tests.report.shelf import Shelf
from tests.support.asgi import OWN_FORM, Client
from tests.support.misbehaving_servers import Connection, MisbehavingServer
from tests.support.waiting import MOST_SECONDS, wait_until


@pytest.fixture
def client(shelf: Shelf) -> Client:
    """A browser on the machine that the page runs on."""
    return Client(create_page(shelf.open()))


def read_state(shelf: Shelf) -> State:
    return shelf.open().status().decision.state


def split_form(form: Mapping[str, str]) -> list[bytes]:
    """Return the body of a form, each byte by itself."""
    return [bytes((it,)) for it in urlencode(form).encode()]


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


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 303),
        ({"sec_fetch_site": None, "origin": "http://127.0.0.1:8000"}, 303),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"sec_fetch_site": None, "origin": "https://evil.example"}, 403),
        ({"sec_fetch_site": None, "origin": "http://127.0.0.1:9000"}, 403),
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
    client.request("POST", "/", OWN_FORM, split_form(client.open_form("on")))

    assert read_state(shelf) is State.ON


def test_a_form_that_is_cut_off_changes_nothing(client: Client, shelf: Shelf) -> None:
    parts = split_form(client.open_form("on"))

    client.request("POST", "/", OWN_FORM, parts, is_cut_off=True)

    assert not shelf.folder.exists()


def test_cookies_in_several_headers_are_read(client: Client, shelf: Shelf) -> None:
    body = split_form(client.open_form("on"))
    ((name, token),) = client.cookies.items()
    cookies = ("a=1", f"{name}={token}", "b=2")
    headers = {**OWN_FORM, "host": client.host}
    client.scope = {
        "headers": [
            *((name.encode(), value.encode()) for name, value in headers.items()),
            *((b"cookie", it.encode()) for it in cookies),
        ]
    }

    client.request("POST", body=body)

    assert read_state(shelf) is State.ON


def test_a_receiver_that_is_slow_delays_no_page(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "PATIENCE_SECONDS", 0.1)
    may_answer = threading.Event()

    def answer_later(connection: Connection) -> None:
        connection.read_request()
        may_answer.wait(MOST_SECONDS)
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
        client.post({**client.open_form(action), "confirm": "yes"})
        wait_until(lambda: 'http-equiv="refresh"' not in client.get().text)

    assert read_state(shelf) is State.OFF
    assert shelf.open().status().set_aside
