"""`GET /fields`: the page that explains every field, written from the contracts."""

import re

import pytest

from tests.worker.client import get
from tests.worker.markup import get_page, texts
from tests.worker.reports import FIELDS
from usage_receiver import configuration
from worker.local.harness import Harness

Facts = dict[str, str]


@pytest.fixture(scope="module")
def cards(runtime: Harness) -> dict[str, Facts]:
    """What each field's card says, by the field's name."""
    cards = {}
    for card in get_page(runtime, "/fields").iterfind(".//section[@class='card']"):
        facts = dict(zip(texts(card, ".//dt"), texts(card, ".//dd"), strict=True))
        (facts["Title"],) = texts(card, "h3")
        (facts["Description"],) = texts(card, "p")
        cards[facts["Name"].partition(" ")[0]] = facts
    return cards


def test_every_field_of_the_contract_has_a_card_and_no_other(
    cards: dict[str, Facts],
) -> None:
    assert [*cards] == [*FIELDS]


@pytest.mark.parametrize("name", FIELDS)
def test_a_card_says_what_the_contract_says(cards: dict[str, Facts], name: str) -> None:
    schema, facts = FIELDS[name].schema, cards[name]

    assert facts["Title"] == schema["title"]
    assert facts["Description"] == schema["description"]
    assert facts["Name"].endswith("(optional)") == (not FIELDS[name].required)
    assert all(value in facts["Values"] for value in schema.get("enum", ()))
    assert facts["Example"].lower() == str(schema["examples"][0]).lower()
    assert (facts["Published"] == "no") == ("x-published" not in schema)


def test_a_card_says_what_is_published_of_a_field(cards: dict[str, Facts]) -> None:
    assert cards["commit"]["Published"] == "yes, if channel is beta"
    assert cards["arch"]["Published"] == "well-known values only"


def test_the_page_says_how_long_reports_are_kept_and_how_to_delete_them(
    runtime: Harness,
) -> None:
    text = " ".join("".join(get_page(runtime, "/fields").itertext()).split())
    kept = re.search(r"Each report is deleted after (\d+) days", text)

    assert kept
    configured = configuration.read_environment("local").get("vars", {})
    assert int(kept[1]) == configured.get("RETENTION_DAYS", 366)
    assert 'POST request to /forget with the JSON body {"id": "…"}' in text


def test_the_page_has_the_policy_of_the_statistics_page(runtime: Harness) -> None:
    policies = {
        get(runtime, path).headers["Content-Security-Policy"]
        for path in ("/", "/fields")
    }

    assert len(policies) == 1


def test_the_statistics_page_links_to_it(runtime: Harness) -> None:
    links = {it.get("href") for it in get_page(runtime).iterfind(".//footer//a")}

    assert "/fields" in links
