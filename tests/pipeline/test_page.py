"""docs/how-to/admin-page.md: an admin uses the page in a real browser, with a real receiver."""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.pipeline import shelf, web
from tests.pipeline.shelf import Shelf
from tests.support import chromium, pages
from tests.support.axe import find_violations
from tests.support.caddy import run_caddy
from tests.support.endpoint import Answer, Endpoint
from tests.support.needs import needs
from tests.support.page_reader import PageReader
from tests.support.waiting import MOST_SECONDS
from usage_receiver import data

SECONDS = MOST_SECONDS
PHONE, DESKTOP = 360, 1280
PROXY = """{
	log {
		level ERROR
	}
}
reports.example.org {
	handle_path /app/* {
		reverse_proxy 127.0.0.1:8787
	}
}
"""
# Opens the page in a window of its own, with options of Playwright's.
Visit = Callable[..., Page]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Shelf]]:
    """The URL of the page in `web.py`, and its program."""
    with web.serve_both(tmp_path_factory.mktemp("shelf")) as served:
        yield served


@pytest.fixture
def url(served: tuple[str, Shelf]) -> str:
    """The page of an installation that nobody has used."""
    url, programs = served
    programs.run(f"{shelf.MODULE} delete", "y\n")
    return url


@pytest.fixture
def receiver_rows(served: tuple[str, Shelf]) -> Callable[[], int]:
    """Count the installations that the receiver knows."""
    _, programs = served

    def count() -> int:
        folder = programs.folder / "receiver-data"
        return len(data.run_sql(folder, "SELECT 1 FROM installations"))

    return count


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    contexts = []

    def visit(width: int = DESKTOP, **options: Any) -> Page:  # noqa: ANN401  # Playwright's
        context = browser.new_context(
            viewport={"width": width, "height": 800}, **options
        )
        context.set_default_timeout(SECONDS * 1000)
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()


def list_buttons() -> list[str]:
    """List the buttons that docs/how-to/admin-page.md has its readers select, in their order."""
    text = (pages.ROOT / web.PAGE).read_text(encoding="utf-8")
    return [
        " ".join(it.split()) for it in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)
    ]


def select(page: Page, button: str) -> None:
    """Select *button*, and wait for what the page says of it."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()


def press_tab_until(page: Page, target: str) -> None:
    """Move the focus with the keyboard until it is on *target*, and can be seen there."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("target => document.activeElement.matches(target)", target):
            style = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(style) != "none"
            return
    pytest.fail(f"Tab does not lead to {target}.")


def test_the_program_of_the_page_has_at_most_15_lines() -> None:
    program = pages.blocks(web.PAGE, "python")[0].text

    assert len([line for line in program.splitlines() if line]) <= 15


@needs("chromium")
def test_an_admin_turns_reporting_on_sends_and_forgets_without_a_script(
    visit: Visit, receiver_rows: Callable[[], int]
) -> None:
    turn_on, send, forget = list_buttons()
    page = visit(java_script_enabled=False)
    page.locator("summary", has_text="bytes").click()
    shown = page.locator("pre").text_content()

    select(page, turn_on)
    select(page, send)
    page.locator(".history li", has_text="204").locator("summary").click()

    assert page.locator(".history pre").inner_text() == shown
    assert receiver_rows() == 1
    select(page, forget)
    expect(page.locator(".history > li")).to_have_count(2)
    expect(page.locator(".history > li").first).to_contain_text("204")
    assert receiver_rows() == 0


@pytest.mark.nightly
@needs("chromium")
def test_the_keyboard_is_enough(visit: Visit, url: str) -> None:
    page = visit()

    press_tab_until(page, "[value=on] ~ button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}?notice=on")
    press_tab_until(page, "[value=delete] ~ label input")
    page.keyboard.press("Space")
    press_tab_until(page, "[value=delete] ~ button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}?notice=deleted")

    expect(page.get_by_role("status")).to_be_visible()


@needs("chromium")
def test_the_page_is_accessible_on_phones_and_desktops_in_light_and_dark(
    visit: Visit, served: tuple[str, Shelf]
) -> None:
    turn_on, send, _ = list_buttons()
    url, programs = served
    programs.run("python shelf.py")
    page = visit()
    assert find_violations(page) == []
    select(page, turn_on)
    select(page, send)
    requests_made: list[str] = []
    page.on("request", lambda request: requests_made.append(request.url))
    page.on("console", lambda message: requests_made.append(message.text))
    page.goto(url)

    assert requests_made == [url, f"{url}style.css"]
    backgrounds = set()
    for scheme in web.SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": 800})
            assert find_violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") == width
        backgrounds.add(
            page.evaluate("getComputedStyle(document.body).backgroundColor")
        )
    assert len(backgrounds) == 2


@pytest.mark.nightly
@needs("chromium")
def test_a_screen_reader_finds_landmarks_headings_and_labels(visit: Visit) -> None:
    page = visit()

    for landmark in ("banner", "main"):
        assert page.get_by_role(landmark).count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("checkbox", name=re.compile("delete everything")).count()
    # A browser does not even send the form without the box.
    page.get_by_role("button", name="Delete everything").click()
    assert "notice" not in page.url


@pytest.mark.nightly
@needs("chromium")
def test_the_second_of_two_tabs_changes_nothing_after_the_first(
    visit: Visit, url: str, served: tuple[str, Shelf]
) -> None:
    turn_on, *_ = list_buttons()
    first = visit()
    second = first.context.new_page()
    second.goto(url)

    select(first, turn_on)
    second.get_by_role("button", name="Keep reporting off").click()

    second.wait_for_url(f"{url}?notice=stale")
    assert "on" in served[1].run(f"{shelf.MODULE} status").split()


@pytest.mark.nightly
@needs("chromium")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_site_can_neither_frame_the_page_nor_send_its_forms(
    visit: Visit, url: str, served: tuple[str, Shelf], host: str
) -> None:
    page = visit()
    token = page.locator("[name=token]").first.input_value()
    seen = page.locator("[name=seen]").first.input_value()
    fields = {"action": "off", "token": token, "seen": seen}
    hidden = "".join(f"<input name={it} value={fields[it]}>" for it in fields)
    attack = (
        f"<!doctype html><iframe src={url}></iframe>"
        f"<form method=post action={url}>{hidden}<button>Win</button></form>"
    )
    with Endpoint() as evil:
        evil.answer = Answer(200, attack.encode(), {"Content-Type": "text/html"})
        page.goto(evil.url.replace("127.0.0.1", host))
        assert page.frames[1].get_by_text("Usage reporting").count() == 0
        page.get_by_role("button", name="Win").click()
        page.wait_for_url(url)

    assert "Another site" in page.locator("body").inner_text()
    assert "undecided" in served[1].run(f"{shelf.MODULE} status")


def test_a_name_of_an_attacker_and_a_proxy_get_nothing_from_a_real_server(
    url: str,
) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-For": "127.0.0.1"}):
        answer = requests.get(url, headers=headers, timeout=SECONDS)
        assert answer.status_code == 403
        assert "Usage reporting" not in answer.text


@pytest.mark.nightly
@needs("caddy")
def test_the_page_with_a_password_works_behind_a_proxy_that_strips_a_path(
    served: tuple[str, Shelf], tmp_path: Path
) -> None:
    _, programs = served
    password = secrets.token_hex()
    lines = f"import os\nos.environ['SHELF_PASSWORD'] = {password!r}\n"
    program = programs.folder / "with_password.py"
    program.write_text(f"{lines}from password import app\n", "utf-8")
    with (
        web.serve(programs, "with_password", "--root-path", "/app") as behind,
        run_caddy(tmp_path, behind, PROXY) as proxy,
    ):
        address = f"{proxy.url}/app{web.MOUNT}"
        browser = requests.Session()
        browser.verify, browser.trust_env = str(proxy.root), False
        assert browser.get(address, timeout=SECONDS).status_code == 401
        browser.auth = ("admin", "wrong")
        assert browser.get(address, timeout=SECONDS).status_code == 401
        browser.auth = ("admin", password)
        shown = browser.get(address, timeout=SECONDS)
        answer = browser.post(
            address,
            data=PageReader(shown.text).forms["on"].fields,
            headers={"Origin": proxy.url},
            timeout=SECONDS,
        )

    assert f"Path=/app{web.MOUNT.rstrip('/')}" in shown.headers["Set-Cookie"]
    assert "Secure" in shown.headers["Set-Cookie"]
    assert answer.url == f"{address}?notice=on"
    assert answer.status_code == 200


@pytest.mark.nightly
def test_the_page_is_a_program_of_its_own_too(
    served: tuple[str, Shelf],
) -> None:
    with web.serve(served[1], "alone") as url:
        assert "Usage reporting" in requests.get(url, timeout=SECONDS).text


@pytest.mark.nightly
def test_a_program_serves_addresses_of_its_own_by_the_rules_of_the_page(
    served: tuple[str, Shelf],
) -> None:
    with web.serve(served[1], "settings_api") as url:
        before, refused, after, on, off = (
            requests.request(
                method, f"{url}/api/reporting/", headers=headers, timeout=SECONDS
            )
            for method, headers in (
                ("GET", {}),
                ("PUT", {"Origin": "https://evil.example"}),
                ("GET", {}),
                ("PUT", {}),
                ("DELETE", {"Origin": url}),
            )
        )

    assert refused.status_code == 403
    assert before.json() == after.json()
    assert [on.json(), off.json()] == [{"state": "ON"}, {"state": "OFF"}]
