"""Formats what the benchmark of our server has measured, as tables."""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from tests.bench.contenders import CLOUDFLARE, OURS, PEERS
from tests.bench.timing import format_spread

# What one round measured, by name.
Round = dict[str, float]
Rounds = Mapping[str, Sequence[Round]]


def format_workers(tried: Mapping[str, Mapping[str, float]]) -> str:
    """Format the rates of the peers by the number of their processes."""
    numbers = list(tried[PEERS[0]])
    return _format_table(
        ("reports/s, by processes", *numbers),
        ((name, *(f"{tried[name][it]:.0f}" for it in numbers)) for name in PEERS),
    )


def format_rates(sizes: Mapping[int, Rounds]) -> str:
    """Format what each receiver does with each size of the database."""
    return _format_table(
        (
            *("rows before", "receiver", "reports/s", "relative to workerd"),
            *("relative to the faster peer", "p50, ms", "p99, ms", "memory, MB"),
            "CPU per 1,000 reports, ms",
        ),
        (
            _format_receiver(rows, name, rounds)
            for rows, rounds in sizes.items()
            for name in sorted(rounds, key=lambda it: -_median(rounds[it], "rate"))
        ),
    )


def _format_receiver(rows: int, name: str, rounds: Rounds) -> tuple[str, ...]:
    mine = rounds[name]
    peer = max(PEERS, key=lambda it: _median(rounds[it], "rate"))
    return (
        f"{rows:,}",
        name,
        f"{_median(mine, 'rate'):.0f}",
        *(
            "1" if name == other else _format_ratios(mine, rounds[other])
            for other in (CLOUDFLARE, peer)
        ),
        f"{_median(mine, 'p50'):.1f}",
        f"{_median(mine, 'p99'):.1f}",
        f"{max(it['memory'] for it in mine):.0f}",
        f"{_median(mine, 'cpu'):.0f}",
    )


def format_largest(rounds: Rounds) -> str:
    """Format our server with its largest database."""
    (base, *_) = rounds
    return _format_table(
        ("rows in one file", "rate, relative to an empty one", "p50, ms", "p99, ms"),
        (
            (
                f"{int(rows):,}",
                "1" if rows == base else _format_ratios(mine, rounds[base]),
                f"{_median(mine, 'p50'):.1f}",
                f"{_median(mine, 'p99'):.1f}",
            )
            for rows, mine in rounds.items()
        ),
    )


def format_starts(times: Mapping[str, Sequence[float]]) -> str:
    """Format the times until the first answer."""
    return _format_table(
        ("start", "first answer, ms"),
        ((case, format_spread([*it], "{:.0f}")) for case, it in times.items()),
    )


def format_counts(counts: Rounds) -> str:
    """Format the times of reports while installations are counted, and otherwise."""
    return _format_table(
        (
            f"{OURS}, 1,000,000 rows",
            "reports/s",
            "p50, ms",
            "p99, ms",
            "longest, ms",
            "seconds",
        ),
        (
            (
                name,
                *(
                    f"{_median(rounds, it):.0f}"
                    for it in ("rate", "p50", "p99", "longest", "seconds")
                ),
            )
            for name, rounds in counts.items()
        ),
    )


def _format_ratios(mine: Sequence[Round], theirs: Sequence[Round]) -> str:
    return format_spread(
        [it["rate"] / other["rate"] for it, other in zip(mine, theirs, strict=True)]
    )


def _median(rounds: Sequence[Round], name: str) -> float:
    return statistics.median(it[name] for it in rounds)


def _format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(it)} |" for it in lines)
