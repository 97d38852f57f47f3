"""States Cloudflare's prices, and computes the cost of a month.

The prices are those of https://developers.cloudflare.com/workers/platform/pricing/ and
https://developers.cloudflare.com/d1/platform/pricing/.
"""

from dataclasses import dataclass

CHECKED_ON = "2026-11-27"
DAYS = 30
# Dollars a month for the paid plan.
PLAN = 5.00
# The largest database, on the free plan and on the paid one.
FREE_BYTES, MOST_BYTES = 500e6, 10e9


@dataclass(frozen=True)
class Price:
    """The price of one kind of use.

    Attributes:
        unit: What is counted, in the plural.
        size: How many of them are sold together.
        included: How many the paid plan includes in a month.
        dollars: The price of *size* more of them.
        free: How many the free plan allows in a day; None if it has no such limit.
    """

    unit: str
    size: float
    included: float
    dollars: float
    free: float | None


@dataclass(frozen=True)
class Use:
    """What a receiver uses in a month; *stored* in bytes."""

    requests: float
    cpu_ms: float
    rows_read: float
    rows_written: float
    stored: float


PRICES = {
    "requests": Price("requests", 1e6, 10e6, 0.30, 100_000),
    "cpu_ms": Price("ms of CPU time", 1e6, 30e6, 0.02, None),
    "rows_read": Price("rows read", 1e6, 25e9, 0.001, 5e6),
    "rows_written": Price("rows written", 1e6, 50e6, 1.00, 100_000),
    "stored": Price("bytes stored", 1e9, 5e9, 0.75, None),
}


def compute_cost(use: Use) -> float:
    """Return the dollars that *use* costs in a month on the paid plan."""
    used: dict[str, float] = vars(use)
    return PLAN + sum(
        max(0.0, used[name] - price.included) / price.size * price.dollars
        for name, price in PRICES.items()
    )


def fits_free_plan(busiest_day: Use) -> bool:
    """Return whether the free plan allows a day like *busiest_day*."""
    return busiest_day.stored <= FREE_BYTES and all(
        price.free is None or getattr(busiest_day, name) <= price.free
        for name, price in PRICES.items()
    )


def format_prices() -> str:
    """Format the table of prices."""
    rows = [
        f"| {price.unit} | {_format_count(price.free)} | {_format_count(price.included)} "
        f"| ${price.dollars:g} per {_format_count(price.size)} |"
        for price in PRICES.values()
    ]
    return "\n".join(
        (
            f"Checked on {CHECKED_ON}. The paid plan costs ${PLAN:g} a month.",
            "",
            "| what | free plan, a day | paid plan, a month | more on the paid plan |",
            "| --- | --- | --- | --- |",
            *rows,
        )
    )


def _format_count(count: float | None) -> str:
    if count is None:
        return "-"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:g} {letter}"
    return f"{count:g}"
