"""The statistics as JSON, CSV, monthly files and badges; and caching, also of the page."""

import re

import jsonschema
import pytest

from tests.worker import api
from tests.worker.client import get
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.d1_usage import billed_rows
from tests.worker.database import clear
from tests.worker.failing_database import failing
from tests.worker.population import Row, store, store_identical
from tests.worker.reports import FIELDS, PUBLISHED
from tests.worker.statistics import (
    HOSTILE,
    get_csv,
    get_statistics,
    publish_hostile_values,
)
from worker.local.harness import Harness

DATA = ("/stats", "/stats.csv", "/badge", "/stats/2026-04.json")
every_path = pytest.mark.parametrize("path", [*DATA, "/"])


def test_the_period_is_thirty_days_by_default(counted: Harness) -> None:
    default = get_statistics(counted)

    assert default["period"] == "30d"
    assert default["as_of"] == iso(DUE)
    assert default["until"] == iso(midnight(2026, 5, 18))
    assert default["from"] == iso(midnight(2026, 4, 18))
    assert default == get_statistics(counted, "/stats?period=30d")
    year = get_statistics(counted, "/stats?period=365d")
    assert year["total"] > default["total"]


def test_every_period_that_is_listed_can_be_requested(counted: Harness) -> None:
    periods = get_statistics(counted)["periods"]

    assert {"7d", "30d", "365d", "2025-08", "2026-04"} <= set(periods)
    for period in periods:
        statistics = get_statistics(counted, f"/stats?period={period}")
        assert statistics["period"] == period


def test_the_fields_are_those_that_the_contract_publishes(counted: Harness) -> None:
    statistics = get_statistics(counted)

    fields = [name for name, rule in PUBLISHED.items() if rule is True]
    assert list(statistics["fields"]) == fields
    assert list(statistics["betas"]["fields"]) == ["commit"]


def test_flags_are_published_as_booleans(worker: Harness) -> None:
    store_identical(worker, 20, DUE - DAY, multi_user=1, feature_ai=0)
    worker.run_cron(DUE)

    fields = get_statistics(worker)["fields"]

    expected = {"multi_user": True, "feature_ai": False, "feature_mail": None}
    for name, value in expected.items():
        assert [cell["value"] for cell in fields[name]["cells"]] == [value]


def test_before_the_first_count_nothing_is_published(worker: Harness) -> None:
    statistics = get_statistics(worker)

    for key, empty in (("as_of", None), ("total", None), ("betas", None)):
        assert statistics[key] is empty
    assert statistics["periods"] == []
    assert [line["field"] for line in get_csv(worker)] == ["total"]
    assert get(worker, "/badge").json()["message"] == "withheld"


@pytest.mark.parametrize(
    "path",
    [
        *("/stats?period=2020-01", "/stats?period=8d", "/stats?period="),
        *("/stats?period=30d&period=7d", "/stats.csv?period=__proto__"),
        *("/stats?period=30d'--", "/stats/2020-01.json", "/stats/2026-13.json"),
        *("/?period=2020-01", "/?period=<script>"),
    ],
)
def test_a_period_without_statistics_gets_404(counted: Harness, path: str) -> None:
    response = get(counted, path)

    assert response.status_code == 404
    assert response.json() == {
        "error": "not_found",
        "detail": "There are no statistics for this period. /stats lists the periods.",
    }


def test_a_months_file_equals_the_statistics_of_that_month(counted: Harness) -> None:
    file = get_statistics(counted, "/stats/2026-04.json")

    assert file == get_statistics(counted, "/stats?period=2026-04")


@pytest.mark.parametrize("path", [*DATA, "/openapi.json", "/report.schema.json"])
def test_every_origin_may_read_it_and_every_cache_may_keep_it_for_an_hour(
    counted: Harness, path: str
) -> None:
    headers = get(counted, path, Origin="https://example.org").headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["X-Content-Type-Options"] == "nosniff"


@every_path
def test_a_matching_etag_gets_304_without_a_body(counted: Harness, path: str) -> None:
    etag = get(counted, path).headers["ETag"]
    assert not etag.startswith("W/")

    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        response = get(counted, path, **{"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["ETag"] == etag
    assert get(counted, path, **{"If-None-Match": '"x"'}).status_code == 200

    clear(counted, "publications")
    store_identical(counted, 500, DUE - DAY, "f", arch="x86_64")
    store_identical(counted, 500, DUE - 30 * DAY, "g", arch="x86_64")
    counted.run_cron(DUE + DAY)
    assert get(counted, path, **{"If-None-Match": etag}).status_code == 200


def test_the_csv_file_has_the_same_cells(counted: Harness) -> None:
    statistics = get_statistics(counted)
    spellings = {True: "true", False: "false", None: "(unknown)"}
    expected = [("total", "", str(statistics["total"]))]
    fields = statistics["fields"] | statistics["betas"]["fields"]
    for name, field in fields.items():
        expected += [
            (name, spellings.get(cell["value"], cell["value"]), str(cell["installs"]))
            for cell in field["cells"]
        ]

    lines = get_csv(counted)

    assert [(it["field"], it["value"], it["installs"]) for it in lines] == expected
    rounding = "rounded to 5, shown from 15"
    assert {(it["period"], it["as_of"], it["rounding"]) for it in lines} == {
        ("30d", iso(DUE), rounding)
    }
    assert rounding in statistics["rules"]["rounded"]


@pytest.mark.cloudflare
@every_path
def test_a_request_reads_few_rows_no_matter_how_many_reports_are_stored(
    instrumented: Harness, path: str, year_of_reports: list[Row]
) -> None:
    store(instrumented, year_of_reports)
    instrumented.run_cron(DUE)

    read, written = billed_rows(get(instrumented, path))

    # The publication itself, for the page one of each of twelve months too, the names of the
    # fourteen periods, one more a month, and the end of the list of withheld values.
    assert read <= (70 if path == "/" else 3 + 14 + 1)
    assert written == 0


@every_path
def test_a_database_that_fails_gives_503(counted: Harness, path: str) -> None:
    with failing(counted, "no publications table"):
        response = get(counted, path)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("query", "label", "message"),
    [
        ("", "installs", "1,200"),
        ("?channel=stable", "installs (stable)", "1,165"),
        ("?channel=beta", "installs (beta)", "35"),
        ("?version=2.15.0", "installs (2.15.0)", "1,165"),
        ("?multi_user=true", "installs (multi-user: yes)", "1,165"),
        ("?feature_ai=false", "installs", "withheld"),
        ("?version=9.9.9", "installs", "withheld"),
        ("?arch=constructor", "installs", "withheld"),
        ("?arch=vote-for-me.example", "installs", "withheld"),
    ],
)
def test_a_badge_shows_one_number(
    worker: Harness, query: str, label: str, message: str
) -> None:
    facts = {"channel": "stable", "version": "2.15.0", "multi_user": 1}
    # Rounding changes no multiple of five.
    store_identical(worker, 1165, DUE - DAY, "a", **facts)
    store_identical(worker, 35, DUE - DAY, "b", channel="beta")
    worker.run_cron(DUE)

    badge = get(worker, f"/badge{query}").json()

    jsonschema.Draft202012Validator(api.schema("Badge")).validate(badge)
    assert (badge["label"], badge["message"]) == (label, message)


@pytest.mark.parametrize(
    "query",
    [
        *("uuid=0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11", "commit=bd86dca57"),
        *("build_date=2026-05-18T12:00:00Z", "__proto__=1", "=", "period=30d"),
        *("channel=beta&arch=x86_64", "channel=beta&channel=dev"),
        *("channel=Beta", "channel=", "multi_user=1", "arch=<script>", "version=2"),
    ],
)
def test_any_other_badge_is_refused_without_echoing_the_query(
    counted: Harness, query: str
) -> None:
    response = get(counted, f"/badge?{query}")

    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"
    assert query.partition("=")[2] not in response.text or query.endswith("=")


def test_the_description_names_a_badge_for_every_published_field() -> None:
    cell, _ = api.DOCUMENT["paths"]["/badge"]["get"]["parameters"]

    assert cell["schema"]["properties"] == {
        name: field.schema
        for name, field in FIELDS.items()
        if field.schema.get("x-published") is True
    }


def test_hostile_values_stay_plain_values_in_json(worker: Harness) -> None:
    publish_hostile_values(worker)

    response = get(worker, "/stats")
    statistics = get_statistics(worker)

    assert response.headers["Content-Type"] == "application/json"
    fields = {**statistics["fields"], **statistics["betas"]["fields"]}
    assert set(fields) == set(PUBLISHED)
    for field in fields.values():
        assert [cell["value"] for cell in field["cells"]] == list(HOSTILE)


def test_no_hostile_value_becomes_a_formula_or_a_line_of_its_own(
    worker: Harness,
) -> None:
    publish_hostile_values(worker)

    lines = get_csv(worker)

    assert {line["field"] for line in lines} == {"total", *PUBLISHED}
    assert not any(None in line or None in line.values() for line in lines)
    formula = tuple("=+-@|%\N{FULLWIDTH EQUALS SIGN}")
    for line in lines:
        # Some spreadsheets split at semicolons and tabs too, even inside quotes.
        for part in re.split('[,;\t\r\n"]', line["value"]):
            assert not part.lstrip().startswith(formula)
