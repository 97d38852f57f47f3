"""The rule for small cells, held against whoever would undo it.

An adversary sees one answer, knows the rule and which values there are. What is
withheld is safe if at least two populations with different counts of it give that
very answer.
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

LEAST = 10
# How many installations have the first value, the second ... 0: nobody has it.
Population = tuple[int, ...]


class Told(NamedTuple):
    total: int
    cells: tuple[tuple[str, int], ...]
    withheld: bool


Publish = Callable[[Sequence[Population], int], list[Told | None]]


@pytest.fixture(scope="module")
def publish() -> Iterator[Publish]:
    """The Worker's own rule, in Node: what it tells of each population."""
    process = subprocess.Popen(
        (toolchain.NODE, "--no-warnings", Path(__file__).with_name("ksafe.mjs")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    def ask(populations: Sequence[Population], least: int = LEAST) -> list[Told | None]:
        cells = [
            [[name(index), it] for index, it in enumerate(population) if it]
            for population in populations
        ]
        stdin.write(json.dumps({"populations": cells, "least": least}) + "\n")
        stdin.flush()
        return [
            told(population, answer)
            for population, answer in zip(
                populations, json.loads(stdout.readline()), strict=True
            )
        ]

    with process:
        yield ask
        stdin.close()


def name(index: int) -> str:
    return chr(ord("a") + index)


def told(population: Population, answer: Any) -> Told | None:  # noqa: ANN401  # JSON
    if answer is None:
        return None
    cells, withheld = answer
    return Told(sum(population), tuple(map(tuple, cells)), withheld)


def populations(values: int, most: int) -> Iterator[Population]:
    """All of up to *most* installations with up to *values* values."""
    if values == 0:
        yield ()
        return
    for rest in populations(values - 1, most):
        for count in range(most - sum(rest) + 1):
            yield (*rest, count)


@pytest.mark.parametrize(
    ("least", "values", "most"),
    [(10, 2, 60), (10, 3, 42), (4, 4, 22), (3, 5, 15)],
)
def test_no_withheld_cell_of_any_small_population_can_be_worked_out(
    publish: Publish, least: int, values: int, most: int
) -> None:
    every = list(populations(values, most))
    alike = defaultdict(list)
    for population, answer in zip(every, publish(every, least), strict=True):
        alike[answer].append(population)

    for answer, candidates in alike.items():
        if answer is None:
            assert {sum(it) for it in candidates} == set(range(least))
        elif answer.withheld:
            shown = {value for value, _ in answer.cells}
            for index in range(values):
                if name(index) not in shown:
                    counts = {it[index] for it in candidates}
                    assert len(counts) >= 2, (answer, name(index), candidates)


def witnesses(population: Population, shown: int, index: int) -> Iterator[Population]:
    """Others that ought to give the same answer, and differ in the count at *index*.

    As the rule's proof has it: all below the least, or one large cell beside a rest.
    """
    order = sorted(range(len(population)), key=lambda it: (-population[it], it))
    hidden = [it for it in order[shown:] if population[it]]
    rest = sum(population[it] for it in hidden)
    if rest < (LEAST - 1) * len(hidden):
        even = list(population)
        for place, it in enumerate(hidden):
            even[it] = rest // len(hidden) + (place < rest % len(hidden))
        yield tuple(even)
        for other in hidden:
            if other != index:
                for step in (1, -1):
                    moved = list(even)
                    moved[index] += step
                    moved[other] -= step
                    if 0 <= moved[index] < LEAST and 0 <= moved[other] < LEAST:
                        yield tuple(moved)
        return
    large = next(it for it in hidden if it != index)
    for beside in (LEAST - 1, LEAST - 2):
        moved = list(population)
        for it in hidden:
            moved[it] = 0
        moved[index], moved[large] = beside, rest - beside
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
    (answer,) = publish([population], LEAST)
    if answer is None or not answer.withheld:
        return
    shown = len(answer.cells)
    for index in range(len(population)):
        if population[index] and name(index) not in dict(answer.cells):
            candidates = list(witnesses(population, shown, index))
            same = [
                it
                for it, also in zip(candidates, publish(candidates, LEAST), strict=True)
                if also == answer
            ]
            assert len({it[index] for it in (population, *same)}) >= 2, (index, answer)


@given(st.lists(COUNTS, max_size=14).map(tuple))
def test_what_is_told_is_true_and_the_largest(
    publish: Publish, population: Population
) -> None:
    (answer,) = publish([population], LEAST)
    total = sum(population)
    assert (answer is None) == (total < LEAST)
    if answer is None:
        return
    shown = dict(answer.cells)
    hidden = [
        it for index, it in enumerate(population) if it and name(index) not in shown
    ]

    assert all(population[ord(value) - ord("a")] == it for value, it in answer.cells)
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
        ((9, 100), ""),  # the one that is left would tell the other
        ((100, 20, 5), "a"),
        ((100, 20, 10, 10), "abcd"),
        ((100, 6, 5), "a"),
        ((100, 3, 3, 3), ""),  # nine are too few, so the largest goes too
        ((100, 50, 3, 3, 3), "a"),
        # 19 withheld, and nothing above 10: it can be 9 and 10 only, and 10 is told
        # apart by its name.
        ((10, 9, 10), ""),
        ((12, 9, 10), "a"),
        # One below 10, none above 50: it can be 50 and 9 only.
        ((60, 50, 50, 9), ""),
        ((60, 52, 50, 9), "ab"),
        ((60, 50, 50, 7), "ab"),
    ],
)
def test_cases_worth_a_look(
    publish: Publish, population: Population, shown: str | None
) -> None:
    (answer,) = publish([population], LEAST)

    assert (answer and "".join(value for value, _ in answer.cells)) == shown
