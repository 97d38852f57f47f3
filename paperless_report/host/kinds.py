"""Lists the report kinds that this installation can send."""

from collections.abc import Callable, Mapping

from paperless_report import contract
from paperless_report.host.collectors import list_usage_collectors
from paperless_report.report.kind import Collectors, ReportKind

_COLLECTORS: Mapping[str, Callable[[], Collectors]] = {"report": list_usage_collectors}


def list_kinds() -> list[str]:
    """List the names of the report kinds that have collectors."""
    return [*_COLLECTORS]


def load_kind(name: str) -> ReportKind:
    """Read the contract of the report kind *name* and pair it with its collectors."""
    return ReportKind(
        name,
        contract.load_fields(name),
        contract.load_schema(name)["x-once-in-days"],
        _COLLECTORS[name](),
    )
