"""Reads a JSON Schema from a file, from a package, or as it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperless_report.contract.fields import InvalidContractError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# An absolute path, `package:file` for a file in a package or beside a module, or the schema.
SchemaSource = str | Path | Mapping[str, Any]


def is_schema_source(value: object) -> bool:
    """Return whether *value* has the form of a source; nothing is read."""
    if isinstance(value, str | Path) and str(value):
        return Path(value).is_absolute() or ":" in str(value)
    return isinstance(value, Mapping)


def describe_source(source: SchemaSource) -> str:
    """Return the name of *source* for a message."""
    return "in the code" if isinstance(source, Mapping) else str(source)


def read_schema(source: SchemaSource) -> Mapping[str, Any]:
    """Return the JSON object in *source*.

    Raises:
        InvalidContractError: If there is none.
    """
    if isinstance(source, Mapping):
        return source
    try:
        schema = json.loads(_read_text(str(source)))
    except json.JSONDecodeError as error:
        raise InvalidContractError([_explain(error)]) from error
    except (ImportError, OSError, TypeError, ValueError, RecursionError) as error:
        raise InvalidContractError([str(error)]) from error
    if not isinstance(schema, dict):
        raise InvalidContractError(["it is not a JSON object"])
    return schema


def _explain(error: json.JSONDecodeError) -> str:
    """Say what is wrong, also of a comma at the end, which Python names from 3.13 on."""
    reason = f"it is not JSON: {error}"
    before, at = error.doc[: error.pos].rstrip(), error.doc[error.pos : error.pos + 1]
    is_comma_left = before.endswith(",") and at in {"}", "]"}
    return f"{reason}: remove the comma before {at}" if is_comma_left else reason


def _read_text(location: str) -> str:
    package, separator, file = location.partition(":")
    if separator and not Path(location).is_absolute():
        return _find_folder(package).joinpath(file).read_text("utf-8")
    return Path(location).read_text(encoding="utf-8")


def _find_folder(name: str) -> "Traversable":
    """Return the folder of a package, or the one that holds a module."""
    import importlib.resources  # noqa: PLC0415  # most projects do not need it

    try:
        return importlib.resources.files(name)
    except TypeError:  # a module, before Python 3.12
        return Path(str(importlib.import_module(name).__file__)).parent
