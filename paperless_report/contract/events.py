"""Defines the events that are counted, and reads them from events.schema.json."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from paperless_report.contract.fields import (
    Field,
    InvalidContractError,
    Value,
    list_fields,
)
from paperless_report.contract.keywords import Schema, read_type
from paperless_report.contract.supported_words import find_schema_faults


@dataclass(frozen=True)
class Event:
    """Something that installations count, such as the runs of a command.

    Attributes:
        name: Its name in events.schema.json.
        labels: The fields that sums are kept by, by name.
        sums: The fields that are added up, by name: integers without a list of values or of schemas.
        is_logged: Whether each is stored by itself, with its time, and not added up.
    """

    name: str
    labels: Mapping[str, Field]
    sums: Mapping[str, Field]
    is_logged: bool = False

    def clean(
        self, properties: Mapping[str, object]
    ) -> tuple[dict[str, Value], dict[str, int]] | None:
        """Return the labels and the sums of *properties* that fit the contract.

        Whatever else *properties* holds is left out.

        Returns:
            None if a required field is absent or does not fit.
        """
        labels: dict[str, Any] = {}
        sums: dict[str, Any] = {}
        for fields, kept in ((self.labels, labels), (self.sums, sums)):
            for name, declared in fields.items():
                value = _to_plain(properties.get(name))
                if value is not None and declared.fits(value):
                    kept[name] = declared.clean(value)
                elif declared.required:
                    return None
        return labels, sums


def parse_events(
    schemas: Mapping[str, Any], logged: Collection[str] = ()
) -> dict[str, Event]:
    """Return the events that *schemas* declares by name.

    Args:
        schemas: The JSON Schema of each event, by the event's name.
        logged: The events that are stored one by one. They need nothing to add up.

    Raises:
        InvalidContractError: If a schema uses words that are not enforced, nests objects,
            or declares nothing to add up.
    """
    faults = [
        f"/{_escape(name)}{fault}"
        for name, schema in schemas.items()
        for fault in find_schema_faults(schema)
        or _find_uncounted(schema, is_logged=name in logged)
    ]
    if faults:
        raise InvalidContractError(faults)
    return {
        name: _parse_event(name, schema, is_logged=name in logged)
        for name, schema in schemas.items()
    }


def format_labels(labels: Mapping[str, Value]) -> str:
    """Write *labels* as JSON, in the same way for equal labels."""
    return json.dumps(labels, separators=(",", ":"), sort_keys=True)


def _parse_event(name: str, schema: Schema, *, is_logged: bool) -> Event:
    fields = [field for field in list_fields(schema) if not field.set_by_receiver]
    sums = {field.name: field for field in fields if _is_sum(field.schema)}
    labels = {field.name: field for field in fields if field.name not in sums}
    return Event(name, labels, sums, is_logged)


def _is_sum(schema: Schema) -> bool:
    return read_type(schema) == "integer" and not {"enum", "anyOf"} & {*schema}


def _find_uncounted(schema: Schema, *, is_logged: bool) -> list[str]:
    """List what this package does not count in a schema that the receiver enforces."""
    properties = schema.get("properties", {})
    nested = [
        f"/properties/{name} must not be an object"
        for name, part in properties.items()
        if read_type(part) == "object"
    ]
    if nested or is_logged or any(map(_is_sum, properties.values())):
        return nested
    return ["/properties must declare an integer to add up, such as count"]


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _to_plain(value: object) -> Any:  # noqa: ANN401  # a JSON value
    """Copy a value without what its class adds, such as its own `==`; None for others."""
    kind = type(value)  # `isinstance` believes what an object says about itself
    if issubclass(kind, str):
        return str.__str__(cast("str", value))
    if kind in (bool, float):
        return value
    if issubclass(kind, int):
        return int.__int__(cast("int", value))
    if kind in (list, tuple):
        return [_to_plain(it) for it in cast("Iterable[object]", value)]
    return None
