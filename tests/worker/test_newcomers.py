"""A project may count an installation only from its second report on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.client import get
from tests.worker.clock import DAY, DUE, midnight
from tests.worker.database import clear
from tests.worker.entry_points import run_entry_point
from tests.worker.population import store_identical
from tests.worker.statistics import (
    get_csv,
    numbers,
    publish,
    read_secret,
    round_count,
    rounded,
)
from worker.local.harness import Harness

END = midnight(2026, 5, 18)


@pytest.fixture(scope="module")
def runtime_with_option() -> Iterator[Harness]:
    main = Path(__file__).with_name("second_report") / "worker.ts"
    with run_entry_point(main) as worker:
        yield worker


@pytest.fixture
def from_second(runtime_with_option: Harness) -> Harness:
    """The Worker that counts from the second report on, with empty tables."""
    clear(runtime_with_option)
    return runtime_with_option


def test_newcomers_show_as_one_rounded_number_and_in_no_other(
    from_second: Harness,
) -> None:
    store_identical(from_second, 40, DUE - 9 * DAY, "a", arch="x86_64")
    known = store_identical(from_second, 40, DUE - 2 * DAY, "a", arch="aarch64")
    store_identical(from_second, 33, DUE - 2 * DAY, "b", arch="riscv64")

    edition = publish(from_second)["7d"]

    assert numbers(edition) == rounded(from_second, known, END - 7 * DAY, END)
    newcomers = round_count(read_secret(from_second), 33, "newcomers")
    assert edition["newcomers"] == newcomers
    line = get_csv(from_second, "/stats.csv?period=7d")[1]
    assert (line["field"], line["installs"]) == ("newcomers", str(newcomers))
    text = f"{newcomers} more reported for the first time"
    assert text in get(from_second, "/?period=7d").text


def test_a_newcomer_counts_from_its_second_report_on(from_second: Harness) -> None:
    for week in (2, 1):
        store_identical(from_second, 20, DUE - week * 7 * DAY, "a", arch="x86_64")
        total = publish(from_second, DUE - week * 7 * DAY + 2 * DAY)
        assert ("30d" in total) == (week == 1)


def test_by_default_an_installation_counts_from_its_first_report_on(
    worker: Harness,
) -> None:
    store_identical(worker, 20, DUE - DAY)

    edition = publish(worker)["7d"]

    assert edition["total"] == 20
    assert "newcomers" not in edition
