"""docs/reference/systems.md proves each feature of the five systems with a test, or names a deviation."""

import re
from functools import cache

import pytest

from tests.support.pages import ROOT

PAGE = ROOT / "docs" / "reference" / "systems.md"
TEXT = PAGE.read_text(encoding="utf-8")
SYSTEMS = ("paperless-ngx", "Manyfold", "codegraph", "OctoPrint", "Printernizer")
TEST = re.compile(r"`([\w/-]+\.py)::(test_\w+)`")
DEVIATION = re.compile(r"\[[^]]+\]\((\.\./explanation/[\w.-]+#[\w-]+)\)")
NOT_APPLICABLE = "–"  # noqa: RUF001  # as the page writes it


def list_rows(system: str) -> list[list[str]]:
    """Return the cells of each row of the table in a system's section."""
    section = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    (part,) = [it for it in section if it.startswith(f"{system}\n")]
    rows = [it for it in part.splitlines() if it.startswith("|")]
    return [[cell.strip() for cell in it.strip("|").split("|")] for it in rows[2:]]


@cache
def list_tests(file: str) -> set[str]:
    source = (ROOT / "tests" / file).read_text(encoding="utf-8")
    return set(re.findall(r"^ *(?:async )?def (test_\w+)", source, re.MULTILINE))


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_feature_is_proved_by_a_test_or_is_a_named_deviation(system: str) -> None:
    unproved = [
        feature
        for feature, *ends in list_rows(system)
        if not any(TEST.search(end) or DEVIATION.search(end) for end in ends)
        or any(
            end != NOT_APPLICABLE and not (TEST.search(end) or DEVIATION.search(end))
            for end in ends
        )
    ]

    assert list_rows(system)
    assert not unproved


def test_each_test_that_the_page_names_exists() -> None:
    missing = [
        f"{file}::{name}"
        for file, name in TEST.findall(TEXT)
        if name not in list_tests(file)
    ]

    assert not missing


def test_no_feature_is_listed_twice() -> None:
    for system in SYSTEMS:
        features = [feature for feature, *_ in list_rows(system)]
        assert len(features) == len(set(features))
