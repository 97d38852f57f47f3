"""Measures what each project's receiver uses, and computes what that costs."""

from docs_tools import generated_blocks
from tests.bench import page, prices
from tests.bench.counters import MACHINES, Filled, measure_counters
from tests.bench.cpu import measure_cpu
from tests.bench.prices import Use
from tests.bench.receivers import RUNS, STORES, Measured, Rows, measure
from tests.bench.timing import log
from tests.bench.traffic import TRAFFIC

PAGE = page.DOCS / "explanation" / "cost-and-scale.md"
SIZES = (10_000, 100_000, 1_000_000)


def main(_rounds: int) -> None:
    """Measure, print the tables, and write them to docs/explanation/cost-and-scale.md."""
    measured = {}
    for folder in TRAFFIC:
        log(f"Measuring {folder}")
        measured[folder] = measure(folder, measure_cpu(folder))
    log("Filling the counters of codegraph")
    usual = measure_counters(flooded=False)
    log("Filling them again, with a flood each day")
    flooded = measure_counters(flooded=True)
    for name, table in {
        "prices": prices.format_prices(),
        "requests": _format_messages(measured),
        "cost": _format_costs(measured),
        "counters": _format_counters(usual, flooded),
        "limits": f"{page.describe_machine()}\n\n{_format_limits(measured)}",
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
        return Use(
            sent * days,
            sent * days * measured.cpu * 1000,
            rows.read,
            rows.written,
            stored,
        )

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


def _format_counters(usual: Filled, flooded: Filled) -> str:
    names = (
        "rows of counters",
        "bytes of counters",
        f"the whole database, with {MACHINES:,} machines",
        "11 lines of a recorded day",
        "a recorded batch of 100 lines, all of one command",
        "a batch of 100 lines of the recorded day",
        "the next daily run",
    )
    columns = [
        (
            f"{it.rows:,}",
            _format_bytes(it.counters),
            _format_bytes(it.size),
            *(_format_rows(rows) for rows in (*it.batches, it.run)),
        )
        for it in (usual, flooded)
    ]
    return "\n".join(
        (
            "| | production | with a flood each day |",
            "| --- | --- | --- |",
            *(f"| {' | '.join(row)} |" for row in zip(names, *columns, strict=True)),
        )
    )


def _format_rows(rows: Rows) -> str:
    return f"{rows.read:,} rows read, {rows.written:,} written"


def _format_limits(measured: dict[str, Measured]) -> str:
    rows = []
    for folder, it in measured.items():
        message = max(it.messages, key=lambda message: message.per_day)
        sent = sum(message.per_day for message in it.messages)
        rows.append(
            f"| {STORES[folder].name} | {message.name} | {1000 * it.cpu:.1f} "
            f"| {_format_millions(86_400 / it.cpu / sent)} "
            f"| {_format_millions(prices.MOST_BYTES / it.bytes_each)} |"
        )
    return "\n".join(
        (
            "| project | most frequent request | CPU time, ms | installations that one core answers | installations in 10 GB |",
            "| --- | --- | --- | --- | --- |",
            *rows,
        )
    )


def _format_millions(count: float) -> str:
    return f"{count / 1e6:,.1f} M" if count >= 1e6 else f"{count:,.0f}"


def _format_rate(per_day: float) -> str:
    return f"{per_day:g}" if per_day >= 1 else f"1 every {1 / per_day:g}"


def _format_bytes(size: float) -> str:
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
