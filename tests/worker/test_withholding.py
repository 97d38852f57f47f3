"""Nobody can work out a withheld cell from what the rule for small cells publishes.

The adversary sees one answer, and knows the rule and every possible value. A withheld
cell is safe if at least two populations with different counts of it give that answer.
"""

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.local import toolchain

# The smallest count that is published by itself (decision S10).
LEAST = 10
# How many installations have the first value, the second, and so on; 0 if none has.
Population = tuple[int, ...]


class Answer(NamedTuple):
    """What is published of a population."""

    total: int
    cells: tuple[tuple[str, int], ...]
    withheld: bool


# Applies the rule to each population; None where not even the total is published.
Publish = Callable[..., list[Answer | None]]


@pytest.fixture(scope="module")
def publish() -> Iterator[Publish]:
    """The Worker's own rule, run in Node."""
    process = subprocess.Popen(
        (toolchain.NODE, "--no-warnings", Path(__file__).with_name("withholding.mjs")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    def publish(
        populations: Sequence[Population], least: int = LEAST
    ) -> list[Answer | None]:
        cells = [
            [[value(index), count] for index, count in enumerate(population) if count]
            for population in populations
        ]
        stdin.write(json.dumps({"populations": cells, "least": least}) + "\n")
        stdin.flush()
        answers = json.loads(stdout.readline())
        return [parse_answer(*pair) for pair in zip(populations, answers, strict=True)]

    with process:  # closes its input, at which Node ends
        yield publish


def value(index: int) -> str:
    return chr(ord("a") + index)


def parse_answer(population: Population, answer: Any) -> Answer | None:  # noqa: ANN401  # JSON
    if answer is None:
        return None
    cells, withheld = answer
    return Answer(sum(population), tuple(map(tuple, cells)), withheld)


def all_populations(values: int, most: int) -> Iterator[Population]:
    """Every population of up to *most* installations with up to *values* values."""
    if values == 0:
        yield ()
        return
    for rest in all_populations(values - 1, most):
        for count in range(most - sum(rest) + 1):
            yield (*rest, count)


@pytest.mark.parametrize(
    ("least", "values", "most"), [(10, 2, 60), (10, 3, 42), (4, 4, 22), (3, 5, 15)]
)
def test_no_withheld_cell_of_any_small_population_can_be_worked_out(
    publish: Publish, least: int, values: int, most: int
) -> None:
    populations = list(all_populations(values, most))
    by_answer = defaultdict(list)
    for population, answer in zip(
        populations, publish(populations, least), strict=True
    ):
        by_answer[answer].append(population)

    for answer, candidates in by_answer.items():
        if answer is None:
            assert {sum(population) for population in candidates} == set(range(least))
        elif answer.withheld:
            shown = dict(answer.cells)
            for index in range(values):
                if value(index) not in shown:
                    counts = {population[index] for population in candidates}
                    assert len(counts) >= 2, (answer, value(index), candidates)


def witnesses(population: Population, shown: int, index: int) -> Iterator[Population]:
    """Populations that give the same answer but may differ in the count at *index*.

    They follow the proof of the rule: either every hidden cell is below the least, or
    one large cell is hidden together with a remainder.
    """
    order = sorted(range(len(population)), key=lambda it: (-population[it], it))
    hidden = [place for place in order[shown:] if population[place]]
    rest = sum(population[place] for place in hidden)
    if rest < (LEAST - 1) * len(hidden):
        even = list(population)
        for rank, place in enumerate(hidden):
            even[place] = rest // len(hidden) + (rank < rest % len(hidden))
        yield tuple(even)
        for partner in hidden:
            if partner != index:
                for step in (1, -1):
                    moved = list(even)
                    moved[index] += step
                    moved[partner] -= step
                    if 0 <= moved[index] < LEAST and 0 <= moved[partner] < LEAST:
                        yield tuple(moved)
        return
    large = next(place for place in hidden if place != index)
    for count in (LEAST - 1, LEAST - 2):
        moved = list(population)
        for place in hidden:
            moved[place] = 0
        moved[index], moved[large] = count, rest - count
        yield tuple(moved)


# Mostly small, some large, often equal or nearly so.
COUNTS = st.one_of(
    st.integers(0, 12), st.integers(8, 60), st.integers(0, 3).map(lambda it: 500 + it)
)


@given(st.lists(COUNTS, min_size=1, max_size=14).map(tuple))
@example((100, 50, 50, 9))
@example((100, 9, 10))
@example((10, 9, 9))
@example((9, 9, 9))
@example((1,) * 10)
@example((100, *(1,) * 10))
@example((60, 50, 50, 9))
@example((1_000_000, 999_999, 9))
def test_no_withheld_cell_of_any_population_can_be_worked_out(
    publish: Publish, population: Population
) -> None:
    (answer,) = publish([population])
    if answer is None or not answer.withheld:
        return
    shown = dict(answer.cells)
    for index in range(len(population)):
        if population[index] and value(index) not in shown:
            candidates = list(witnesses(population, len(shown), index))
            counts = {population[index]} | {
                candidate[index]
                for candidate, its_answer in zip(
                    candidates, publish(candidates), strict=True
                )
                if its_answer == answer
            }
            assert len(counts) >= 2, (index, answer)


@given(st.lists(COUNTS, max_size=14).map(tuple))
def test_what_is_published_is_true_and_has_the_largest_cells(
    publish: Publish, population: Population
) -> None:
    (answer,) = publish([population])
    total = sum(population)
    assert (answer is None) == (total < LEAST)
    if answer is None:
        return
    shown = dict(answer.cells)
    counts = {value(index): count for index, count in enumerate(population) if count}
    hidden = [count for name, count in counts.items() if name not in shown]

    assert shown.items() <= counts.items()
    assert list(shown.values()) == sorted(shown.values(), reverse=True)
    assert min(shown.values(), default=LEAST) >= LEAST
    assert answer.withheld == bool(hidden)
    if hidden:
        assert len(hidden) >= 2
        assert sum(hidden) == total - sum(shown.values()) >= LEAST
        assert max(hidden) <= min(shown.values(), default=total)


@pytest.mark.parametrize(
    ("population", "shown"),
    [
        ((), None),
        ((9,), None),
        ((5, 4), None),
        ((10,), "a"),
        ((10, 10), "ab"),
        ((5, 5), ""),
        ((9, 100), ""),  # the total less the large cell is the small one
        ((100, 20, 5), "a"),
        ((100, 20, 10, 10), "abcd"),
        ((100, 6, 5), "a"),
        ((100, 3, 3, 3), ""),  # nine are too few to withhold, so the largest goes too
        ((100, 50, 3, 3, 3), "a"),
        # 19 withheld and none above 10 can only be 9 and 10; the 10 is known by its name.
        ((10, 9, 10), ""),
        ((12, 9, 10), "a"),
        # One below 10 and none above 50 can only be 50 and 9.
        ((60, 50, 50, 9), ""),
        ((60, 52, 50, 9), "ab"),
        ((60, 50, 50, 7), "ab"),
    ],
    ids=str,
)
def test_edge_cases_of_the_rule(
    publish: Publish, population: Population, shown: str | None
) -> None:
    (answer,) = publish([population])

    assert (answer and "".join(dict(answer.cells))) == shown
