"""Measures what each project's receiver uses, and computes what that costs."""

from docs_tools import generated_blocks
from tests.bench import page, prices
from tests.bench.prices import Use
from tests.bench.receivers import RUNS, STORES, Measured, Rows, measure
from tests.bench.timing import log
from tests.bench.traffic import TRAFFIC

PAGE = page.DOCS / "scale.md"
SIZES = (10_000, 100_000, 1_000_000)
# An assumption: D1's metadata does not include it.
CPU_MS = 2


def main(_rounds: int) -> None:
    """Measure, print the tables, and write them to docs/scale.md."""
    measured = {}
    for folder in TRAFFIC:
        log(f"Measuring {folder}")
        measured[folder] = measure(folder)
    for name, table in {
        "prices": prices.format_prices(),
        "requests": _format_messages(measured),
        "cost": _format_costs(measured),
    }.items():
        print(table)
        generated_blocks.update_file(PAGE, name, table)


def _format_messages(measured: dict[str, Measured]) -> str:
    rows = [
        f"| {STORES[folder].name} | {message.name} | {_format_rate(message.per_day)} "
        f"| {rows.read:g} | {rows.written:g} |"
        for folder, it in measured.items()
        for message, rows in it.messages.items()
    ]
    return "\n".join(
        (
            "| project | request | sent, a day | rows read | rows written |",
            "| --- | --- | --- | --- | --- |",
            *rows,
        )
    )


def _format_costs(measured: dict[str, Measured]) -> str:
    rows = [
        _format_cost(STORES[folder].name, installations, it)
        for folder, it in measured.items()
        for installations in SIZES
    ]
    return "\n".join(
        (
            "| project | installations | requests a day | rows read a day | rows written a day | database after a year | cost a month |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
        )
    )


def _format_cost(name: str, installations: int, measured: Measured) -> str:
    daily = sum(
        (rows * it.per_day for it, rows in measured.messages.items()), start=Rows()
    )
    run = sum(measured.runs, start=Rows()) * (1 / RUNS)
    busiest = max(measured.runs, key=lambda it: it.read)
    sent = sum(it.per_day for it in measured.messages) * installations
    stored = measured.bytes_each * installations

    def use(rows: Rows, days: int) -> Use:
        rows *= installations * days
        return Use(sent * days, sent * days * CPU_MS, rows.read, rows.written, stored)

    day = use(daily + run, 1)
    month = use(daily + run, RUNS)
    is_free = prices.fits_free_plan(use(daily + busiest, 1))
    dollars = "$0, free plan" if is_free else f"${prices.compute_cost(month):,.0f}"
    if stored > prices.MOST_BYTES:
        dollars += ", but it does not fit into one database"
    return (
        f"| {name} | {installations:,} | {day.requests:,.0f} | {day.rows_read:,.0f} "
        f"| {day.rows_written:,.0f} | {_format_bytes(stored)} | {dollars} |"
    )


def _format_rate(per_day: float) -> str:
    return f"{per_day:g}" if per_day >= 1 else f"1 every {1 / per_day:g}"


def _format_bytes(size: float) -> str:
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
