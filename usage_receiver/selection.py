"""Builds the SQL conditions of the installations that `exclude` means."""

import datetime as dt
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = 79
# SQL statements on Cloudflare have at most 100 KB.
_IDS_AT_ONCE = 500
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?Z?", re.ASCII
)
_BOOLEANS = {"true": 1, "false": 0}


class ExcludeError(Exception):
    """Nothing was changed; `str()` of the error says what is wrong with the selection."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which installations are meant: those that meet everything that is given.

    `values` are `FIELD=VALUE`; several of a field mean any of them. `since` and `until` say when
    an installation was first seen, in UTC, as a day or a time. `ids` are installation IDs.
    """

    values: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    ids: Sequence[str] | None = None


def parse_ids(text: str) -> list[str]:
    """Return the distinct installation IDs in *text*, which spaces, commas or lines separate."""
    return list(dict.fromkeys(re.split(r"[\s,]+", text.strip().lower())))


def build_conditions(described: dict[str, Any], selection: Selection) -> list[str]:
    """Return conditions in SQL, one for each part of the IDs.

    Raises:
        ExcludeError: If the selection is empty or not valid.
    """
    problems: list[str] = []
    parts = [
        *_build_value_conditions(described, selection.values, problems),
        *_build_time_conditions(described, selection, problems),
    ]
    ids = selection.ids
    if ids is not None and not any(ids):
        problems.append("There are no IDs. Write one a line.")
    if ids is None and not (selection.values or selection.since or selection.until):
        problems.append(
            "Say which installations you mean: with --since and --until, with values"
            " such as version=9.9.9, or with --ids FILE. --find lists those that look"
            " made up."
        )
    if problems:
        raise ExcludeError(
            "\n".join(textwrap.fill(problem, COLUMNS) for problem in problems)
        )
    if ids is None:
        return [" AND ".join(parts)]
    return [
        " AND ".join([*parts, _match_ids(described["key"], part)])
        for part in _split(ids)
    ]


def _split(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]


def _match_ids(key: str, ids: Sequence[str]) -> str:
    listed = literal(json.dumps(ids, ensure_ascii=False))
    return f'"{key}" IN (SELECT value FROM json_each({listed}))'  # noqa: S608  # a contract's own name


def _build_value_conditions(
    described: dict[str, Any], values: Sequence[str], problems: list[str]
) -> list[str]:
    """Return a condition for each field, and add what is wrong to *problems*."""
    fields: dict[str, str] = described["fields"]
    tests: dict[str, list[str]] = {}
    for text in values:
        field, equals, value = text.partition("=")
        if field == described["key"]:
            problems.append(
                f"{field} is the ID: write IDs to a file and name it with --ids, so that"
                " your shell and other users do not see them."
            )
        elif not (field and equals):
            problems.append(f"{text} is not a field and a value. Write FIELD=VALUE.")
        elif field not in fields:
            problems.append(
                f"{field} is not a field that is stored for each installation. Those"
                f" are: {', '.join(fields)}."
            )
        else:
            test = _build_test(field, fields[field], value)
            if test is None:
                problems.append(
                    f"{text}: {field} is of the type {fields[field]}, and {value} is not."
                )
            else:
                tests.setdefault(field, []).append(test)
    return [f"({' OR '.join(alternatives)})" for alternatives in tests.values()]


def _build_test(field: str, kind: str, value: str) -> str | None:
    """Return a condition on one value, or None if a field of that type cannot have it."""
    column = f'"{field}"'
    if not value:
        return f"({column} IS NULL OR {column} = '')"
    if kind == "array":
        return (
            f"EXISTS (SELECT 1 FROM json_each({column}) AS element"  # noqa: S608  # as above
            f" WHERE CAST(element.value AS TEXT) = {literal(value)})"
        )
    if kind == "string":
        return f"{column} = {literal(value)}"
    if kind == "boolean":
        return f"{column} = {_BOOLEANS[value]}" if value in _BOOLEANS else None
    return f"{column} = {int(value)}" if re.fullmatch(r"-?[0-9]{1,18}", value) else None


def _build_time_conditions(
    described: dict[str, Any], selection: Selection, problems: list[str]
) -> list[str]:
    """Return conditions on when an installation was first seen."""
    first: str = described["firstSeen"]
    conditions = []
    times: dict[str, str] = {}
    for option, text in (("--since", selection.since), ("--until", selection.until)):
        if text is None:
            continue
        match = _TIME.fullmatch(text)
        if match is None or not _exists(text):
            problems.append(
                f"{option} {text} is not a day or a time in UTC. Write 2026-05-14 or"
                " 2026-05-14T21:40."
            )
        elif match[2] and not described["hasTime"]:
            problems.append(
                f"{option} {text}: this project stores the day only. Write {match[1]}."
            )
        else:
            times[option] = time = "T".join(filter(None, match.groups()))
            # Text compares as time does. The last day, minute or second is meant as a whole.
            conditions.append(
                f"{first} >= '{time}'"
                if option == "--since"
                else f"substr({first}, 1, {len(time)}) <= '{time}'"
            )
    since, until = times.get("--since"), times.get("--until")
    if since and until and since[: len(until)] > until:
        problems.append(f"--since {since} is after --until {until}. Exchange them.")
    return conditions


def _exists(time: str) -> bool:
    try:
        dt.datetime.fromisoformat(time.removesuffix("Z"))
    except ValueError:
        return False
    return True


def literal(text: str) -> str:
    """Write *text* as SQL without quotes, so that no character of it can end the literal."""
    return f"CAST(X'{text.encode().hex()}' AS TEXT)"
