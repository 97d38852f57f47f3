"""The contract: which fields a report has and which values fit them.

`report.schema.json` beside this file is the one declaration; another kind of report
would have its own, under its own name. The client builds
its payload from it, the Worker stores by it, and tests hold everything else
against it. The order of its properties is the order of the preview.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = str | bool

# What `fits` interprets. A test holds the schema to these words, so that none
# is taken for granted on this side and enforced on the other.
# `x-published` says that the server may publish how many have which value: of all
# installations (true), or of those alone that have the given values.
ANNOTATIONS = frozenset({"title", "description", "examples", "x-published"})
CONSTRAINTS = frozenset({"type", "enum", "pattern", "maxLength", "anyOf"})

_FOLDER, _FILE = Path(__file__).parent, ".schema.json"
_TYPES: Mapping[str, type] = {"string": str, "boolean": bool}


@dataclass(frozen=True)
class Field:
    """One field of the report.

    Attributes:
        name: Its key in the JSON and its column in the database.
        title: Its label in the preview.
        description: What it is, and which question it answers.
        required: Whether a report without it is refused.
        schema: Its JSON Schema (2020-12).
    """

    name: str
    title: str
    description: str
    required: bool
    schema: Mapping[str, Any]

    def fits(self, value: object) -> bool:
        """Whether *value* may be sent as this field."""
        return _fits(self.schema, value)


def names() -> list[str]:
    """The kinds of report that have a contract, by name."""
    return sorted(it.name.removesuffix(_FILE) for it in _FOLDER.glob(f"*{_FILE}"))


def load(name: str = "report") -> dict[str, Any]:
    """The schema of the kind of report *name*, parsed.

    Raises:
        FileNotFoundError: If there is none.
    """
    text = (_FOLDER / f"{name}{_FILE}").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def fields(schema: Mapping[str, Any]) -> dict[str, Field]:
    """The fields that *schema* declares, by name, in its order."""
    return {
        name: Field(
            name, it["title"], it["description"], name in schema["required"], it
        )
        for name, it in schema["properties"].items()
    }


def _fits(schema: Mapping[str, Any], value: object) -> bool:
    # Patterns are anchored; `fullmatch` because Python's `$` lets a newline by.
    return (
        ("type" not in schema or type(value) is _TYPES[schema["type"]])
        and ("enum" not in schema or value in schema["enum"])
        and ("maxLength" not in schema or len(str(value)) <= schema["maxLength"])
        and (
            "pattern" not in schema or bool(re.fullmatch(schema["pattern"], str(value)))
        )
        and ("anyOf" not in schema or any(_fits(one, value) for one in schema["anyOf"]))
    )


FIELDS = fields(load())
# What is detected, and what a distribution's packager may say instead.
DETECTED, DISTRIBUTIONS = (
    tuple(branch["enum"]) for branch in FIELDS["install_type"].schema["anyOf"]
)
