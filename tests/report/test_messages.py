"""Every code of the packages without Django has a sentence that says what to do."""

import errno

import pytest

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError
from paperless_report.terminal.messages import describe_problem
from paperless_report.wire.endpoint import Source

FILE = "PAPERLESS_DATA_DIR/usage_uuid"
SENTENCES: dict[Problem, tuple[dict[str, object], str]] = {
    Problem.INVALID_PROJECT: (
        {"setting": "A_SETTING", "keys": "a, b"},
        (
            "The setting A_SETTING must be a dictionary with the keys a, b and no others; "
            "each value must be a non-empty string."
        ),
    ),
    Problem.NO_ENDPOINT: ({}, "No reporting endpoint is configured."),
    Problem.NOT_A_URL: (
        {"source": Source.BUILD},
        "REPORT_URL in build_info.py is not a URL.",
    ),
    Problem.URL_WITH_CREDENTIALS: (
        {"source": Source.VARIABLE},
        "PAPERLESS_USAGE_REPORTING_URL must not contain a user name or a password.",
    ),
    Problem.URL_WITHOUT_TLS: (
        {"source": Source.SETTING},
        "The setting PAPERLESS_USAGE_REPORTING_URL must begin with https://.",
    ),
    Problem.REQUESTS_MISSING: (
        {},
        "To send, install one more package: pip install 'paperless-report[report]'.",
    ),
    Problem.FIELDS_MISSING: (
        {"fields": (contract.load_fields()["arch"],)},
        "Could not be determined: Architecture.",
    ),
    Problem.NO_DATA_DIR: (
        {},
        "The installation ID could not be saved (the settings have no DATA_DIR).",
    ),
    Problem.ID_NOT_SAVED: (
        {"number": errno.ELOOP, "reason": "dangling link"},
        (
            f"The installation ID could not be saved ({FILE}: it is a link to nothing; "
            "remove that link)."
        ),
    ),
    Problem.ID_NOT_READ: (
        {"number": None, "reason": "ValueError"},
        f"The installation ID could not be read ({FILE}: ValueError).",
    ),
    Problem.ID_NOT_DELETED: (
        {"number": errno.EROFS, "reason": "Read-only file system"},
        (
            "The reports are deleted, but the installation ID could not be "
            f"({FILE}: Read-only file system; make the data directory writable)."
        ),
    ),
}


@pytest.mark.parametrize("problem", Problem)
def test_a_problem_has_a_sentence(problem: Problem) -> None:
    details, sentence = SENTENCES[problem]

    assert describe_problem(ReportingError(problem, **details)) == sentence


@pytest.mark.parametrize(
    ("number", "fix"),
    [
        (errno.ENOENT, "create the data directory"),
        (errno.EACCES, "run this as the user who owns the data directory"),
        (errno.EPERM, "run this as the user who owns the data directory"),
        (errno.ENOSPC, "free some disk space"),
        (errno.EISDIR, "move that directory away"),
    ],
)
def test_a_problem_of_the_file_says_how_to_fix_it(number: int, fix: str) -> None:
    error = ReportingError(Problem.ID_NOT_SAVED, number=number, reason="why")

    assert f"{FILE}: why; {fix})." in describe_problem(error)
