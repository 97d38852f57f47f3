"""Builds the payload, once: the same object is shown and sent (decision C11)."""

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from paperless_report.contract import Field, Value
from paperless_report.contract.keywords import Schema
from paperless_report.report.kind import Collectors
from paperless_report.report.outgoing import to_bytes


class Absence(enum.Enum):
    """Why a field is absent, where its collector did not fail."""

    NO_COLLECTOR = enum.auto()
    UNKNOWN = enum.auto()
    INCOMPLETE = enum.auto()


@dataclass(frozen=True)
class Misfit:
    """A value that the contract does not allow, which is never sent.

    Attributes:
        value: What the collector returned. It is not part of this object's text, so no log
            or traceback shows it.
        schema: What the contract allows.
    """

    value: object = field(repr=False)
    schema: Schema = field(repr=False)


@dataclass(frozen=True)
class Payload:
    """What would be sent.

    Attributes:
        values: Values by field name, in the contract's order; all of them fit it.
        report: The same values, nested as in the contract.
        missing: Required fields without a value. A payload with any is never sent.
        absences: For each absent field, why; the name of an exception's class if its
            collector failed.
    """

    values: Mapping[str, Value]
    report: Mapping[str, object]
    missing: tuple[Field, ...]
    absences: Mapping[str, Absence | Misfit | str]

    @property
    def body(self) -> bytes:
        """The bytes that are POSTed."""
        return to_bytes(self.report)


def build_payload(fields: Collection[Field], collectors: Collectors) -> Payload:
    """Collect every field of the contract that the receiver does not set, and nothing else.

    A field is left out if it has no collector, or if its collector fails, returns None, or
    returns a value that does not fit the contract (decision C13). An optional object is left out if a field
    that it requires is.
    """
    fields = [declared for declared in fields if not declared.set_by_receiver]
    values: dict[str, Value] = {}
    absences: dict[str, Absence | Misfit | str] = {}
    for declared in fields:
        name = declared.name
        if name not in collectors:
            absences[name] = Absence.NO_COLLECTOR
            continue
        try:
            value = collectors[name]()
        # Whatever the host's own modules do, even exit, must not end the command.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            # Only the class: a message may quote a path or a query.
            absences[name] = type(error).__name__
        else:
            if value is None:
                absences[name] = Absence.UNKNOWN
            elif declared.fits(value):
                values[name] = declared.clean(value)
            else:
                absences[name] = Misfit(value, declared.schema)
    absent = [declared for declared in fields if declared.name in absences]
    for incomplete in {declared.needed_by for declared in absent} - {None, ""}:
        for name in [name for name in values if name.startswith(f"{incomplete}.")]:
            del values[name]
            absences[name] = Absence.INCOMPLETE
    missing = tuple(declared for declared in absent if declared.required)
    return Payload(values, _nest(fields, values), missing, absences)


def without_id(payload: Payload, key: Field) -> Payload:
    """Return *payload* with null in place of the installation ID in the field *key*."""
    values = {name: it for name, it in payload.values.items() if name != key.name}
    return replace(payload, values=values, report=_set_null(payload.report, key.path))


def _set_null(report: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, object]:
    name, *rest = path
    return {**report, name: _set_null(report[name], tuple(rest)) if rest else None}


def _nest(fields: Iterable[Field], values: Mapping[str, Value]) -> dict[str, object]:
    """Nest *values*, with the objects that are required even if they are empty."""
    report: dict[str, Any] = {}
    for declared in fields:
        *parents, key = declared.path
        part = report
        for depth, parent in enumerate(parents, 1):
            path = ".".join((*parents[:depth], ""))
            if not (
                declared.chain[depth - 1] or any(it.startswith(path) for it in values)
            ):
                break
            part = part.setdefault(parent, {})
        else:
            if declared.name in values:
                part[key] = values[declared.name]
    return report
