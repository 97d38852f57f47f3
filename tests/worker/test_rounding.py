"""Published counts are rounded to five, without bias, by offsets that only a secret gives."""

import hmac
import json
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from tests.worker.node_functions import Call, run_functions

OFFSETS = range(5)
COUNTS = range(200)
SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    """Call the Worker's own functions, in Node."""
    with run_functions("rounding.mjs") as call:
        yield call


@pytest.fixture(scope="module")
def rounded(call: Call) -> dict[tuple[int, int], int | None]:
    """The published count, by true count and offset."""
    return {
        (count, offset): call(count=count, offset=offset)
        for count in COUNTS
        for offset in OFFSETS
    }


def test_a_published_count_is_a_multiple_of_five_and_at_most_four_off(
    rounded: dict[tuple[int, int], int | None],
) -> None:
    for (count, _), published in rounded.items():
        if published is not None:
            assert published % 5 == 0
            assert abs(published - count) <= 4


def test_a_published_count_is_15_or_more_and_the_true_count_over_ten(
    rounded: dict[tuple[int, int], int | None],
) -> None:
    shown: dict[int, list[bool]] = {count: [] for count in COUNTS}
    for (count, _), published in rounded.items():
        shown[count].append(published is not None)
        assert published is None or published >= 15
    assert [count for count in COUNTS if any(shown[count])] == [*COUNTS[11:]]
    assert [count for count in COUNTS if all(shown[count])] == [*COUNTS[15:]]


def test_over_all_offsets_the_rounding_is_unbiased(
    rounded: dict[tuple[int, int], int | None],
) -> None:
    for count in COUNTS[15:]:
        assert sum(rounded[count, offset] or 0 for offset in OFFSETS) == 5 * count


def test_five_true_counts_give_the_same_number_whatever_the_offset_is(
    rounded: dict[tuple[int, int], int | None],
) -> None:
    for offset in OFFSETS:
        sizes = Counter(rounded[count, offset] or 0 for count in COUNTS)
        # Beside the last number, which larger counts have too.
        assert {sizes[number] for number in range(15, 195, 5)} == {5}


def derive(name: Sequence[str], secret: bytes = SECRET) -> int:
    """What HMAC-SHA-256 of the standard library gives."""
    text = json.dumps(name, separators=(",", ":"), ensure_ascii=False)
    return int.from_bytes(hmac.digest(secret, text.encode(), "sha256")[:4]) % 5


NAMES = [
    ["report", "total"],
    ["report", "arch", '"x86_64"'],
    ["report", "arch", "null"],
    ["report", "multi_user", "1"],
    ["report", "arch", '"ä\\n"'],
]


def test_offsets_come_from_the_secret_and_the_name_of_the_cell(call: Call) -> None:
    for secret in (SECRET, bytes(32)):
        expected = [derive(name, secret) for name in NAMES]
        assert call(secret=secret.hex(), names=NAMES) == expected


def test_every_part_of_the_name_changes_the_offsets(call: Call) -> None:
    """Fields and kinds that share their values must not share their offsets."""
    names = [[kind, field, value] for kind in "ab" for field in "cd" for value in "ef"]
    per_secret = [
        call(secret=number.to_bytes(32).hex(), names=names) for number in range(100)
    ]

    by_name = list(zip(*per_secret, strict=True))
    assert len(set(by_name)) == len(names)


def test_every_offset_is_as_likely_as_the_others(call: Call) -> None:
    names = [["report", "arch", json.dumps(f"m{number}")] for number in range(5000)]

    offsets: Counter[int] = Counter(call(secret=SECRET.hex(), names=names))

    assert sorted(offsets) == [*OFFSETS]
    # Five standard deviations.
    assert all(abs(count - 1000) < 142 for count in offsets.values())
