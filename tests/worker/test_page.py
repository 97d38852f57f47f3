"""`GET /`: the statistics page, as it is sent."""

import base64
import hashlib
import html.parser
import json
import re
import shlex
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
from usage_receiver.command_line import create_parser
from worker.local.harness import Harness

OVER_TIME = ".//section[@aria-labelledby='over-time']"
NO_VALUE = "\N{EN DASH}"


def table(page: ET.Element, section: str) -> list[list[str]]:
    """The rows of the table in *section*."""
    return [texts(row, "*") for row in page.iterfind(f"{section}//tbody/tr")]


def list_months(page: ET.Element) -> list[str]:
    """The months of the table over time, such as 2026-04, from their links."""
    links = page.iterfind(f"{OVER_TIME}//tbody/tr/th/a")
    return [str(link.get("href")).removeprefix("/?period=") for link in links]


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


def test_every_field_has_a_table_of_what_is_published_whose_rows_are_bars(
    counted: Harness,
) -> None:
    page = get_page(counted, "/?period=2026-04")
    statistics = get_statistics(counted, "/stats?period=2026-04")

    for name, field in (statistics["fields"] | statistics["betas"]["fields"]).items():
        section = page.find(f".//section[@aria-labelledby='{name}']")
        assert section is not None
        numbers = texts(section, ".//tbody/tr/td[1]")
        published = [f"{cell['installs']:,}" for cell in field["cells"]]
        assert sorted(numbers) == sorted(published)
        if not published:  # it depends on the secret of the rounding
            continue
        assert len(section.findall(".//tbody/tr/th/svg/rect")) == len(numbers)
        (caption,) = texts(section, ".//caption")
        assert caption.startswith(FIELDS[name].title)
        assert "rounded to 5, shown from 15" in caption
        head = texts(section, ".//thead/tr/th")
        assert head == [FIELDS[name].title, "Installations", "Share"]


def test_ranges_are_in_their_own_order_and_versions_newest_first(
    worker: Harness,
) -> None:
    for index, (documents, version, installs) in enumerate(
        (("1000-9999", "2.9.0", 60), ("0-99", "2.15.1", 40), ("100-999", "2.10.0", 20))
    ):
        facts = {"doc_bucket": documents, "version": version}
        store_identical(worker, installs, DUE - DAY, str(index), **facts)
    publish(worker)

    page = get_page(worker)

    for name, values in (
        ("doc_bucket", ["0-99", "100-999", "1000-9999"]),
        ("version", ["2.15.1", "2.10.0", "2.9.0"]),
    ):
        rows = table(page, f".//section[@aria-labelledby='{name}']")
        assert [value for value, *_ in rows] == values


def test_the_most_common_values_are_shown_and_a_click_shows_the_others(
    worker: Harness,
) -> None:
    for index in range(10):
        version = f"2.{index}.0"
        store_identical(
            worker, 20 + 10 * index, DUE - DAY, f"{index}x", version=version
        )
    publish(worker)

    section = get_page(worker).find(".//section[@aria-labelledby='version']")

    assert section is not None
    shown = texts(section, "table/tbody/tr/th")
    assert shown == [f"2.{index}.0" for index in range(9, 1, -1)]
    assert texts(section, "details/summary") == ["2 less common"]
    assert texts(section, "details/table/tbody/tr/th") == ["2.1.0", "2.0.0"]


def test_a_sentence_says_what_is_the_most_common(worker: Harness) -> None:
    facts = {"version": "2.15.0", "channel": "beta", "commit": "bd86dca57"}
    store_identical(worker, 80, DUE - DAY, "a", **facts, feature_ai=1)
    store_identical(worker, 40, DUE - DAY, "b", channel="stable", feature_ai=0)
    publish(worker)

    page = get_page(worker)

    for name, sentences in {
        "version": ["How many installations run which release?", "report 2.15.0."],
        "feature_ai": ["How many installations use AI?", "About 2 in 3 installations"],
        "commit": ["Which of several", "installations with channel beta report"],
        "database": ["Which databases are in use?", "installations leave it out."],
    }.items():
        question, answer = texts(page, f".//section[@aria-labelledby='{name}']/p")
        assert sentences[0] in question
        assert sentences[1] in answer


def test_a_field_without_a_common_value_says_so(worker: Harness) -> None:
    for index in range(10):
        name = f"{index}x"
        store_identical(worker, 5, DUE - DAY, name, version=f"2.{index}.0")
    publish(worker)

    section = get_page(worker).find(".//section[@aria-labelledby='version']")

    assert section is not None
    assert "No value is common enough to be shown." in texts(section, "p")
    assert section.find("table") is None


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

    assert table(page, section) == [["2.15.0", "60", "100%"]]
    widths = [
        bar.get("width") for bar in page.iterfind(f"{section}//svg[@class='bar']/rect")
    ]
    assert widths == ["100%"]


def test_versions_are_drawn_by_month_beside_its_total(counted: Harness) -> None:
    page = get_page(counted)

    rows = table(page, OVER_TIME)
    months = list_months(page)

    assert months == sorted(months, reverse=True)
    assert months[0] == "2026-04"
    for month, (_, *_, total) in zip(months, rows, strict=True):
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
        ["April 2026", NO_VALUE, "30", "35"],
        ["March 2026", "30", "30", "60"],
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

    months = list_months(get_page(worker))

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
        pytest.param(None, "No numbers yet", id="before the first count"),
        pytest.param(10, "No numbers yet", id="before the first edition"),
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


def test_before_the_first_edition_the_page_says_when_it_comes_and_how_to_try_it(
    worker: Harness,
) -> None:
    page = get_page(worker)

    assert "first run that finds about 15 installations" in texts(page, ".//p")[2]
    (command,) = texts(page, ".//section[@aria-labelledby='try']/pre")
    served = create_parser().parse_args(shlex.split(command.replace("\\\n", ""))[1:])
    assert served.sample >= 15
    (link,) = page.iterfind(".//section[@aria-labelledby='try']//a")
    assert link.get("href") == f"http://127.0.0.1:{served.port}/"


def test_an_edition_says_when_it_was_counted_and_when_the_next_one_is_due(
    counted: Harness,
) -> None:
    window, month = (
        " ".join(texts(get_page(counted, path), ".//header/p"))
        for path in ("/", "/?period=2026-04")
    )

    assert "Counted on 18 May 2026." in window
    assert "The next edition is due on Sunday, 24 May 2026." in window
    assert "A month is counted once and then stays the same." in month


def test_the_page_says_why_a_month_differs_from_the_last_30_days(
    counted: Harness,
) -> None:
    question = "Why does a month differ from the last 30 days?"

    assert question in texts(get_page(counted), ".//h3")
    clear(counted, "publications")
    assert question not in texts(get_page(counted), ".//h3")


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
    for index in range(9):
        facts = {"channel": "beta", "commit": "b", "version": f"2.{index}.0"}
        store_identical(worker, 20, DUE - DAY, f"{index}x", **facts)
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
