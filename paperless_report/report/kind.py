"""Defines a report kind: its fields, and the functions that collect them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from paperless_report.contract import Field, Value

Collector = Callable[[], Value | None]
# Of an object of the contract: the values of its fields by their names in it.
ObjectCollector = Callable[[], Mapping[str, Any] | None]
Collectors = Mapping[str, Collector]


@dataclass(frozen=True)
class ReportKind:
    """One thing that an installation can send.

    Attributes:
        name: The name of its contract and of its path at the endpoint.
        fields: Its fields by name, in the contract's order.
        key: The name of the field that holds the installation ID.
        once_in_days: In this many days the receiver counts one report per installation;
            None if it keeps each installation's newest report instead.
        collectors: The function that finds the value of a field, by the field's name.
    """

    name: str
    fields: Mapping[str, Field]
    key: str
    once_in_days: int | None
    collectors: Collectors
