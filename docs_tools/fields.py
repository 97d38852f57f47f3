"""Writes the fields of each contract, and the preview of a report, into pages for admins.

Only the contracts declare fields.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs_tools import generated_blocks
from paperless_report import contract
from paperless_report.contract import Field
from paperless_report.terminal.preview import render_preview
from paperless_report.words.messages import write_address

Contracts = Mapping[str, Mapping[str, Field]]

ROOT = Path(__file__).parents[1]
# The page that describes each field, and the one that shows a preview.
FIELDS_PAGE = ROOT / "docs" / "reference" / "report.md"
PREVIEW_PAGE = ROOT / "docs" / "how-to" / "usage-reporting.md"
# The report kind whose statistics are published.
USAGE = "report"


def contracts() -> Contracts:
    """Load the fields of every report kind, by the kind's name."""
    return {name: contract.load_fields(name) for name in contract.list_kinds()}


def files(declared: Contracts | None = None) -> Iterator[tuple[Path, str]]:
    """Give the path and the text of each page; *declared* are other contracts."""
    declared = declared or contracts()
    text = FIELDS_PAGE.read_text(encoding="utf-8")
    yield FIELDS_PAGE, render_fields(declared, text)
    text = PREVIEW_PAGE.read_text(encoding="utf-8")
    preview = _preview(declared[USAGE])
    yield PREVIEW_PAGE, generated_blocks.replace_block(text, "preview", preview)


def render_fields(declared: Contracts, text: str) -> str:
    """Return the page *text* with a section for each field, below its report kind.

    Raises:
        ValueError: If the page has no markers for one of the report kinds.
    """
    for name, fields in declared.items():
        sections = "\n".join(map(_section, fields.values()))
        text = generated_blocks.replace_block(text, f"fields of {name}", sections)
    return text


def _preview(fields: Mapping[str, Field]) -> str:
    """Show a dry run of a report that holds the examples of the contract."""
    values = {name: field.schema["examples"][0] for name, field in fields.items()}
    project = contract.load_project()
    shown = render_preview(values, fields, project["name"], project["page"])
    return f"""\
```console
$ python3 manage.py send_usage_report --dry-run
{write_address("https://reports.example.org/report")}

{shown}Dry run — nothing sent.
```"""


def _section(field: Field) -> str:
    required = "yes" if field.required else "no, left out if it is not known"
    (example,) = field.schema["examples"]
    return f"""\
## {field.title}: `{field.name}`

{field.description}

- Always sent: {required}
- Published: {_describe_rule(field.schema.get("x-published"))}
- Values: {describe_values(field.schema)}
- Example: `{str(example).lower() if isinstance(example, bool) else example}`
"""


def _describe_rule(rule: Mapping[str, str] | bool | None) -> str:  # noqa: FBT001  # a value, not a switch
    if isinstance(rule, Mapping):
        return ", ".join(f"if `{name}` is `{value}`" for name, value in rule.items())
    return "yes" if rule else "no"


def describe_values(schema: Mapping[str, Any]) -> str:
    """Describe in Markdown which values *schema* accepts.

    Raises:
        ValueError: If it uses a keyword that this function does not know.
    """
    match schema:
        case {"anyOf": list(branches)}:
            return "; ".join(
                f"{branch['title'].lower()}: {describe_values(branch)}"
                for branch in branches
            )
        case {"enum": list(values)}:
            return ", ".join(f"`{value}`" for value in values)
        case {"pattern": pattern, "maxLength": length}:
            return f"at most {length} characters that match `{pattern}`"
        case {"type": "boolean"}:
            return "`true`, `false`"
    raise ValueError(f"{Path(__file__).name} cannot describe the schema {schema}.")
