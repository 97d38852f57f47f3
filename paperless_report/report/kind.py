"""Defines a report kind: its fields, and the functions that collect them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from paperless_report.contract import Field, Value

Collectors = Mapping[str, Callable[[], Value | None]]


@dataclass(frozen=True)
class ReportKind:
    """One thing that an installation can send.

    Attributes:
        name: The name of its contract and of its path at the endpoint.
        fields: Its fields by name, in the contract's order.
        once_in_days: In this many days the receiver counts one report per installation.
        collectors: The function that finds the value of each field except the ID.
    """

    name: str
    fields: Mapping[str, Field]
    once_in_days: int
    collectors: Collectors
