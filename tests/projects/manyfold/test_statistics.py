"""Manyfold's statistics: its own shape, the published numbers, and seven days of them."""

import datetime as dt
import re

from tests.projects.manyfold import recorded
from tests.projects.manyfold.recorded import report
from tests.support.raw_http import send_raw
from tests.worker.client import get, post
from tests.worker.clock import DAY, midnight
from tests.worker.database import select_all
from tests.worker.markup import get_page, texts
from worker.local.harness import Harness

# The keys of /stats, and the names of their fields.
FIELDS = {"versions": "app", "images": "image", "architectures": "arch"}


def identifiers(number: int) -> list[str]:
    return [f"{it:08x}-5d5c-4c53-9a67-0a4c3f0f6a11" for it in range(number)]


def count(receiver: Harness, days: int = 1) -> None:
    """Run the daily count so many days from now."""
    assert receiver.run_cron(dt.datetime.now(dt.UTC) + days * DAY) == "ok"


def test_statistics_and_badge_keep_their_shape_with_the_published_numbers(
    receiver: Harness,
) -> None:
    for identifier in identifiers(30):
        post(receiver, report(identifier, image=None), "/")
    for identifier in identifiers(60)[30:]:
        post(receiver, report(identifier), "/")
    # One of its version, which is too few.
    post(receiver, report(app="0.146.0"), "/")
    count(receiver)

    statistics = get(receiver, "/stats").json()

    published = get(receiver, "/statistics.json").json()
    total = published["total"]
    assert abs(total - 61) < 5
    assert statistics == {
        "instances": total,
        **{
            key: {
                cell["value"] or "": cell["installs"]
                for cell in published["fields"][f"version.{name}"]["cells"]
            }
            for key, name in FIELDS.items()
        },
    }
    assert list(statistics) == ["instances", *FIELDS]
    assert set(statistics["versions"]) == {"0.147.2"}
    assert set(statistics["images"]) == {"ghcr.io/manyfold3d/manyfold", ""}
    for path in ("/badge", "/badge/", "/badge.json"):
        exchange = recorded.get(recorded.badge(f"{total}-blue"), path)
        answer = send_raw(receiver.url, exchange.request())
        assert (answer.status, answer.body.decode()) == (302, exchange.answer.body)
        assert answer.headers["location"] == exchange.answer.headers["location"]


def test_only_the_last_seven_days_are_published(receiver: Harness) -> None:
    for identifier in identifiers(60):
        post(receiver, report(identifier), "/")
    count(receiver)

    assert get(receiver, "/statistics.json").json()["periods"] == ["7d"]
    for period in ("30d", "365d"):
        path = f"/statistics.json?period={period}"
        assert get(receiver, path).status_code == 404


def test_the_page_draws_weeks_where_no_month_is_published(receiver: Harness) -> None:
    for identifier in identifiers(30):
        post(receiver, report(identifier), "/")
    for sunday in (midnight(2026, 5, 17), midnight(2026, 5, 24)):
        day = f"{sunday - DAY:%F}"
        receiver.query("UPDATE installations SET first_day = ?1, last_day = ?1", day)
        assert receiver.run_cron(sunday + DAY / 2) == "ok"

    page = get_page(receiver, "/statistics")

    (caption,) = texts(page, ".//section[@aria-labelledby='over-time']//caption")
    assert caption.startswith("Installations by version and week;")
    weeks = texts(page, ".//section[@aria-labelledby='over-time']//tbody/tr/th")
    assert weeks == ["Week to 23 May 2026", "Week to 16 May 2026"]


def test_an_instance_that_stops_reporting_leaves_the_database_after_eight_days(
    receiver: Harness,
) -> None:
    post(receiver, report(), "/")

    for days, left in ((8, 1), (10, 0)):
        count(receiver, days)
        assert len(select_all(receiver, "installations")) == left


def test_every_link_of_the_page_leads_to_an_answer(receiver: Harness) -> None:
    page = get(receiver, "/statistics")
    links = set(re.findall(r'href="(/[^"]*)"', page.text))

    assert page.headers["Content-Type"].startswith("text/html")
    assert {"/statistics.csv?period=7d", "/statistics.json?period=7d"} <= links
    for link in links:
        assert get(receiver, link).status_code == 200, link
