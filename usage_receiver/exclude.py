"""Excludes installations from the statistics, and readmits them.

Only SQL goes to the database, so the same works on either runtime. What is printed contains no ID.
"""

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from usage_receiver.selection import COLUMNS, Selection, build_conditions, literal

Query = Callable[[str], list[dict[str, Any]]]

_SMALL_CHANGE = (
    "An edition shows no change of fewer than five installations, because that could show"
    " what one of them sent."
)
_COUNT = """SELECT COUNT(*) AS matched, TOTAL("excluded") AS excluded,
    MIN({first}) AS since, MAX({first}) AS until,
    (SELECT COUNT(*) FROM "{table}") AS everyone
  FROM "{table}" WHERE {condition}"""
# First, because it counts what the next statement changes. An edition shows no change of fewer
# than five installations. With more, the next daily run counts the newest edition again.
_CHANGE = """UPDATE "publications" SET "removed" = MIN({again}, "removed" + changed.n
      + ("removed" + changed.n >= {again} - 1))
    FROM (SELECT COUNT(*) AS n FROM "{table}" WHERE {condition} AND "excluded" <> {state})
      AS changed
    WHERE changed.n > 0 AND "kind" = {kind} AND "period" LIKE '%d';
  UPDATE "{table}" SET "excluded" = {state} WHERE {condition} AND "excluded" <> {state}"""
_FIND_EDITION = """SELECT MAX("body" ->> 'until') AS until, MAX("removed") AS removed
  FROM "publications" WHERE "kind" = {kind} AND "period" LIKE '%d' AND "counted_until" IS NOT NULL"""


def exclude(
    query: Query,
    described: dict[str, Any],
    selection: Selection,
    *,
    apply: bool,
    undo: bool = False,
) -> list[str]:
    """Exclude the installations that *selection* means, or readmit them.

    Args:
        query: Runs SQL on the database and returns the rows of its first statement.
        described: What `generate.describe_installations` returns.
        selection: The installations.
        apply: Whether to change anything, rather than to say how many installations match.
        undo: Whether to readmit them.

    Returns:
        Lines of at most 80 columns, without any ID.

    Raises:
        ExcludeError: If the selection is empty or not valid, with all that is wrong.
    """
    sentences = _exclude(query, described, selection, apply=apply, undo=undo)
    return [line for sentence in sentences for line in textwrap.wrap(sentence, COLUMNS)]


def _exclude(
    query: Query,
    described: dict[str, Any],
    selection: Selection,
    *,
    apply: bool,
    undo: bool,
) -> list[str]:
    conditions = build_conditions(described, selection)
    counted = _count(query, described, conditions)
    pending = counted["excluded"] if undo else counted["matched"] - counted["excluded"]
    lines = [_describe_matches(counted, selection)]
    if counted["matched"] == 0:
        hint = "Write a value as reports have it, such as version=9.9.9."
        return [*lines, hint] if selection.values else lines
    verb = "readmit" if undo else "exclude"
    if counted["since"]:
        lines.append(f"First seen from {counted['since']} to {counted['until']}.")
    if not undo and counted["excluded"]:
        lines.append(f"{counted['excluded']} of them are excluded already.")
    if pending == 0:
        state = "None of them is excluded" if undo else "All are excluded already"
        return [*lines, f"{state}. Nothing to do."]
    if not apply:
        return [
            *lines,
            f"Nothing has changed. To {verb} {_name_number(pending)}, add --yes.",
        ]
    for condition in conditions:
        query(
            _CHANGE.format(
                table=described["table"],
                kind=literal(described["kind"]),
                again=described["countsAgain"],
                state=0 if undo else 1,
                condition=condition,
            )
        )
    done = "readmitted" if undo else "excluded"
    lines.append(f"{_name_number(pending).capitalize()} {_is(pending)} {done} now.")
    lines += _describe_effect(query, described)
    if not undo:
        lines += [
            "They may still report, and stay excluded.",
            "A closed month keeps them: take a value out of it with `withhold`.",
            "To readmit them, run the same command with --undo.",
        ]
        if described["hasCounters"]:
            lines.append(
                "Counters have no ID, so they keep what these installations sent."
            )
    return lines


def _describe_matches(counted: dict[str, Any], selection: Selection) -> str:
    matched = f"{counted['matched']} of {_name_number(counted['everyone'])}"
    verb = "matches" if counted["matched"] == 1 else "match"
    given = len(selection.ids or ())
    ids = f" ({given} ID{'s' if given > 1 else ''} given)" if given else ""
    return f"{matched} {verb}{ids}."


def _describe_effect(query: Query, described: dict[str, Any]) -> list[str]:
    """Say when the statistics change."""
    (row,) = query(_FIND_EDITION.format(kind=literal(described["kind"])))
    if row["until"] is None:
        return ["No edition is published yet. The first one takes that into account."]
    edition = f"the current edition, which ends on {row['until'][:10]},"
    if row["removed"] < described["countsAgain"]:
        return [
            f"{edition.capitalize()} stays as it is.",
            _SMALL_CHANGE,
        ]
    return [f"The next daily run counts {edition} again. To see it now, run `count`."]


def _name_number(number: int) -> str:
    return "1 installation" if number == 1 else f"{number} installations"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _count(
    query: Query, described: dict[str, Any], conditions: Sequence[str]
) -> dict[str, Any]:
    """Add up what matches each of *conditions*: no installation matches two of them."""
    rows = [
        query(
            _COUNT.format(
                table=described["table"],
                first=described["firstSeen"],
                condition=condition,
            )
        )[0]
        for condition in conditions
    ]
    return {
        "matched": sum(row["matched"] for row in rows),
        "excluded": int(sum(row["excluded"] for row in rows)),
        "since": min((row["since"] for row in rows if row["since"]), default=None),
        "until": max((row["until"] for row in rows if row["until"]), default=None),
        "everyone": rows[0]["everyone"],
    }
