"""Builds the payload, once: the same object is shown and sent (decision C11)."""

import enum
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from paperless_report.contract import Field, Value
from paperless_report.report.kind import Collectors


class Absence(enum.Enum):
    """Why a field is absent, where its collector did not fail."""

    UNKNOWN = enum.auto()
    UNFIT = enum.auto()


@dataclass(frozen=True)
class Payload:
    """What would be sent.

    Attributes:
        values: Values by field name, in the contract's order; all of them fit it.
        missing: Required fields without a value. A payload with any is never sent.
        absences: For each absent field, why; the name of an exception's class if its
            collector failed.
    """

    values: Mapping[str, Value]
    missing: tuple[Field, ...] = ()
    absences: Mapping[str, Absence | str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes that are POSTed."""
        return to_bytes(self.values)


def to_bytes(values: Mapping[str, Value]) -> bytes:
    """Encode *values* as compact JSON in ASCII."""
    return json.dumps(values, separators=(",", ":")).encode("ascii")


def build_payload(fields: Iterable[Field], collectors: Collectors) -> Payload:
    """Collect every field of the contract, and nothing else.

    A field is left out if its collector fails, returns None, or returns a value that
    does not fit the contract (decision C13).
    """
    values: dict[str, Value] = {}
    missing: list[Field] = []
    absences: dict[str, Absence | str] = {}
    for declared in fields:
        name = declared.name
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
                values[name] = value
            else:
                absences[name] = Absence.UNFIT
        if declared.required and name in absences:
            missing.append(declared)
    return Payload(values, tuple(missing), absences)
