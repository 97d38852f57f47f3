"""The statistics page in a real browser is accessible and requests nothing else.

The tests leave what it looked like in `screenshots`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.support import chromium
from tests.support.axe import OPEN_DETAILS, find_violations
from tests.support.needs import needs
from tests.worker.clock import DUE
from tests.worker.population import store, year_of_releases
from tests.worker.statistics import publish_hostile_values
from worker.local.harness import Harness, run_worker

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
PHONE, DESKTOP = 360, 1200
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Opens a URL, and returns the page and every request and message that it causes.
Visit = Callable[..., tuple[Page, list[str]]]

pytestmark = needs("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    contexts = []

    def visit(url: str, width: int, scheme: Scheme = "light") -> tuple[Page, list[str]]:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        events: list[str] = []
        page.on("request", lambda request: events.append(request.url))
        page.on("console", lambda message: events.append(message.text))
        page.on("pageerror", lambda error: events.append(str(error)))
        page.on("dialog", lambda dialog: events.append(dialog.message))
        page.goto(url)
        return page, events

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def year() -> Iterator[Harness]:
    """A receiver of its own, with a year in which releases follow one another."""
    with run_worker() as receiver:
        store(receiver, year_of_releases(DUE))
        assert receiver.run_cron(DUE) == "ok"
        yield receiver


def take_screenshot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_axe_finds_no_violation_and_the_page_requests_nothing_else(
    visit: Visit, year: Harness, scheme: Scheme, width: int
) -> None:
    page, events = visit(f"{year.url}/", width, scheme)
    take_screenshot(page, f"{scheme}-{width}")

    assert events == [f"{year.url}/"]
    assert find_violations(page) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", PHONE), ("dark", DESKTOP)])
def test_the_page_of_fields_is_accessible_too(
    visit: Visit, runtime: Harness, scheme: Scheme, width: int
) -> None:
    page, events = visit(f"{runtime.url}/fields", width, scheme)
    take_screenshot(page, f"fields-{scheme}-{width}")

    assert events == [f"{runtime.url}/fields"]
    assert find_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("opened", [False, True], ids=["tables closed", "tables open"])
def test_a_phone_does_not_scroll_sideways(
    visit: Visit, year: Harness, *, opened: bool
) -> None:
    page, _ = visit(f"{year.url}/?period=365d", PHONE)
    if opened:
        page.evaluate(OPEN_DETAILS)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_no_two_texts_of_a_chart_overlap_on_a_phone(
    visit: Visit, year: Harness
) -> None:
    page, _ = visit(f"{year.url}/", PHONE)

    overlapping = page.evaluate(
        """[...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
             const boxes = [...svg.querySelectorAll('text')].map(
               text => [text.textContent, text.getBoundingClientRect()]);
             return boxes.flatMap(([first, a], index) => boxes.slice(index + 1)
               .filter(([_, b]) => a.left < b.right && b.left < a.right
                 && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
               .map(([second]) => `${first} and ${second}`));
           })"""
    )

    assert overlapping == []


def test_the_style_that_the_policy_allows_is_applied_in_both_colour_schemes(
    visit: Visit, year: Harness
) -> None:
    backgrounds = set()
    for scheme in SCHEMES:
        page, _ = visit(f"{year.url}/", DESKTOP, scheme)
        backgrounds.add(
            page.evaluate("getComputedStyle(document.body).backgroundColor")
        )
        bar = page.evaluate(
            "getComputedStyle(document.querySelector('.bar rect')).fill"
        )
        assert bar != "rgb(0, 0, 0)"

    assert len(backgrounds) == 2


def test_a_screen_reader_announces_every_chart_and_landmark(
    visit: Visit, year: Harness
) -> None:
    page, _ = visit(f"{year.url}/", DESKTOP)

    for chart in page.locator("svg[role=img]").all():
        assert "nstallations" in (chart.locator("title").text_content() or "")
    assert page.get_by_role(
        "img", name="Installations by version, month by month"
    ).is_visible()
    assert page.get_by_role("heading", level=1, name="Usage statistics").is_visible()
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1


def test_a_screen_reader_finds_the_numbers_of_a_field_in_a_table(
    visit: Visit, year: Harness
) -> None:
    page, _ = visit(f"{year.url}/", DESKTOP)
    table = page.get_by_role("table", name="Install type: installations, of")

    assert table.get_by_role("columnheader").all_text_contents() == [
        *("Install type", "Installations", "Share")
    ]
    row = table.get_by_role("row", name="docker")
    assert row.get_by_role("rowheader").text_content() == "docker"
    assert row.get_by_role("cell").count() == 2


@pytest.mark.parametrize(("scheme", "width"), [("light", PHONE), ("dark", DESKTOP)])
def test_the_page_before_the_first_edition_is_accessible_too(
    visit: Visit, worker: Harness, scheme: Scheme, width: int
) -> None:
    page, _ = visit(f"{worker.url}/", width, scheme)
    take_screenshot(page, f"empty-{scheme}-{width}")

    assert find_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_hostile_values_run_nothing_and_break_nothing(
    visit: Visit, worker: Harness
) -> None:
    publish_hostile_values(worker)
    page, events = visit(f"{worker.url}/", PHONE)
    take_screenshot(page, "hostile")

    assert find_violations(page) == []
    assert events == [f"{worker.url}/"]
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
