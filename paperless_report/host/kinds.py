"""Pairs the contract of each report kind with the functions that collect its fields."""

from collections.abc import Callable, Mapping

from paperless_report import contract
from paperless_report.host.collectors import list_usage_collectors
from paperless_report.report.kind import Collectors, ReportKind

COLLECTORS: Mapping[str, Callable[[Callable[[], object]], Collectors]] = {
    "report": list_usage_collectors
}


def load_kind(name: str, on_slow: Callable[[], object] = lambda: None) -> ReportKind:
    """Read the contract of the report kind *name* and pair it with its collectors.

    Args:
        name: The name of the contract.
        on_slow: Called once if the host's database does not answer within two seconds.
    """
    return ReportKind(
        name,
        contract.load_fields(name),
        contract.load_schema(name)["x-once-in-days"],
        COLLECTORS[name](on_slow),
    )
