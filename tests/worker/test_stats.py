"""`GET /stats`, its files and badges, on the real runtime."""

import csv
import io
import re
from typing import Any

import jsonschema
import pytest
import requests

from paperless_report import contract
from tests.worker.conftest import DUE
from tests.worker.faults import fault
from tests.worker.population import DAY, PUBLISHED, Row, alike, iso, put
from tests.worker.test_cost import rows as billed
from tests.worker.test_description import DOCUMENT
from worker.local.harness import Harness

# The document refers to its own parts only, in what it says of answers.
SCHEMA = {
    "$ref": "#/components/schemas/Statistics",
    "components": DOCUMENT["components"],
}
BADGE = {"$ref": "#/components/schemas/Badge", "components": DOCUMENT["components"]}
PATHS = ("/stats", "/stats.csv", "/badge", "/stats/2026-05.json")


def get(worker: Harness, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{worker.url}{path}", headers=headers, timeout=30)


def told(worker: Harness, path: str = "/stats") -> dict[str, Any]:
    answer = get(worker, path)
    assert answer.status_code == 200, answer.text
    it: dict[str, Any] = answer.json()
    jsonschema.Draft202012Validator(SCHEMA).validate(it)
    return it


def sheet(worker: Harness, path: str = "/stats.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(worker, path).text)))


def test_it_tells_of_thirty_days_unless_asked_for_others(counted: Harness) -> None:
    usual = told(counted)

    assert usual["period"] == "30d"
    assert usual["as_of"] == usual["until"] == iso(DUE)
    assert usual["from"] == iso(DUE - 30 * DAY)
    assert usual == told(counted, "/stats?period=30d")
    assert told(counted, "/stats?period=365d")["total"] > usual["total"]


def test_each_period_that_it_names_can_be_asked_for(counted: Harness) -> None:
    periods = told(counted)["periods"]

    assert {"7d", "30d", "365d", "2025-08", "2026-05"} <= set(periods)
    for period in periods:
        assert told(counted, f"/stats?period={period}")["period"] == period


def test_it_has_every_field_that_the_contract_publishes_and_no_other(
    counted: Harness,
) -> None:
    it = told(counted)

    assert list(it["fields"]) == [
        name for name, rule in PUBLISHED.items() if rule is True
    ]
    assert list(it["betas"]["fields"]) == ["commit"]


def test_flags_are_told_as_what_they_were_sent_as(worker: Harness) -> None:
    put(worker, alike(12, DUE - DAY, multi_user=1, feature_ai=0))
    worker.run_cron(DUE)

    fields = told(worker)["fields"]

    assert fields["multi_user"]["cells"] == [{"value": True, "installs": 12}]
    assert fields["feature_ai"]["cells"] == [{"value": False, "installs": 12}]
    assert fields["feature_mail"]["cells"] == [{"value": None, "installs": 12}]


def test_before_the_first_count_it_says_that_there_is_none(worker: Harness) -> None:
    it = told(worker)

    assert (it["as_of"], it["total"], it["betas"], it["periods"]) == (
        *(None, None, None),
        [],
    )
    assert [line["field"] for line in sheet(worker) if line["value"] != "(other)"] == [
        "total"
    ]
    assert get(worker, "/badge").json()["message"] == "withheld"


@pytest.mark.parametrize(
    "path",
    [
        *("/stats?period=2020-01", "/stats?period=8d", "/stats?period="),
        *("/stats?period=30d&period=7d", "/stats.csv?period=__proto__"),
        *("/stats?period=30d'--", "/stats/2020-01.json", "/stats/2026-13.json"),
    ],
)
def test_a_period_of_which_there_is_nothing_is_not_found(
    counted: Harness, path: str
) -> None:
    answer = get(counted, path)

    assert answer.status_code == 404
    assert answer.json() == {
        "error": "not_found",
        "detail": "There is nothing of this period: /stats tells which there are.",
    }


def test_a_months_file_is_the_same_as_its_answer(counted: Harness) -> None:
    assert told(counted, "/stats/2026-04.json") == told(
        counted, "/stats?period=2026-04"
    )


@pytest.mark.parametrize("path", PATHS)
def test_any_page_may_read_it_and_any_cache_keep_it(
    counted: Harness, path: str
) -> None:
    headers = get(counted, path, Origin="https://example.org").headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_who_has_it_as_it_is_gets_no_more_than_that(
    counted: Harness, path: str
) -> None:
    tag = get(counted, path).headers["ETag"]
    assert not tag.startswith("W/")

    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = get(counted, path, **{"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == tag
    assert get(counted, path, **{"If-None-Match": '"x"'}).status_code == 200

    put(counted, alike(500, DUE - DAY, "f", arch="x86_64"))
    counted.run_cron(DUE + DAY)
    assert get(counted, path, **{"If-None-Match": tag}).status_code == 200


def test_the_sheet_has_the_same_cells(counted: Harness) -> None:
    it = told(counted)
    spelt = {True: "true", False: "false", None: "(unknown)"}
    expected = [("total", "", str(it["total"]))]
    for name, field in (it["fields"] | it["betas"]["fields"]).items():
        expected += [
            (name, spelt.get(cell["value"], cell["value"]), str(cell["installs"]))
            for cell in field["cells"]
        ]
        if field["withheld"]:
            expected.append((name, "(other)", ""))

    lines = sheet(counted)

    assert [(it["field"], it["value"], it["installs"]) for it in lines] == expected
    assert {(it["period"], it["as_of"]) for it in lines} == {("30d", iso(DUE))}


@pytest.mark.parametrize("path", PATHS)
def test_a_view_reads_a_few_rows_however_many_reports_there_are(
    observed: Harness, path: str, rows: list[Row]
) -> None:
    put(observed, rows)
    observed.run_cron(DUE)

    read, written = billed(get(observed, path))

    # What was asked for, and the names of the fourteen periods: one more a month.
    assert read <= 3 + 14
    assert written == 0


@pytest.mark.parametrize("path", PATHS)
def test_a_database_that_fails_is_a_503(counted: Harness, path: str) -> None:
    with fault(counted, "no publications"):
        answer = get(counted, path)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("query", "label", "message"),
    [
        ("", "installs", "1,234"),
        ("?channel=stable", "installs (stable)", "1,200"),
        ("?channel=beta", "installs (beta)", "34"),
        ("?version=2.15.0", "installs (2.15.0)", "1,200"),
        ("?multi_user=true", "installs (multi-user: yes)", "1,200"),
        ("?feature_ai=false", "installs (ai enabled: no)", "withheld"),
        ("?version=9.9.9", "installs (9.9.9)", "withheld"),
        ("?arch=constructor", "installs (constructor)", "withheld"),
    ],
)
def test_a_badge_shows_one_number(
    worker: Harness, query: str, label: str, message: str
) -> None:
    facts = {"channel": "stable", "version": "2.15.0", "multi_user": 1}
    put(worker, alike(1200, DUE - DAY, "a", **facts))
    put(worker, alike(34, DUE - DAY, "b", channel="beta"))
    worker.run_cron(DUE)

    shown = get(worker, f"/badge{query}").json()

    jsonschema.Draft202012Validator(BADGE).validate(shown)
    assert (shown["label"], shown["message"]) == (label, message)


@pytest.mark.parametrize(
    "query",
    [
        *("uuid=0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11", "commit=bd86dca57"),
        *("build_date=2026-05-18T12:00:00Z", "__proto__=1", "=", "period=30d"),
        *("channel=beta&arch=x86_64", "channel=beta&channel=dev"),
        *("channel=Beta", "channel=", "multi_user=1", "arch=<script>", "version=2"),
    ],
)
def test_a_badge_of_anything_else_is_refused_and_nothing_echoed(
    counted: Harness, query: str
) -> None:
    answer = get(counted, f"/badge?{query}")

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert query.partition("=")[2] not in answer.text or query.endswith("=")


def test_the_badges_that_are_described_are_those_of_the_published_fields() -> None:
    cell, _ = DOCUMENT["paths"]["/badge"]["get"]["parameters"]
    file = "../paperless_report/contract/report.schema.json#/properties/"

    assert cell["schema"]["properties"] == {
        name: {"$ref": f"{file}{name}"}
        for name, field in contract.load_fields().items()
        if field.schema.get("x-published") is True
    }


# In the database from before a rule, say: none of it fits the contract.
HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>"),
    *("=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", '=HYPERLINK("x")', "|x", "%x"),
    *("a;=1", "a;\t=1", "a,+1", 'a"=1"', "a\t@x", "\N{FULLWIDTH EQUALS SIGN}1"),
    *("a,b", 'a"b', "a\nb", "a\rb", "a\r\n=1", "'", "(other)", "(unknown)", "null", ""),
    *("__proto__", "constructor", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "\x1b[31m", "\x7f"),
    *("x" * 5000, "\N{PILE OF POO}", "{{7*7}}", "</title>", "&lt;", "&#x3c;b&#x3e;"),
)


def poison(worker: Harness) -> None:
    put(
        worker,
        [
            row
            for number, text in enumerate(HOSTILE)
            for row in alike(
                11, DUE - DAY, f"{number}-", **dict.fromkeys(PUBLISHED, text)
            )
        ],
    )
    put(worker, alike(11, DUE - DAY, "beta", channel="beta", commit="<b>"))
    assert worker.run_cron(DUE) == "ok"


def test_hostile_values_are_values_and_no_more_in_json(worker: Harness) -> None:
    poison(worker)

    answer = get(worker, "/stats")
    it = told(worker)

    assert answer.headers["Content-Type"] == "application/json"
    for field in it["fields"].values():
        assert set(HOSTILE) <= {cell["value"] for cell in field["cells"]} | {"+1", "-1"}
    assert it["betas"]["fields"]["commit"]["cells"][0]["value"] == "<b>"


def test_no_hostile_value_is_a_formula_or_a_line_of_its_own(worker: Harness) -> None:
    poison(worker)

    lines = sheet(worker)

    assert {line["field"] for line in lines} == {"total", *PUBLISHED}
    assert not any(None in line or None in line.values() for line in lines)
    formula = tuple("=+-@|%\N{FULLWIDTH EQUALS SIGN}")
    for line in lines:
        # Some sheets part cells at semicolons and tabs, and mind no quotes within one.
        for part in re.split('[,;\t\r\n"]', line["value"]):
            assert not part.lstrip().startswith(formula)
