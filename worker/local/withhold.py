"""Takes a value out of every edition of the statistics, and puts it back."""

from pathlib import Path

from worker.local import configuration, serve

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


def withhold(
    data: Path | None,
    field: str,
    value: str,
    project: Path = configuration.PAPERLESS_NGX,
    *,
    undo: bool = False,
) -> list[str]:
    """Keep *value* of *field* out of all editions, or publish it again.

    Args:
        data: The database's folder; None for production's database.
        field: A published field.
        value: A value as the statistics show it in JSON, such as `3.12.3` or `true`.
        project: The project's folder.
        undo: Whether to publish it again.

    Returns:
        The periods whose edition contains the value.

    Raises:
        RuntimeFailedError: If the database cannot be changed.
    """
    name, text = _literal(field), _literal(value)
    change = _REMOVE if undo else _ADD
    sql = f"{_FIND};\n{change}".format(field=name, value=text)
    rows = serve.query(data, sql, project)
    return [row["period"] for row in rows]


def _literal(text: str) -> str:
    """Write *text* as SQL without quotes, so that no character of it can end the literal."""
    return f"CAST(X'{text.encode().hex()}' AS TEXT)"
