"""`GET /`: the statistics page, as it is sent."""

import base64
import hashlib
import html.parser
import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.worker.client import get
from tests.worker.clock import DAY, DUE, midnight
from tests.worker.database import clear
from tests.worker.markup import get_page, parse, texts
from tests.worker.population import generate_reports, store, store_identical
from tests.worker.reports import FIELDS, PUBLISHED
from tests.worker.statistics import (
    HOSTILE,
    get_statistics,
    publish,
    publish_hostile_values,
)
from worker.local.harness import Harness

OVER_TIME = ".//section[@aria-labelledby='over-time']"
NO_VALUE = "\N{EN DASH}"


def table(page: ET.Element, section: str) -> list[list[str]]:
    """The rows of the table in *section*."""
    return [texts(row, "*") for row in page.iterfind(f"{section}//tbody/tr")]


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
        assert numbers == [f"{cell['installs']:,}" for cell in field["cells"]]
        assert "rounded to 5, shown from 15" in texts(section, ".//caption")[0]
        (chart,) = section.iterfind("svg[@role='img']")
        assert len(chart.findall("rect[@class='bar']")) == len(numbers)
        assert FIELDS[name].title in texts(chart, "title")[0]


def test_no_share_exceeds_100_percent_and_no_remainder_is_shown(
    worker: Harness,
) -> None:
    """Numbers are rounded separately, so a part may be larger than the whole."""
    store_identical(worker, 60, DUE - DAY, "a", version="2.15.0")
    store_identical(worker, 7, DUE - DAY, "b", version="2.14.0")
    publish(worker)
    (row,) = worker.query("SELECT body FROM publications WHERE period = '30d'")
    body = json.loads(row["body"])
    body["total"] = 55
    worker.query(
        "UPDATE publications SET body = ?1 WHERE period = '30d'", json.dumps(body)
    )

    section = ".//section[@aria-labelledby='version']"
    page = get_page(worker)

    assert table(page, section) == [["2.15.0", "60", "100.0%"]]
    widths = [
        bar.get("width") for bar in page.iterfind(f"{section}//rect[@class='bar']")
    ]
    assert widths == ["100%"]


def test_versions_are_drawn_by_month_beside_its_total(counted: Harness) -> None:
    page = get_page(counted)

    rows = table(page, OVER_TIME)
    months = [month for month, *_ in rows]

    assert months == sorted(months, reverse=True)
    assert months[0] == "2026-04"
    for month, *_, total in rows:
        published = get_statistics(counted, f"/stats?period={month}")["total"]
        assert int(total.replace(",", "")) == published


def test_a_version_that_a_month_does_not_show_is_not_shown_as_zero(
    worker: Harness,
) -> None:
    march, april = midnight(2026, 3, 10), midnight(2026, 4, 10)
    store_identical(worker, 30, march, "a", version="2.0.0")
    store_identical(worker, 30, march, "b", version="1.0.0")
    store_identical(worker, 30, april, "c", version="1.0.0")
    store_identical(worker, 5, april, "d", version="2.0.0")
    worker.run_cron(DUE)

    assert table(get_page(worker), OVER_TIME) == [
        ["2026-04", NO_VALUE, "30", "35"],
        ["2026-03", "30", "30", "60"],
    ]


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

    # The eleven that were counted, and the latest of the others.
    assert len(months) == 12
    assert months[-1] == "2024-06"


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
        pytest.param(10, "Nothing has been counted yet", id="before the first edition"),
        pytest.param(40, "Fewer than 15 installations", id="below 15 later"),
    ],
)
def test_without_numbers_the_page_says_why(
    worker: Harness, installs: int | None, message: str
) -> None:
    if installs is not None:
        store_identical(worker, installs, DUE - DAY, arch="x86_64")
        worker.run_cron(DUE)
        clear(worker, "reports", "installations")
        worker.query("UPDATE publications SET removed = 5")
        worker.run_cron(DUE + 7 * DAY)

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
    clear(counted, "reports", "installations")

    assert get(counted, "/").text == before
    assert "17 May 2026" in before
    assert set(PUBLISHED) <= set(re.findall(r'aria-labelledby="(\w+)"', before))
