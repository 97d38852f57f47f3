"""The summary of the benchmarks has the figures of the pages that it links to."""

import re

from tests.bench import page as bench_page
from tests.support.pages import ROOT

FOLDER = ROOT / "docs" / "explanation"
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def test_every_figure_of_the_summary_is_in_the_tables_of_its_page() -> None:
    """Running a benchmark again changes them."""
    lines = (FOLDER / "performance.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| [")]

    assert len(rows) == 7
    for row in rows:
        (page,) = re.findall(r"\]\(([\w-]+\.md)", row)
        tables = [
            line
            for line in (FOLDER / page).read_text("utf-8").splitlines()
            if line.startswith("| ")
        ]
        _, _, ours, others, _ = row.split("|")
        assert numbers(f"{ours} {others}") <= numbers("\n".join(tables)), row


def test_every_benchmark_has_its_block_in_its_page() -> None:
    for name, file in bench_page.PAGES.items():
        assert f"<!-- {name}: begin -->" in (FOLDER / f"{file}.md").read_text("utf-8")
