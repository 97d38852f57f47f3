"""The payload: built once, then shown and sent from the same object (decision C11)."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from paperless_report.contract import Field, Value


@dataclass(frozen=True)
class Payload:
    """What would be sent.

    Attributes:
        values: By field name, in the contract's order; only what fits it.
        missing: Required fields that could not be had. A payload with any is
            never sent.
        left_out: Why each absent field is absent, for `--verbosity 2`.
    """

    values: Mapping[str, Value]
    missing: tuple[Field, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes that are POSTed: compact JSON in ASCII."""
        return to_bytes(self.values)


def to_bytes(values: Mapping[str, Value]) -> bytes:
    """Compact JSON in ASCII."""
    return json.dumps(values, separators=(",", ":")).encode("ascii")


def build(
    fields: Iterable[Field], collectors: Mapping[str, Callable[[], Value | None]]
) -> Payload:
    """Collect every field of the contract, and nothing else.

    A collector that fails, gives None, or gives what does not fit the contract
    leaves its field out (decision C13).
    """
    values: dict[str, Value] = {}
    missing: list[Field] = []
    left_out: dict[str, str] = {}
    for it in fields:
        value, reason = _collect(it, collectors)
        if value is not None:
            values[it.name] = value
            continue
        left_out[it.name] = reason
        if it.required:
            missing.append(it)
    return Payload(values, tuple(missing), left_out)


def _collect(
    it: Field, collectors: Mapping[str, Callable[[], Value | None]]
) -> tuple[Value | None, str]:
    try:
        value = collectors[it.name]()
    # Whatever the host's own modules do, the command goes on; even exit.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        # The kind only: a message may quote a path or a query.
        return None, type(error).__name__
    if value is None:
        return None, "not known here"
    if not it.fits(value):
        return None, "does not fit the contract"
    return value, ""
