"""Takes a value out of every edition of the statistics, and puts it back."""

from collections.abc import Callable, Collection
from typing import Any

_ADD = "INSERT OR IGNORE INTO withheld_values (field, value) VALUES ({field}, {value})"
_REMOVE = "DELETE FROM withheld_values WHERE field = {field} AND value = {value}"
# SQLite quotes a name in a path if it has other characters than letters and digits.
_FIND = """SELECT DISTINCT period FROM (
      SELECT period, body FROM publications
      UNION ALL SELECT 'the week to ' || date(until), body FROM weekly_editions
    ), json_tree(body) AS cell
    WHERE cell.key = 'value'
    AND instr(replace(cell.path, '"', ''), '.fields.' || {field} || '.cells[') > 0
    AND CASE cell.type WHEN 'text' THEN cell.atom ELSE cell.type END = {value}
    ORDER BY period"""


class UnknownFieldError(Exception):
    """No statistics have the field; `str()` of the error lists the fields that they have."""


def require_field(
    query: Callable[[str], list[dict[str, Any]]],
    field: str,
    value: str,
    published: Collection[str],
) -> None:
    """Refuse a *field* that is not *published*, unless an edition has *value* in it.

    A closed month keeps the earlier name of a field that was renamed.

    Raises:
        UnknownFieldError: If it is refused.
    """
    if field in published or query(
        _FIND.format(field=_literal(field), value=_literal(value))
    ):
        return
    raise UnknownFieldError(
        f"{field} is not a published field, so nothing was withheld. Published"
        f" fields: {', '.join(published)}."
    )


def withhold(
    query: Callable[[str], list[dict[str, Any]]],
    field: str,
    value: str,
    *,
    undo: bool = False,
) -> list[str]:
    """Keep *value* of *field* out of all editions, or publish it again.

    Args:
        query: Runs SQL on the database and returns the rows of its first statement.
        field: A published field.
        value: A value as the statistics show it in JSON, such as `3.12.3` or `true`.
        undo: Whether to publish it again.

    Returns:
        Lines that say what was done, and which editions contain the value.
    """
    name, text = _literal(field), _literal(value)
    change = _REMOVE if undo else _ADD
    rows = query(f"{_FIND};\n{change}".format(field=name, value=text))
    state = "published again" if undo else "withheld from now on"
    periods = ", ".join(row["period"] for row in rows)
    return [
        f"{field} {value} is {state}.",
        f"These editions contain it: {periods}."
        if periods
        else "No edition contains it. Check the field and the value, or wait for the next one.",
    ]


def _literal(text: str) -> str:
    """Write *text* as SQL without quotes, so that no character of it can end the literal."""
    return f"CAST(X'{text.encode().hex()}' AS TEXT)"
