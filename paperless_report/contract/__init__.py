"""The contract: the fields of each report kind, and the values that each field accepts.

`report.schema.json` is the only place that declares fields. The client builds its payload
from it, the receiver validates and stores by it, and tests check everything else against
it. The order of its properties is the order of the preview. Another report kind has a
schema of its own, named after the kind. `project.json` names the project that receives
the reports.

Nothing is read at import: a host that starts must not pay for a report.
"""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = str | bool | int | list[str]

# The keywords that `Field.fits` knows. A test checks that the schemas use no others, so
# that the receiver enforces no keyword alone. `x-published` lets the receiver publish how
# many installations have which value: all of them (true), or only those with certain
# values of other fields. `x-known` lists the values of a text field that the receiver may
# publish. Other values are accepted, and published as `other`.
ANNOTATIONS = frozenset({"title", "description", "examples", "x-published", "x-known"})
CONSTRAINTS = frozenset({"type", "enum", "pattern", "maxLength", "anyOf"})

_FOLDER, _SUFFIX = Path(__file__).parent, ".schema.json"
_TYPES: Mapping[str, type] = {"string": str, "boolean": bool}


@dataclass(frozen=True)
class Field:
    """One field of a report.

    Attributes:
        name: Its key in the JSON and its column in the database.
        title: Its label in the preview.
        description: What it holds, and which question it answers.
        required: Whether a report without it is refused.
        schema: Its JSON Schema (2020-12).
    """

    name: str
    title: str
    description: str
    required: bool
    schema: Mapping[str, Any]

    def fits(self, value: object) -> bool:
        """Return whether *value* may be sent as this field."""
        return _fits(self.schema, value)


class InvalidContractError(ValueError):
    """A schema that cannot be enforced."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems


def list_kinds() -> list[str]:
    """List the names of the report kinds that have a contract."""
    return sorted(it.name.removesuffix(_SUFFIX) for it in _FOLDER.glob(f"*{_SUFFIX}"))


def load_schema(kind: str = "report") -> dict[str, Any]:
    """Read the JSON Schema of the report kind *kind*.

    Raises:
        FileNotFoundError: If the kind has no contract.
    """
    schema: dict[str, Any] = _load(f"{kind}{_SUFFIX}")
    return schema


@functools.cache
def load_fields(kind: str = "report") -> Mapping[str, Field]:
    """Return the fields of the report kind *kind* by name, in the schema's order."""
    return parse_fields(load_schema(kind))


def parse_fields(schema: Mapping[str, Any]) -> dict[str, Field]:
    """Return the fields that *schema* declares by name, in its order."""
    required = schema["required"]
    return {
        name: Field(name, part["title"], part["description"], name in required, part)
        for name, part in schema["properties"].items()
    }


def load_project() -> Mapping[str, str]:
    """Read the `name` of the project and the address of its `page` about reports."""
    project: Mapping[str, str] = _load("project.json")
    return project


def _load(file: str) -> Any:  # noqa: ANN401  # whatever JSON the file holds
    return json.loads((_FOLDER / file).read_text(encoding="utf-8"))


def _fits(schema: Mapping[str, Any], value: object) -> bool:
    # Patterns are anchored, but Python's `$` also matches before a final newline.
    return (
        ("type" not in schema or type(value) is _TYPES[schema["type"]])
        and ("enum" not in schema or value in schema["enum"])
        and ("maxLength" not in schema or len(str(value)) <= schema["maxLength"])
        and (
            "pattern" not in schema or bool(re.fullmatch(schema["pattern"], str(value)))
        )
        and (
            "anyOf" not in schema
            or any(_fits(branch, value) for branch in schema["anyOf"])
        )
    )
