"""Counts and reads the statistics of a running Worker."""

import csv
import datetime as dt
import io
import json
from collections import Counter
from typing import Any

import jsonschema

from tests.worker import api
from tests.worker.client import get
from tests.worker.clock import DAY, DUE
from tests.worker.database import select_all
from tests.worker.population import Cells, identical_reports, store
from worker.local.harness import Harness

# By name: how many days each window covers.
WINDOWS = {f"{days}d": days for days in (7, 30, 365)}
_SCHEMA = jsonschema.Draft202012Validator(api.schema("Statistics"))


def get_statistics(worker: Harness, path: str = "/stats") -> dict[str, Any]:
    """The statistics as JSON, checked against the API's description."""
    response = get(worker, path)
    assert response.status_code == 200, response.text
    statistics: dict[str, Any] = response.json()
    _SCHEMA.validate(statistics)
    return statistics


def get_csv(worker: Harness, path: str = "/stats.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(worker, path).text)))


def exact_counts(worker: Harness, period: str) -> Cells:
    """The counts of *period* by field and value, as the database holds them."""
    rows = worker.query(
        "SELECT field, value, installs FROM cells WHERE period = ?1", period
    )
    return Counter({(row["field"], row["value"]): row["installs"] for row in rows})


def read_publications(worker: Harness) -> dict[str, dict[str, Any]]:
    """The publications by period, as the database holds them."""
    return {
        row["period"]: {"as_of": row["as_of"], **json.loads(row["body"])}
        for row in select_all(worker, "publications")
    }


def publish(worker: Harness, due: dt.datetime = DUE) -> dict[str, dict[str, Any]]:
    """Run the cron and return the publications."""
    assert worker.run_cron(due) == "ok"
    return read_publications(worker)


# None of these fits the contract.
HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>"),
    *("=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", '=HYPERLINK("x")', "|x", "%x"),
    *("a;=1", "a;\t=1", "a,+1", 'a"=1"', "a\t@x", "\N{FULLWIDTH EQUALS SIGN}1"),
    *("a,b", 'a"b', "a\nb", "a\rb", "a\r\n=1", "'", "(other)", "(unknown)", "null", ""),
    *("__proto__", "constructor", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "\x1b[31m", "\x7f"),
    *("x" * 5000, "\N{PILE OF POO}", "{{7*7}}", "</title>", "&lt;", "&#x3c;b&#x3e;"),
)


def publish_hostile_values(worker: Harness) -> None:
    """Publish every hostile value of every field, as if no rule had withheld it."""
    store(worker, identical_reports(40, DUE - DAY, channel="beta"))
    publish(worker)
    cells = [{"value": text, "installs": 40} for text in HOSTILE]
    for row in select_all(worker, "publications"):
        body = json.loads(row["body"])
        for field in (*body["fields"].values(), *body["betas"]["fields"].values()):
            field["cells"] = cells
        worker.query(
            "UPDATE publications SET body = ?1 WHERE period = ?2",
            *(json.dumps(body), row["period"]),
        )
