"""`GET /`: the statistics page, as it is sent."""

import base64
import datetime as dt
import hashlib
import html.parser
import re
from xml.etree import ElementTree as ET

import pytest

from tests.worker.client import get
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear
from tests.worker.population import generate_reports, store, store_identical
from tests.worker.reports import FIELDS, PUBLISHED
from tests.worker.statistics import HOSTILE, get_statistics, publish_hostile_values
from worker.local.harness import Harness

OVER_TIME = ".//section[@aria-labelledby='over-time']"
NO_VALUE = "\N{EN DASH}"


def parse(page: str) -> ET.Element:
    """The page as XML, after closing the void elements; the rest is well formed."""
    closed = re.sub(r"<(meta|link)([^>]*)>", r"<\1\2/>", page.partition("\n")[2])
    return ET.fromstring(closed)  # noqa: S314  # our own page


def get_page(worker: Harness, path: str = "/") -> ET.Element:
    return parse(get(worker, path).text)


def texts(element: ET.Element, path: str) -> list[str]:
    return ["".join(child.itertext()) for child in element.iterfind(path)]


def table(page: ET.Element, section: str) -> list[list[str]]:
    """The rows of the table in *section*."""
    return [texts(row, "*") for row in page.iterfind(f"{section}//tbody/tr")]


def versions(worker: Harness, path: str = "/") -> tuple[str, list[list[str]]]:
    """The heading of the version section, and the rows of its table."""
    page, section = get_page(worker, path), ".//section[@aria-labelledby='version']"
    return "".join(texts(page, f"{section}//h2")), table(page, section)


def test_the_page_may_run_and_load_nothing_but_its_own_style(counted: Harness) -> None:
    response = get(counted, "/")
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in response.headers["Content-Security-Policy"].split(";")
    )
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)
    assert style

    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_every_field_has_a_chart_and_a_table_of_what_is_published(
    counted: Harness,
) -> None:
    page = get_page(counted, "/?period=2026-04")
    statistics = get_statistics(counted, "/stats?period=2026-04")

    for name, field in (statistics["fields"] | statistics["betas"]["fields"]).items():
        section = page.find(f".//section[@aria-labelledby='{name}']")
        assert section is not None
        numbers = texts(section, ".//tbody/tr/td[1]")
        assert numbers == [
            *(f"{cell['installs']:,}" for cell in field["cells"]),
            *(["withheld"] if field["withheld"] else []),
        ]
        (chart,) = section.iterfind("svg[@role='img']")
        assert len(chart.findall("rect[@class='bar']")) == len(numbers)
        assert FIELDS[name].title in texts(chart, "title")[0]


def test_the_page_does_not_show_versions_of_two_periods_that_overlap(
    worker: Harness,
) -> None:
    """Nine installations that a month withholds are ten of 30 days, less one."""
    due = dt.datetime(2026, 5, 30, 3, 17, tzinfo=dt.UTC)
    recent = due - 9 * DAY
    store_identical(worker, 100, recent, "a", version="1.0.0")
    store_identical(worker, 9, recent, "b", version="2.0.0")
    store_identical(worker, 1, due - 29.5 * DAY, "c", version="2.0.0")
    store_identical(worker, 5, recent, "d", version="3.0.0")
    store_identical(worker, 6, recent, "e", version="4.0.0")
    worker.run_cron(due)
    window = get_statistics(worker, "/stats?period=30d")["fields"]["version"]["cells"]
    assert {"value": "2.0.0", "installs": 10} in window

    for period in ("30d", "365d", "2026-05"):
        _, rows = versions(worker, f"/?period={period}")
        assert rows == [["1.0.0", "100", "83.3%"], ["(other)", "withheld", ""]]
        assert "2.0.0" not in get(worker, f"/?period={period}").text
    assert versions(worker)[0] == "Version in 2026-05"


def test_on_the_first_day_of_a_month_the_versions_are_those_of_the_month_before(
    worker: Harness,
) -> None:
    begin = midnight(2026, 6, 1)
    store_identical(worker, 40, begin - DAY, "a", version="1.0.0")
    store_identical(worker, 20, begin, "b", version="1.0.0")
    worker.run_cron(begin + DAY)
    assert versions(worker) == ("Version in 2026-05", [["1.0.0", "40", "100.0%"]])

    store_identical(worker, 20, begin + DAY, "c", version="1.0.0")
    worker.run_cron(begin + 2 * DAY)
    assert versions(worker)[0] == "Version in 2026-06"


def test_without_a_published_month_the_versions_are_those_of_the_period(
    worker: Harness,
) -> None:
    begin = midnight(2026, 6, 1)
    store_identical(worker, 20, begin - 200 * DAY, "a", version="1.0.0")
    store_identical(worker, 6, begin - DAY, "b", version="1.0.0")
    store_identical(worker, 6, begin, "c", version="1.0.0")
    worker.run_cron(begin + DAY)

    assert versions(worker) == ("Version", [["1.0.0", "12", "100.0%"]])
    year = versions(worker, "/?period=365d")
    assert year == ("Version in 2025-11", [["1.0.0", "20", "100.0%"]])


def test_a_version_that_a_month_may_withhold_is_not_shown_as_zero(
    worker: Harness,
) -> None:
    store_identical(worker, 30, DUE - 40 * DAY, "a", version="2.0.0")
    store_identical(worker, 30, DUE - 40 * DAY, "b", version="1.0.0")
    store_identical(worker, 30, DUE - DAY, "c", version="1.0.0")
    store_identical(worker, 6, DUE - DAY, "d", version="2.0.0")
    store_identical(worker, 6, DUE - DAY, "e", version="3.0.0")
    worker.run_cron(DUE)

    assert table(get_page(worker), OVER_TIME) == [
        ["2026-05", NO_VALUE, "30", "12", "42"],
        ["2026-04", "30", "30", "0", "60"],
    ]


def test_versions_are_drawn_by_month_and_add_up_to_its_total(counted: Harness) -> None:
    page = get_page(counted)

    rows = table(page, OVER_TIME)
    months = [month for month, *_ in rows]
    numbers = [
        [0 if text == NO_VALUE else int(text.replace(",", "")) for text in row[1:]]
        for row in rows
    ]

    assert months == sorted(months, reverse=True)
    assert months[0] == "2026-05"
    for month, (*parts, total) in zip(months, numbers, strict=True):
        published = get_statistics(counted, f"/stats?period={month}")["total"]
        assert sum(parts) == total == published
    drawn = sum(number > 0 for row in numbers for number in row[:-1])
    assert len(page.findall(f"{OVER_TIME}/svg/rect")) == drawn


def test_the_page_shows_at_most_twelve_months(worker: Harness) -> None:
    store(worker, generate_reports(3, 900, DUE - 360 * DAY, DUE))
    worker.run_cron(DUE)
    (publication,) = worker.query("SELECT * FROM publications WHERE period = '30d'")
    for month in range(1, 7):
        earlier = {**publication, "period": f"2024-{month:02}"}
        worker.query(
            f"""INSERT INTO publications ({", ".join(earlier)})
                VALUES ({", ".join("?" * len(earlier))})""",  # noqa: S608  # its own columns
            *earlier.values(),
        )

    months = [month for month, *_ in table(get_page(worker), OVER_TIME)]

    assert len(months) == 12
    assert months[-1] == "2025-06"


@pytest.mark.parametrize("period", ["7d", "365d", "2026-03"])
def test_any_published_period_can_be_chosen(counted: Harness, period: str) -> None:
    current = get_page(counted, f"/?period={period}").findall(
        ".//a[@aria-current='page']"
    )

    assert [link.get("href") for link in current] == [f"/?period={period}"]


@pytest.mark.parametrize(
    ("installs", "message"),
    [
        pytest.param(None, "Nothing has been counted yet", id="before the first count"),
        pytest.param(9, "Fewer than 10 installations", id="below ten"),
    ],
)
def test_without_numbers_the_page_says_why(
    worker: Harness, installs: int | None, message: str
) -> None:
    if installs is not None:
        store_identical(worker, installs, DUE - DAY, arch="x86_64")
        worker.run_cron(DUE)

    text = get(worker, "/").text

    assert message in text
    assert "x86_64" not in text
    assert parse(text).find(".//svg[@role='img']") is None


class Markup(html.parser.HTMLParser):
    """The elements, attributes and links that a browser finds in a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name == "href"}


def test_hostile_values_add_only_text_to_the_page(worker: Harness) -> None:
    store_identical(worker, 40, DUE - DAY, channel="beta", commit="b", arch="x")
    worker.run_cron(DUE)
    clean = Markup(get(worker, "/").text)
    clear(worker, "reports", "installations")
    publish_hostile_values(worker)

    page = get(worker, "/").text
    markup = Markup(page)

    assert markup.elements == clean.elements
    assert markup.attributes == clean.attributes
    assert markup.links == clean.links
    shown = "".join(parse(page).itertext())
    for value in HOSTILE:
        assert value in shown or not value.isprintable()
    for character in ("\x1b", "\x7f", "\N{RIGHT-TO-LEFT OVERRIDE}"):
        assert character not in page


def test_the_page_is_made_from_what_is_published_only(counted: Harness) -> None:
    before = get(counted, "/").text
    clear(counted, "reports", "installations", "cells")

    assert get(counted, "/").text == before
    assert iso(DUE) in before
    assert set(PUBLISHED) <= set(re.findall(r'aria-labelledby="(\w+)"', before))
