"""Finds waves: many installations that are alike and were first seen within an hour.

Only SQL goes to the database, so the same works on either runtime. What is printed contains no ID.
"""

import shlex
from typing import Any

from usage_receiver.exclude import Query

LEAST_INSTALLATIONS = 10
# The prefix makes a column that is missing an error, and not a text. `until` is when the densest hour of the group ends.
_FIND = """SELECT MAX(installs) AS installs, since, until, {fields} FROM (
    SELECT {fields}, MIN(seen) OVER hour AS since, seen AS until,
      COUNT(*) OVER hour AS installs
    FROM (SELECT {columns}, {first} AS seen FROM "{table}" AS stored WHERE NOT "excluded")
    WHERE seen IS NOT NULL
    WINDOW hour AS (PARTITION BY {fields} ORDER BY julianday(seen)
      RANGE BETWEEN 1.0 / 24 PRECEDING AND CURRENT ROW)
  ) GROUP BY {fields} HAVING MAX(installs) >= {least} ORDER BY 1 DESC, 2"""


def find_waves(query: Query, described: dict[str, Any]) -> list[str]:
    """Find waves among the installations that are not excluded, the largest first.

    Args:
        query: Runs SQL on the database and returns the rows of its first statement.
        described: What `generate.describe_installations` returns.

    Returns:
        For each wave, a line with its size and one with the arguments that select it, and at
        the end what to do with them.
    """
    fields: dict[str, str] = described["fields"]
    rows = query(
        _FIND.format(
            fields=", ".join(f'"{name}"' for name in fields),
            columns=", ".join(f'stored."{name}"' for name in fields),
            first=described["firstSeen"],
            table=described["table"],
            least=LEAST_INSTALLATIONS,
        )
    )
    if not rows:
        least = LEAST_INSTALLATIONS
        return [
            f"No {least} installations are alike and were first seen within an hour."
        ]
    lines = [line for row in rows for line in _describe_wave(row, fields)]
    return [
        *lines,
        "A release can cause a wave, too. To exclude one, give its line to `exclude`.",
    ]


def _describe_wave(row: dict[str, Any], fields: dict[str, str]) -> list[str]:
    values = [
        shlex.quote(f"{name}={value}")
        for name, kind in fields.items()
        if (value := _write_value(kind, row[name])) is not None
    ]
    times = ("--since", row["since"], "--until", row["until"])
    return [
        f"{row['installs']} installations were first seen within an hour:",
        "  " + " ".join([*times, *values]),
    ]


def _write_value(kind: str, stored: Any) -> str | None:  # noqa: ANN401  # any column
    """Write a value as `exclude` reads it; None if it cannot select by that."""
    if stored is None or stored == "":
        return ""
    if kind == "boolean":
        return "true" if stored else "false"
    return str(stored) if kind in ("string", "integer") else None
