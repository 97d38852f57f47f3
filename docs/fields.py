"""Writes the fields of reports wherever people read of them: `nox -s docs`.

Those are the admins' page, the parameters of a badge in the API's description, and the
panels of the dashboard. The contracts alone declare fields.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docs import marks
from paperless_report import contract
from paperless_report.contract import Field

Contracts = Mapping[str, Mapping[str, Field]]

PAGE = Path(__file__).with_name("usage-reporting.md")
DASHBOARD = Path(__file__).with_name("grafana.json")
DESCRIPTION = Path(__file__).parents[1] / "worker" / "openapi.yaml"
# What the statistics tell of.
USAGE = "report"
_CONTRACT = "../paperless_report/contract/report.schema.json#/properties"
_COLUMNS, _HEIGHT = 3, 8


def contracts() -> Contracts:
    """The fields of each kind of report, by its name."""
    return {name: contract.load_fields(name) for name in contract.list_kinds()}


def page(contracts: Contracts, text: str) -> str:
    """The page *text*, with each kind's fields between its marks, in Markdown.

    Raises:
        ValueError: If a kind has no marks there.
    """
    for name, fields in contracts.items():
        part = "\n".join(map(_section, fields.values()))
        text = marks.put(text, f"fields of {name}", part)
    return text


def description(contracts: Contracts, text: str) -> str:
    """The API's description *text*, with a reference for each field that a badge takes.

    Raises:
        ValueError: If the marks are not there.
    """
    lines = (
        f'{name}: {{ $ref: "{_CONTRACT}/{name}" }}'
        for name in _published(contracts[USAGE])
    )
    part = "".join(f"{' ' * 14}{line}\n" for line in lines)
    indented = f"\n{part}{' ' * 14}"
    return marks.between(text, "# fields: begin", "# fields: end", indented)


def dashboard(contracts: Contracts, text: str) -> str:
    """The dashboard *text*, with a panel for each published field, three in a row.

    The first panel of a field is the model of all of them.
    """
    whole: dict[str, Any] = json.loads(text)
    model = next(it for it in whole["panels"] if it["type"] == "bargauge")
    others = [it for it in whole["panels"] if it["type"] != "bargauge"]
    top = max(it["gridPos"]["y"] + it["gridPos"]["h"] for it in others)
    whole["panels"] = others + [
        {
            **model,
            "id": len(others) + 1 + index,
            "title": field.title,
            "gridPos": {
                **model["gridPos"],
                "x": model["gridPos"]["w"] * (index % _COLUMNS),
                "y": top + _HEIGHT * (index // _COLUMNS),
            },
            "targets": [
                {**model["targets"][0], "root_selector": f"fields.{field.name}.cells"}
            ],
        }
        for index, field in enumerate(_published(contracts[USAGE]).values())
    ]
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


WRITTEN: Mapping[Path, Callable[[Contracts, str], str]] = {
    PAGE: page,
    DESCRIPTION: description,
    DASHBOARD: dashboard,
}


def _published(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Those that are published of all installations."""
    return {
        name: it for name, it in fields.items() if it.schema.get("x-published") is True
    }


def _section(field: Field) -> str:
    needed = "yes" if field.required else "no, left out where it is not known"
    (example,) = field.schema["examples"]
    return f"""\
### {field.title}: `{field.name}`

{field.description}

- Always sent: {needed}
- Values: {what_fits(field.schema)}
- Example: `{str(example).lower() if isinstance(example, bool) else example}`
"""


def what_fits(schema: Mapping[str, Any]) -> str:
    """What fits *schema*, in Markdown.

    Raises:
        ValueError: If it uses what is not known here.
    """
    match schema:
        case {"anyOf": list(branches)}:
            return "; ".join(
                f"{it['title'].lower()}: {what_fits(it)}" for it in branches
            )
        case {"enum": list(values)}:
            return ", ".join(f"`{value}`" for value in values)
        case {"pattern": pattern, "maxLength": most}:
            return f"at most {most} characters, as `{pattern}`"
        case {"type": "boolean"}:
            return "`true`, `false`"
    raise ValueError(f"a schema that this page cannot tell of: {schema}")


if __name__ == "__main__":
    declared = contracts()
    for file, render in WRITTEN.items():
        text = render(declared, file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
