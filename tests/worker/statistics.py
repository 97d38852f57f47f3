"""Reads the published statistics of a running Worker, and stores hostile ones."""

import csv
import io
from typing import Any

import jsonschema

from tests.worker import api
from tests.worker.client import get
from tests.worker.clock import DAY, DUE
from tests.worker.population import identical_reports, store
from tests.worker.reports import PUBLISHED
from worker.local.harness import Harness

_SCHEMA = jsonschema.Draft202012Validator(api.schema("Statistics"))


def get_statistics(worker: Harness, path: str = "/stats") -> dict[str, Any]:
    """The statistics as JSON, checked against the API's description."""
    response = get(worker, path)
    assert response.status_code == 200, response.text
    statistics: dict[str, Any] = response.json()
    _SCHEMA.validate(statistics)
    return statistics


def get_sheet(worker: Harness, path: str = "/stats.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(worker, path).text)))


# None of these fits the contract. They may date from before one of its rules.
HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>"),
    *("=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", '=HYPERLINK("x")', "|x", "%x"),
    *("a;=1", "a;\t=1", "a,+1", 'a"=1"', "a\t@x", "\N{FULLWIDTH EQUALS SIGN}1"),
    *("a,b", 'a"b', "a\nb", "a\rb", "a\r\n=1", "'", "(other)", "(unknown)", "null", ""),
    *("__proto__", "constructor", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "\x1b[31m", "\x7f"),
    *("x" * 5000, "\N{PILE OF POO}", "{{7*7}}", "</title>", "&lt;", "&#x3c;b&#x3e;"),
)


def publish_hostile_values(worker: Harness) -> None:
    """Publish every hostile value of every field."""
    rows = identical_reports(11, DUE - DAY, "beta", channel="beta", commit="<b>")
    for number, text in enumerate(HOSTILE):
        values = dict.fromkeys(PUBLISHED, text)
        rows += identical_reports(11, DUE - DAY, f"{number}-", **values)
    store(worker, rows)
    assert worker.run_cron(DUE) == "ok"
