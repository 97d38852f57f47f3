"""The kinds of report that an installation can send. A second is a second entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from paperless_report import contract
from paperless_report.collectors import COLLECTORS
from paperless_report.contract import Field, Value


@dataclass(frozen=True)
class Kind:
    """A kind of report.

    Attributes:
        name: That of its contract, and of its path at the endpoint.
        fields: What it holds, by name, in its contract's order.
        collectors: What tells each of them, but for the ID.
    """

    name: str
    fields: Mapping[str, Field]
    collectors: Mapping[str, Callable[[], Value | None]]


USAGE: Final = Kind("report", contract.load_fields(), COLLECTORS)

KINDS: Final = (USAGE,)
