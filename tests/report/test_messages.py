"""Every code of the packages without Django has a sentence that says what to do."""

import errno
import re

import pytest

from paperless_report import contract
from paperless_report.errors import Obstacle, Problem, ReportingError
from paperless_report.host.project import name_variables
from paperless_report.report.payload import Absence, Payload
from paperless_report.wire.answers import Cause, Failure
from paperless_report.wire.endpoint import Source
from paperless_report.words import absences, failures, messages

# The details that the codes come with.
OF_FILE = {"path": "/d", "number": errno.EROFS, "reason": "Read-only file system"}
OF_STATE: dict[str, object] = {"path": "/data/a.sqlite3", "reason": "why"}
DETAILS: dict[Problem, dict[str, object]] = {
    Problem.NO_PROJECT: {"setting": "A_SETTING"},
    Problem.INVALID_PROJECT: {
        "setting": "A_SETTING",
        "required": "a",
        "optional": "b, c",
    },
    Problem.NOT_A_PROJECT: {"setting": "A_SETTING", "path": "a.B", "reason": "list"},
    Problem.INVALID_CONTRACT: {"contract": "a:b.json", "faults": ("one", "two")},
    Problem.INVALID_COLLECTORS: {"path": "a.B", "reason": "ValueError"},
    Problem.COLLECTORS_NOT_A_MAPPING: {"path": "a.B"},
    Problem.NOT_A_URL: {"source": Source.BUILD},
    Problem.URL_WITH_CREDENTIALS: {"source": Source.VARIABLE},
    Problem.URL_WITHOUT_TLS: {"source": Source.SETTING},
    Problem.FIELDS_MISSING: {"fields": (contract.load_fields()["arch"],)},
    Problem.ID_NOT_SAVED: OF_FILE,
    Problem.ID_NOT_READ: OF_FILE,
    Problem.ID_NOT_DELETED: OF_FILE,
    Problem.STATE_NO_FOLDER: OF_STATE,
    Problem.STATE_NOT_A_FILE: {"path": "/data/a.sqlite3", "obstacle": Obstacle.LINK},
    Problem.STATE_NOT_PERMITTED: OF_STATE,
    Problem.STATE_READ_ONLY: OF_STATE,
    Problem.STATE_FULL: OF_STATE,
    Problem.STATE_BUSY: OF_STATE,
    Problem.STATE_DAMAGED: OF_STATE,
    Problem.STATE_NEWER: {"path": "/data/a.sqlite3", "version": 2},
    Problem.STATE_FAILED: OF_STATE,
    Problem.FOLDER_OF_ANOTHER_USER: {"path": "/data", "owner": 1000},
    Problem.ROOT_NOT_GIVEN_UP: {**OF_STATE, "owner": 1000},
    Problem.INVALID_DECLARATION: {"faults": ("one", "two")},
    Problem.UNKNOWN_GROUP: {"group": "a", "groups": "b, c"},
    Problem.UNEXPECTED: {"reason": "ValueError"},
}


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_sentence(problem: Problem) -> None:
    error = ReportingError(problem, **DETAILS.get(problem, {}))

    assert messages.describe_problem(error, name_variables()).endswith(".")


@pytest.mark.parametrize(
    ("number", "reason", "text"),
    [
        (
            errno.ENOENT,
            "why",
            "why; create the data directory, or correct PAPERLESS_DATA_DIR",
        ),
        (errno.EACCES, "why", "why; run this as the user who owns the data directory"),
        (errno.EPERM, "why", "why; run this as the user who owns the data directory"),
        (
            errno.EROFS,
            "why",
            "why; make the data directory writable, or change PAPERLESS_DATA_DIR",
        ),
        (errno.ENOSPC, "why", "why; free some disk space"),
        (None, "why", "why"),
    ],
)
def test_a_problem_of_the_file_says_how_to_fix_it(
    number: int | None, reason: str, text: str
) -> None:
    error = ReportingError(
        Problem.ID_NOT_SAVED, path="/data/usage_uuid", number=number, reason=reason
    )

    assert f"(/data/usage_uuid: {text})." in messages.describe_problem(
        error, name_variables()
    )


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_has_a_name_and_a_fix(obstacle: Obstacle) -> None:
    error = ReportingError(Problem.ID_NOT_READ, path="/data/it", obstacle=obstacle)

    assert re.search(
        r"\(/data/it: it is a .+; (remove|move) that .+\)\.$",
        messages.describe_problem(error, name_variables()),
    )


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_sentence(cause: Cause) -> None:
    assert failures.describe_failure(Failure(cause, "x")).startswith("Reason: ")


def test_a_refusal_without_a_reason_says_so() -> None:
    assert failures.describe_failure(Failure(Cause.REFUSED)) == (
        "Reason: the endpoint refused the request: no reason given."
    )


@pytest.mark.parametrize("absence", Absence)
def test_every_absence_has_a_sentence(absence: Absence) -> None:
    (text,) = absences.list_absences(
        Payload({}, {}, (), {"x": absence}), shows_values=True
    )

    assert text.startswith("Left out: x (")
