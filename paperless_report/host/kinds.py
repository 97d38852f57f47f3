"""Pairs the contract of each report kind with the functions that collect its fields."""

from collections.abc import Callable, Mapping

from paperless_report import contract
from paperless_report.host.collectors import list_usage_collectors
from paperless_report.report.kind import Collectors, ReportKind

COLLECTORS: Mapping[str, Callable[[], Collectors]] = {"report": list_usage_collectors}


def load_kind(name: str) -> ReportKind:
    """Read the contract of the report kind *name* and pair it with its collectors."""
    return ReportKind(
        name,
        contract.load_fields(name),
        contract.load_schema(name)["x-once-in-days"],
        COLLECTORS[name](),
    )
