"""Counts and reads the statistics of a running Worker."""

import csv
import datetime as dt
import hmac
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema

from tests.worker import api
from tests.worker.client import get
from tests.worker.clock import DAY, DUE
from tests.worker.database import select_all
from tests.worker.population import Row, identical_reports, recount, store
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


def read_secret(worker: Harness) -> bytes:
    """The secret of the rounding."""
    (row,) = worker.query("SELECT hex(secret) AS secret FROM rounding_secret")
    return bytes.fromhex(row["secret"])


def round_count(
    secret: bytes, count: int, *name: str, kind: str = "report"
) -> int | None:
    """Round *count* as the Worker publishes it; *name* is its cell's."""
    text = json.dumps((kind, *name), separators=(",", ":"), ensure_ascii=False)
    code = hmac.digest(secret, text.encode(), "sha256")
    rounded = (count + int.from_bytes(code[:4]) % 5) // 5 * 5
    return rounded if rounded >= 15 else None


def rounded(
    worker: Harness, rows: Iterable[Row], start: dt.datetime, end: dt.datetime
) -> tuple[int | None, dict[tuple[str, str], int]]:
    """The total and the cells that an edition of *rows* publishes, recounted."""
    secret, cells = read_secret(worker), recount(rows, start, end)
    total = sum(cells[field, value] for field, value in cells if field == "channel")
    numbers = {name: round_count(secret, cells[name], *name) for name in cells}
    if numbers.get(("channel", '"beta"')) is None:
        numbers = {name: numbers[name] for name in numbers if name[0] != "commit"}
    return (
        round_count(secret, total, "total"),
        {name: count for name, count in numbers.items() if count is not None},
    )


def numbers(
    edition: Mapping[str, Any],
) -> tuple[int | None, dict[tuple[str, str], int]]:
    """The total and the cells of *edition*, as `rounded` returns them."""
    fields = edition["fields"] | (edition["betas"] or {"fields": {}})["fields"]
    return edition["total"], {
        (name, json.dumps(int(value) if isinstance(value, bool) else value)): count
        for name, field in fields.items()
        for value, count in ((it["value"], it["installs"]) for it in field["cells"])
    }


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
