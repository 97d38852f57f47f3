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
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from paperless_report.contract.fields import Field as Field
from paperless_report.contract.fields import (
    InvalidContractError as InvalidContractError,
)
from paperless_report.contract.fields import Scalar as Scalar
from paperless_report.contract.fields import Value as Value
from paperless_report.contract.fields import parse_fields as parse_fields

# Where a project that has no contract of its own finds that of paperless-ngx.
REPORT: Final = f"{__name__}:report.schema.json"

_FOLDER, _SUFFIX = Path(__file__).parent, ".schema.json"


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


def load_project() -> Mapping[str, str]:
    """Read the `name` of the project and the address of its `page` about reports."""
    project: Mapping[str, str] = _load("project.json")
    return project


def _load(file: str) -> Any:  # noqa: ANN401  # whatever JSON the file holds
    return json.loads((_FOLDER / file).read_text(encoding="utf-8"))
