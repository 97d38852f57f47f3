import pytest

from paperless_report import contract
from paperless_report.report.ranges import find_range, list_ranges

RANGES = {"enum": ["0", "1-9", "10-99", "100+"]}


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (0, "0"),
        (1, "1-9"),
        (9, "1-9"),
        (10, "10-99"),
        (99, "10-99"),
        (100, "100+"),
        (10**9, "100+"),
        (-1, None),
    ],
)
def test_a_count_becomes_the_range_that_it_lies_in(
    count: int, name: str | None
) -> None:
    assert find_range(list_ranges(RANGES), count) == name


def test_a_count_in_a_gap_has_no_range() -> None:
    assert find_range(list_ranges({"enum": ["0-9", "20+"]}), 15) is None


@pytest.mark.parametrize(
    "enum",
    [
        ["stable", "beta"],
        ["0-9", "many"],
        ["2026-05", "2026-06"],
        ["3.11", "3.12"],
        ["9-0"],
        ["-1"],
        ["1--2"],
        [1, 2],
        [],
    ],
    ids=str,
)
def test_other_values_are_not_ranges(enum: list[object]) -> None:
    assert list_ranges({"enum": enum}) == ()


def test_of_the_fields_of_paperless_ngx_only_the_documents_are_a_range() -> None:
    fields = contract.load_fields().values()

    assert [it.name for it in fields if list_ranges(it.schema)] == ["doc_bucket"]
