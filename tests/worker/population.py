"""Makes up the reports of many installations, stores them, and recounts them in Python."""

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.worker.clock import DAY, iso
from tests.worker.reports import FIELDS, PUBLISHED, is_publishable
from worker.local.harness import Harness

Row = dict[str, Any]


def _stored(value: object) -> object:
    """*value* as the database holds it."""
    return int(value) if isinstance(value, bool) else value


_COLUMNS = ("received", "uuid", *PUBLISHED)
# The values that installations report, from common to rare. A field that is missing here
# always has its example, so that a new field does not change the values of the others.
_VALUES: Mapping[str, tuple[object, ...]] = {
    "version": ("2.14.0", "2.15.0", "2.15.1", "3.0.0", "1.9.9"),
    "channel": ("stable", "beta", "dev"),
    "commit": ("bd86dca57", "0a1b2c3d4", "fffffffff", None),
    "install_type": ("docker", "kubernetes", "debian", "source"),
    "arch": ("x86_64", "aarch64", "armv7l", "riscv64"),
    "python": ("3.12.3", "3.13.1", None),
    "database": ("postgresql", "sqlite3", "mysql", None),
    "doc_bucket": ("1000-9999", "0-99", "50000+", None),
    "multi_user": (1, 0, None),
    "feature_mail": (1, 0, None),
    "feature_ai": (0, 1, None),
}
_EXAMPLES = {name: _stored(FIELDS[name].schema["examples"][0]) for name in PUBLISHED}


def generate_reports(
    seed: int, installs: int, first: dt.datetime, last: dt.datetime
) -> list[Row]:
    """Generate up to six reports per installation, at least a week apart, oldest first.

    The fields of an installation may change each time, as they do after an upgrade.
    """
    chance = random.Random(seed)  # noqa: S311  # the same in every run
    rows = []
    for _ in range(installs):
        key = f"{chance.getrandbits(128):032x}"
        time = first + chance.random() * (last - first)
        for _ in range(chance.randint(1, 6)):
            rows.append({"received": iso(time), "uuid": key, **_facts(chance)})
            time += DAY * chance.choice((7, 7, 8, 30, 90)) + chance.random() * DAY
            if time >= last:
                break
    return sorted(rows, key=lambda row: str(row["received"]))


_RELEASES = ("2.13.5", "2.14.0", "2.14.7", "2.15.0", "2.15.1", "2.15.3", "3.0.0")


def year_of_releases(last: dt.datetime) -> list[Row]:
    """Generate a year of reports up to *last*, in which releases follow one another."""
    chance = random.Random(1)  # noqa: S311  # the same in every run
    first = last - 360 * DAY
    rows = generate_reports(6, 1500, first, last)
    for row in rows:
        age = (dt.datetime.fromisoformat(row["received"]) - first) / (last - first)
        release = round(age * len(_RELEASES) - chance.expovariate(1))
        row["version"] = _RELEASES[min(max(release, 0), len(_RELEASES) - 1)]
    return rows


def _facts(chance: random.Random) -> Row:
    return _EXAMPLES | {
        name: values[min(int(chance.expovariate(1.1)), len(values) - 1)]
        for name, values in _VALUES.items()
    }


def identical_reports(
    installs: int, received: dt.datetime, prefix: str = "", **facts: object
) -> list[Row]:
    """Make one report with the same *facts* for each of *installs* installations.

    Their IDs begin with *prefix*.
    """
    return [
        {
            **dict.fromkeys(PUBLISHED),
            "received": iso(received),
            "uuid": f"{prefix}{index:08x}",
            **facts,
        }
        for index in range(installs)
    ]


def store(worker: Harness, rows: Iterable[Row]) -> None:
    """Store *rows* as reports, in their order, and the latest of each installation."""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    worker.query(
        f"""INSERT INTO reports ({columns})
            SELECT {", ".join(f"value ->> '{name}'" for name in _COLUMNS)}
            FROM json_each(?1)""",  # noqa: S608  # the contract's own names
        json.dumps(list(rows)),
    )
    latest = ", ".join(f'"{name}"' for name in PUBLISHED)
    worker.query(
        f"""INSERT OR REPLACE INTO installations (received, uuid, {latest}, first_received)
            SELECT MAX(received), uuid, {latest},
              (SELECT MIN(received) FROM reports AS own WHERE own.uuid = reports.uuid)
            FROM reports GROUP BY uuid"""  # noqa: S608  # the contract's own names
    )


def store_identical(
    worker: Harness,
    installs: int,
    received: dt.datetime,
    prefix: str = "",
    **facts: object,
) -> list[Row]:
    """Store what `identical_reports` makes, and return it."""
    rows = identical_reports(installs, received, prefix, **facts)
    store(worker, rows)
    return rows


Cells = Counter[tuple[str, str]]


def recount(rows: Iterable[Row], start: dt.datetime, end: dt.datetime) -> Cells:
    """Count installations by field and value (as JSON), from raw reports.

    An installation counts with its latest report before *end*, if that report came at
    *start* or later.
    """
    latest: dict[str, Row] = {}
    for row in rows:
        if row["received"] < iso(end):
            latest[row["uuid"]] = max(
                row, latest.get(row["uuid"], row), key=lambda it: str(it["received"])
            )
    return Counter(
        (name, json.dumps(row[name] if is_publishable(name, row[name]) else "other"))
        for row in latest.values()
        if row["received"] >= iso(start)
        for name, rule in PUBLISHED.items()
        if rule is True or all(row[field] == value for field, value in rule.items())
    )
