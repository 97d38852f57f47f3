"""Writes the fields of a report into usage-reporting.md: `nox -s docs`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paperless_report.contract import FIELDS, Field

PAGE = Path(__file__).with_name("usage-reporting.md")
_BEGIN, _END = "<!-- fields: begin -->", "<!-- fields: end -->"


def render(fields: Mapping[str, Field], page: str) -> str:
    """*page*, with *fields* between its marks, in Markdown."""
    part = "\n".join((_BEGIN, "", *map(_section, fields.values()), _END))
    pattern = f"{re.escape(_BEGIN)}.*?{re.escape(_END)}"
    return re.sub(pattern, lambda _: part, page, flags=re.DOTALL)


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
