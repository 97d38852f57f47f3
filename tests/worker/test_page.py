"""`GET /`: the page for people, as it is sent."""

import base64
import datetime as dt
import hashlib
import html.parser
import re
from xml.etree import ElementTree as ET

import requests

from paperless_report import contract
from tests.worker.conftest import DUE
from tests.worker.population import DAY, PUBLISHED, Row, alike, generate, iso, put
from tests.worker.test_cost import rows as billed
from tests.worker.test_stats import HOSTILE, poison, told
from worker.local.harness import Harness


def get(worker: Harness, path: str = "/", **headers: str) -> requests.Response:
    return requests.get(f"{worker.url}{path}", headers=headers, timeout=30)


def tree(page: str) -> ET.Element:
    """The page as XML: nothing in it needs a forgiving parser but its void elements."""
    closed = re.sub(r"<(meta|link)([^>]*)>", r"<\1\2/>", page.partition("\n")[2])
    return ET.fromstring(closed)  # noqa: S314  # our own page


def texts(element: ET.Element, path: str) -> list[str]:
    return ["".join(it.itertext()) for it in element.iterfind(path)]


def test_nothing_may_run_in_it_and_it_may_ask_for_nothing(counted: Harness) -> None:
    answer = get(counted)
    policy = dict(
        it.strip().split(" ", 1)
        for it in answer.headers["Content-Security-Policy"].split(";")
    )
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style

    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_each_field_has_a_chart_and_a_table_of_what_is_told(counted: Harness) -> None:
    page = tree(get(counted, "/?period=2026-04").text)
    it = told(counted, "/stats?period=2026-04")

    for name, field in (it["fields"] | it["betas"]["fields"]).items():
        card = page.find(f".//section[@aria-labelledby='{name}']")
        assert card is not None
        numbers = texts(card, ".//tbody/tr/td[1]")
        assert numbers == [
            *(f"{cell['installs']:,}" for cell in field["cells"]),
            *(["withheld"] if field["withheld"] else []),
        ]
        (chart,) = card.iterfind("svg[@role='img']")
        bars = chart.findall("rect[@class='bar']")
        assert len(bars) == len(numbers)
        assert contract.load_fields()[name].title in texts(chart, "title")[0]


def versions(page: str) -> tuple[str, list[list[str]]]:
    """What the card of versions is called, and the lines of its table."""
    card = tree(page).find(".//section[@aria-labelledby='version']")
    assert card is not None
    lines = card.iterfind(".//tbody/tr")
    return "".join(texts(card, "h2")), [texts(it, "*") for it in lines]


def test_no_version_is_told_of_two_periods_that_overlap(worker: Harness) -> None:
    """The nine of 2.0.0 that a month withholds are ten of the last 30 days less one."""
    due = dt.datetime(2026, 5, 30, 3, 17, tzinfo=dt.UTC)
    put(
        worker,
        [
            *alike(100, due - 9 * DAY, "a", version="1.0.0"),
            *alike(9, due - 9 * DAY, "b", version="2.0.0"),
            *alike(1, due - 29.5 * DAY, "c", version="2.0.0"),
            *alike(5, due - 9 * DAY, "d", version="3.0.0"),
            *alike(6, due - 9 * DAY, "e", version="4.0.0"),
        ],
    )
    worker.run_cron(due)
    window = told(worker, "/stats?period=30d")["fields"]["version"]["cells"]
    assert {"value": "2.0.0", "installs": 10} in window

    for period in ("30d", "365d", "2026-05"):
        page = get(worker, f"/?period={period}").text
        assert "2.0.0" not in page
        assert versions(page)[1] == [
            ["1.0.0", "100", "83.3%"],
            ["(other)", "withheld", ""],
        ]
    assert versions(get(worker).text)[0] == "Version in 2026-05"


def test_in_its_first_days_a_month_leaves_versions_to_the_one_before(
    worker: Harness,
) -> None:
    begin = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    put(worker, alike(40, begin - DAY, "a", version="1.0.0"))
    put(worker, alike(20, begin, "b", version="1.0.0"))
    worker.run_cron(begin + DAY)
    assert versions(get(worker).text) == (
        *("Version in 2026-05", [["1.0.0", "40", "100.0%"]]),
    )

    put(worker, alike(20, begin + DAY, "c", version="1.0.0"))
    worker.run_cron(begin + 2 * DAY)
    assert versions(get(worker).text)[0] == "Version in 2026-06"


def test_where_no_month_is_told_versions_are_those_of_the_days(
    worker: Harness,
) -> None:
    begin = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    put(worker, alike(20, begin - 200 * DAY, "c", version="1.0.0"))
    put(worker, alike(6, begin - DAY, "a", version="1.0.0"))
    put(worker, alike(6, begin, "b", version="1.0.0"))
    worker.run_cron(begin + DAY)

    assert versions(get(worker).text) == ("Version", [["1.0.0", "12", "100.0%"]])
    assert versions(get(worker, "/?period=365d").text) == (
        *("Version in 2025-11", [["1.0.0", "20", "100.0%"]]),
    )


def test_a_version_that_a_month_may_withhold_is_not_said_to_be_none(
    worker: Harness,
) -> None:
    put(worker, alike(30, DUE - 40 * DAY, "a", version="2.0.0"))
    put(worker, alike(30, DUE - 40 * DAY, "b", version="1.0.0"))
    put(worker, alike(30, DUE - DAY, "c", version="1.0.0"))
    put(worker, alike(6, DUE - DAY, "d", version="2.0.0"))
    put(worker, alike(6, DUE - DAY, "e", version="3.0.0"))
    worker.run_cron(DUE)

    lines = tree(get(worker).text).iterfind(
        ".//section[@aria-labelledby='over-time']//tbody/tr"
    )

    assert [texts(it, "*") for it in lines] == [
        ["2026-05", "–", "30", "12", "42"],  # noqa: RUF001  # as it is shown
        ["2026-04", "30", "30", "0", "60"],
    ]


def test_versions_are_drawn_month_by_month_and_add_up(counted: Harness) -> None:
    page = tree(get(counted).text)
    card = page.find(".//section[@aria-labelledby='over-time']")
    assert card is not None
    chart = card.find("svg")
    assert chart is not None

    lines = [
        [0 if it == "–" else int(it.replace(",", "")) for it in texts(row, "td")]  # noqa: RUF001  # as it is shown
        for row in card.iterfind(".//tbody/tr")
    ]
    months = texts(card, ".//tbody/tr/th")

    assert months == sorted(months, reverse=True)
    assert months[0] == "2026-05"
    for month, line in zip(months, lines, strict=True):
        *parts, total = line
        assert sum(parts) == total == told(counted, f"/stats?period={month}")["total"]
    drawn = sum(bool(part) for line in lines for part in line[:-1])
    assert len(chart.findall("rect")) == drawn


def test_it_shows_at_most_a_year(worker: Harness) -> None:
    put(worker, generate(3, 900, DUE - 360 * DAY, DUE))
    for month in range(1, 7):
        worker.query(
            "INSERT INTO publications SELECT ?1, as_of, body FROM publications"
            " WHERE period = '30d'",
            f"2024-{month:02}",
        )
    worker.run_cron(DUE)

    months = texts(
        tree(get(worker).text),
        ".//section[@aria-labelledby='over-time']//tbody/tr/th",
    )

    assert len(months) == 12
    assert months[-1] == "2025-06"


def test_another_period_can_be_looked_at(counted: Harness) -> None:
    for period in ("7d", "365d", "2026-03"):
        answer = get(counted, f"/?period={period}")
        current = tree(answer.text).findall(".//a[@aria-current='page']")

        assert [it.get("href") for it in current] == [f"/?period={period}"]
    assert get(counted, "/?period=2020-01").status_code == 404
    assert get(counted, "/?period=<script>").status_code == 404


def test_before_the_first_count_it_says_so(worker: Harness) -> None:
    text = get(worker).text

    assert "Nothing has been counted yet" in text
    assert tree(text).find(".//svg[@role='img']") is None


def test_of_fewer_than_ten_it_tells_nothing(worker: Harness) -> None:
    put(worker, alike(9, DUE - DAY, arch="x86_64"))
    worker.run_cron(DUE)

    text = get(worker).text

    assert "Fewer than 10 installations" in text
    assert "x86_64" not in text
    assert tree(text).find(".//svg[@role='img']") is None


def test_who_has_it_as_it_is_gets_no_more_than_that(counted: Harness) -> None:
    first = get(counted)

    again = get(counted, **{"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=3600"


def test_a_view_reads_a_few_rows_however_many_reports_there_are(
    observed: Harness, rows: list[Row]
) -> None:
    put(observed, rows)
    observed.run_cron(DUE)

    read, written = billed(get(observed))

    assert read <= 70
    assert written == 0


class Inert(html.parser.HTMLParser):
    """What a browser would make of a page: its elements, and what they could do."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name == "href"}


def look(page: str) -> Inert:
    found = Inert()
    found.feed(page)
    return found


def test_hostile_values_add_nothing_to_the_page_but_text(worker: Harness) -> None:
    put(worker, alike(40, DUE - DAY, channel="beta", commit="b", arch="x"))
    worker.run_cron(DUE)
    clean = look(get(worker).text)
    worker.query("DELETE FROM reports")
    worker.query("DELETE FROM installations")
    poison(worker)

    page = get(worker).text
    found = look(page)

    assert found.elements == clean.elements
    assert found.attributes == clean.attributes
    assert found.links == clean.links
    shown = "".join(tree(page).itertext())
    for text in HOSTILE:
        if text.isprintable():
            assert text in shown
    for sign in ("\x1b", "\x7f", "\N{RIGHT-TO-LEFT OVERRIDE}"):
        assert sign not in page


def test_the_page_is_made_of_what_is_published_and_of_nothing_else(
    counted: Harness,
) -> None:
    """The database's reports may be gone."""
    before = get(counted).text
    for table in ("reports", "installations", "cells"):
        counted.query(f"DELETE FROM {table}")  # noqa: S608  # our own tables

    assert get(counted).text == before
    assert iso(DUE) in before
    assert set(PUBLISHED) <= set(re.findall(r'aria-labelledby="(\w+)"', before))
