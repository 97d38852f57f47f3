"""The page that explains every field names the events too, and what forgetting cannot reach."""

import json

import pytest

from tests.projects.codegraph.stored import PAIRS
from tests.support.pages import ROOT
from tests.worker.markup import get_page, texts
from worker.local.harness import Harness

EVENTS = json.loads((ROOT / "projects/codegraph/events.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_has_a_card_with_its_fields_and_sums(
    receiver: Harness, name: str
) -> None:
    page = get_page(receiver, "/fields")
    (card,) = (
        it
        for it in page.iterfind(".//section[@class='card']")
        if it.get("aria-labelledby") == f"report-event-{name}"
    )
    facts = dict(zip(texts(card, ".//dt"), texts(card, ".//dd"), strict=True))
    schema = EVENTS[name]

    assert texts(card, "h3") == [schema["title"]]
    assert texts(card, "p") == [schema["description"]]
    assert facts.pop("Name") == name
    by = "; ".join(pair.replace(",", " and ") for pair in PAIRS[name])
    assert facts.pop("Sums by") == by
    counted = {field for pair in PAIRS[name] for field in pair.split(",")}
    counted |= {"count", "error_count"}
    titles = {
        field["title"] for key, field in schema["properties"].items() if key in counted
    }
    assert {*facts} == titles


def test_the_page_says_that_forgetting_cannot_reach_sums(receiver: Harness) -> None:
    text = " ".join("".join(get_page(receiver, "/fields").itertext()).split())

    assert "how often each happened on a UTC day, for 90 days" in text
    assert "nobody can find and delete what one installation added to them" in text
