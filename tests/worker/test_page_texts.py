"""What the statistics page writes: values in natural order, and sentences for people."""

from collections.abc import Iterator, Sequence

import pytest

from tests.worker.node_functions import Call, run_functions

Value = str | int | bool | None

OPEN = {"boolean": False, "listed": None, "openEnded": True}
BOOLEAN = {"boolean": True, "listed": None, "openEnded": False}


def listed(*values: str) -> dict[str, object]:
    """A published field with an `enum`."""
    return {"boolean": False, "listed": values, "openEnded": False}


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    """Call the page's own functions, in Node."""
    with run_functions("page-texts.mjs") as call:
        yield call


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(
            listed("0-99", "100-999", "1000-9999", "50000+"),
            ("0-99", "100-999", "1000-9999", "50000+", None),
            id="ranges",
        ),
        pytest.param(
            listed("0.5", "1", "2", "32", "more than 32"),
            ("0.5", "2", "32", "more than 32"),
            id="a scale with a word",
        ),
        pytest.param(
            OPEN,
            ("3.0.0", "3.0.0rc2", "3.0.0b1", "2.15.10", "2.15.9", "2.9", "other", None),
            id="versions",
        ),
        pytest.param(
            OPEN,
            ("v1.3.0", "v1.2.0-5-gabc1234", "v1.2.0", "v1.2.0-rc1", "nightly"),
            id="versions of a checkout, and a name",
        ),
        pytest.param(OPEN, ("20241029", "20230101"), id="dated builds"),
        pytest.param(OPEN, (1, 4, 16, None), id="numbers"),
        pytest.param(BOOLEAN, (True, False, None), id="yes and no"),
    ],
)
def test_values_are_in_the_order_that_people_expect(
    call: Call, field: dict[str, object], expected: Sequence[Value]
) -> None:
    for start in range(len(expected)):
        mixed = [*expected[start:], *expected[:start]]
        cells = [{"value": value, "installs": 20} for value in mixed]

        assert call(field=field, cells=cells) == list(expected)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        pytest.param(listed("docker", "debian"), ("debian", "docker"), id="names"),
        pytest.param(OPEN, ("x86_64", "aarch64", "i386"), id="names with digits"),
        pytest.param(OPEN, ("bd86dca57", "0a1b2c3d4"), id="commits"),
    ],
)
def test_other_values_stay_in_the_order_of_their_counts(
    call: Call, field: dict[str, object], values: Sequence[str]
) -> None:
    """`other` and unknown values come last, however common they are."""
    cells = [{"value": value, "installs": 20} for value in (None, "other", *values)]

    assert call(field=field, cells=cells) == [*values, "other", None]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (15, "About 1 in 20"),
        (65, "About 1 in 5"),
        (100, "About 1 in 3"),
        (150, "About half of the"),
        (200, "About 2 in 3"),
        (225, "About 3 in 4"),
        (270, "About 9 in 10"),
        (300, "Nearly all"),
        # Numbers are rounded separately, so a part may be larger than the whole.
        (305, "Nearly all"),
    ],
)
def test_a_share_is_said_in_words(call: Call, count: int, words: str) -> None:
    assert call(count=count, total=300) == words


@pytest.mark.parametrize(
    ("description", "question"),
    [
        ("Whether it is on. Answers: how many use it?", "How many use it?"),
        ("Answers: can 32-bit builds end?", "Can 32-bit builds end?"),
        ("the model, as sold. Only on a board.", "The model, as sold."),
        ("", ""),
    ],
)
def test_the_question_of_a_field_comes_from_its_description(
    call: Call, description: str, question: str
) -> None:
    assert call(description=description) == question


@pytest.mark.parametrize(
    ("until", "following"),
    [
        ("2026-05-18T00:00:00.000Z", "2026-05-24T00:00:00.000Z"),  # a Monday
        ("2026-05-23T00:00:00.000Z", "2026-05-24T00:00:00.000Z"),
        ("2026-05-24T00:00:00.000Z", "2026-05-31T00:00:00.000Z"),  # a Sunday
    ],
)
def test_the_next_edition_is_due_on_the_next_sunday(
    call: Call, until: str, following: str
) -> None:
    assert call(until=until) == following
