"""Writes the fields of a report into usage-reporting.md: `nox -s docs`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs import marks
from paperless_report.contract import FIELDS, Field

PAGE = Path(__file__).with_name("usage-reporting.md")


def render(fields: Mapping[str, Field], page: str) -> str:
    """*page*, with *fields* between its marks, in Markdown."""
    return marks.put(page, "fields", "\n".join(map(_section, fields.values())))


def _section(field: Field) -> str:
    needed = "yes" if field.required else "no, left out where it is not known"
    (example,) = field.schema["examples"]
    return f"""\
### {field.title}: `{field.name}`

{field.description}

- Always sent: {needed}
- Values: {_values(field.schema)}
- Example: `{str(example).lower() if isinstance(example, bool) else example}`
"""


def _values(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"anyOf": list(branches)}:
            return "; ".join(f"{it['title'].lower()}: {_values(it)}" for it in branches)
        case {"enum": list(values)}:
            return ", ".join(f"`{value}`" for value in values)
        case {"pattern": pattern, "maxLength": most}:
            return f"at most {most} characters, as `{pattern}`"
        case {"type": "boolean"}:
            return "`true`, `false`"
    raise ValueError(f"a schema that this page cannot tell of: {schema}")


if __name__ == "__main__":
    PAGE.write_text(render(FIELDS, PAGE.read_text("utf-8")), encoding="utf-8")
