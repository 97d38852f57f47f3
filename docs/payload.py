"""Writes payload.md from the contract: `nox -s docs`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paperless_report.contract import FIELDS, Field

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """\
# What a report holds

Every field that can be sent, in the order of the preview. Nothing else can be
sent, and nothing else can be stored. A field that is not known is left out.

This page is made from `paperless_report/contract/report.schema.json` by
`nox -s docs`.
"""


def render(fields: dict[str, Field]) -> str:
    """The page, in Markdown."""
    return "\n".join((_HEAD, *map(_section, fields.values())))


def _section(field: Field) -> str:
    needed = "yes" if field.required else "no, left out where it is not known"
    (example,) = field.schema["examples"]
    return f"""\
## {field.title}: `{field.name}`

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
    PAGE.write_text(render(FIELDS), encoding="utf-8")
