"""The client enforces the cases of contracts that the receiver enforces too."""

import json

import pytest

from paperless_report.contract import parse_fields
from paperless_report.contract.keywords import find_failure
from tests.support.contract_cases import (
    REPORTS,
    WORDS,
    collect_payload,
    find_value,
    read_pointers,
)


def is_below(name: str, path: str) -> bool:
    return f"{name}.".startswith(f"{path}.")


@pytest.mark.parametrize("name", REPORTS)
def test_what_fits_is_sent_and_what_does_not_fit_is_not(name: str) -> None:
    for case in REPORTS[name]:
        if case.receiver_only:
            continue
        payload = collect_payload(case)
        missing = [field.name for field in payload.missing]

        if case.row is not None:
            assert missing == [], case.report
            # As text, since True equals 1.
            assert json.dumps(payload.values) == json.dumps(case.row), case.report
        else:
            paths = [path for path, _ in case.problems]
            assert missing, case.report
            assert all(any(is_below(it, path) for path in paths) for it in missing)
            assert all(any(is_below(it, path) for it in missing) for path in paths)


@pytest.mark.parametrize("name", REPORTS)
def test_the_keyword_that_a_value_does_not_meet_is_found(name: str) -> None:
    for case in REPORTS[name]:
        fields = parse_fields(case.schema)
        for path, keyword in case.problems:
            value = find_value(case.report, path)
            if path in fields and value is not None:
                assert find_failure(fields[path].schema, value) == keyword, case.report


@pytest.mark.parametrize("name", WORDS)
def test_every_word_that_is_not_supported_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be enforced") as error:
        parse_fields(WORDS[name].schema)

    assert sorted(read_pointers(str(error.value))) == sorted(WORDS[name].pointers)
