"""The receiver enforces the cases of contracts that the client enforces too."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.contract_cases import REPORTS, WORDS, collect_payload, read_pointers
from worker.local import toolchain

SCRIPT = Path(__file__).with_name("contract.mjs")


def check(cases: Sequence[tuple[Mapping[str, Any], list[Any]]]) -> list[Any]:
    """Check the reports of each contract in Node."""
    done = subprocess.run(
        (toolchain.NODE, SCRIPT),
        input=json.dumps([{"schema": it, "reports": reports} for it, reports in cases]),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def verdicts() -> Mapping[str, list[Any]]:
    """The verdicts on the reports of every case."""
    answers = check(
        [(cases[0].schema, [it.report for it in cases]) for cases in REPORTS.values()]
    )
    return {name: it["verdicts"] for name, it in zip(REPORTS, answers, strict=True)}


def to_columns(row: Mapping[str, Any]) -> dict[str, str]:
    """Write each value as its column has it, as JSON, since True equals 1."""
    return {
        name: json.dumps(
            json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            if isinstance(value, list)
            else int(value)
            if isinstance(value, bool)
            else value
        )
        for name, value in row.items()
        if value is not None
    }


@pytest.mark.parametrize("name", REPORTS)
def test_what_fits_is_stored_and_what_does_not_fit_is_named(
    verdicts: Mapping[str, list[Any]], name: str
) -> None:
    for case, verdict in zip(REPORTS[name], verdicts[name], strict=True):
        if case.row is not None:
            assert to_columns(verdict["row"]) == to_columns(case.row), case.report
        else:
            problems = [
                [".".join(it["path"]), it["keyword"]] for it in verdict["problems"]
            ]
            assert problems == case.problems, case.report


def test_every_word_that_is_not_supported_is_named() -> None:
    answers = check([(case.schema, []) for case in WORDS.values()])

    for (name, case), answer in zip(WORDS.items(), answers, strict=True):
        assert sorted(read_pointers(answer["error"])) == sorted(case.pointers), name


def test_what_the_client_sends_is_stored_whole() -> None:
    cases = [
        case
        for cases in REPORTS.values()
        for case in cases
        if case.row is not None and not case.receiver_only
    ]
    answers = check([(it.schema, [collect_payload(it).report]) for it in cases])

    for case, answer in zip(cases, answers, strict=True):
        (verdict,) = answer["verdicts"]
        assert to_columns(verdict["row"]) == to_columns(case.row or {}), case.report
