"""The page in a real browser: nobody is shut out, and nothing else is asked for.

What it looked like is left in `screenshots`.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.support import chromium
from tests.support.needs import needs
from tests.worker.conftest import empty
from tests.worker.population import put, year_of_releases
from tests.worker.test_stats import poison
from worker.local import toolchain
from worker.local.harness import Harness

DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
AXE = (toolchain.PACKAGES / "axe-core" / "axe.min.js").resolve()
PHONE, DESK = 360, 1200
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

pytestmark = needs("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="module")
def year(runtime: Harness) -> Harness:
    """A year in which one release follows another."""
    empty(runtime)
    put(runtime, year_of_releases(DUE))
    assert runtime.run_cron(DUE) == "ok"
    return runtime


def visit(
    browser: Browser, url: str, scheme: Scheme, width: int
) -> tuple[Page, list[str]]:
    """The page, and every request and complaint that it came with."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda it: seen.append(it.url))
    page.on("console", lambda it: seen.append(it.text))
    page.on("pageerror", lambda it: seen.append(str(it)))
    page.goto(url)
    return page, seen


def violations(page: Page) -> list[str]:
    """What axe has against it, tables opened; evaluated from outside, as CSP allows."""
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(it => it.violations)")
    return [f"{it['id']}: {[node['html'] for node in it['nodes']][:3]}" for it in found]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_against_it(
    browser: Browser, year: Harness, scheme: Scheme, width: int
) -> None:
    page, seen = visit(browser, f"{year.url}/", scheme, width)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{scheme}-{width}.png", full_page=True)

    assert seen == [f"{year.url}/"]
    assert violations(page) == []
    page.context.close()


@pytest.mark.parametrize("opened", [False, True])
def test_a_phone_need_not_scroll_sideways(
    browser: Browser, year: Harness, *, opened: bool
) -> None:
    page, _ = visit(browser, f"{year.url}/?period=365d", "light", PHONE)
    if opened:
        page.evaluate(
            "document.querySelectorAll('details').forEach(it => it.open = true)"
        )

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    page.context.close()


def test_no_two_texts_of_a_chart_overlap_on_a_phone(
    browser: Browser, year: Harness
) -> None:
    page, _ = visit(browser, f"{year.url}/", "light", PHONE)

    overlapping = page.evaluate(
        """[...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
             const boxes = [...svg.querySelectorAll('text')].map(
               text => [text.textContent, text.getBoundingClientRect()]);
             return boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
               .filter(([_, b]) => a.left < b.right && b.left < a.right
                 && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
               .map(([other]) => `${one} and ${other}`));
           })"""
    )

    assert overlapping == []
    page.context.close()


def test_it_is_styled_by_the_one_style_that_its_policy_names(
    browser: Browser, year: Harness
) -> None:
    colours = set()
    for scheme in SCHEMES:
        page, _ = visit(browser, f"{year.url}/", scheme, DESK)
        colours.add(
            page.evaluate("getComputedStyle(document.body).backgroundColor"),
        )
        bar = page.evaluate("getComputedStyle(document.querySelector('.bar')).fill")
        assert bar != "rgb(0, 0, 0)"
        page.context.close()

    assert len(colours) == 2


def test_a_screen_reader_hears_what_each_chart_is(
    browser: Browser, year: Harness
) -> None:
    page, _ = visit(browser, f"{year.url}/", "light", DESK)

    for chart in page.locator("svg[role=img]").all():
        assert "nstallations" in (chart.locator("title").text_content() or "")
    assert page.get_by_role(
        "img", name="Installations by version, month by month"
    ).is_visible()
    assert page.get_by_role("heading", level=1, name="Usage statistics").is_visible()
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    page.context.close()


def test_hostile_values_do_nothing_and_break_nothing(
    browser: Browser, worker: Harness
) -> None:
    poison(worker)
    page, seen = visit(browser, f"{worker.url}/", "light", PHONE)
    page.on("dialog", lambda it: seen.append(it.message))
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "hostile.png", full_page=True)

    assert violations(page) == []
    assert seen == [f"{worker.url}/"]
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    page.context.close()
