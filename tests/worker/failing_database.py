"""Makes the real database fail at one statement, and repairs it afterwards."""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from worker.local.harness import Harness


class Failure(NamedTuple):
    """The statements that break the database, and those that repair it."""

    breaking: tuple[str, ...]
    repairing: tuple[str, ...]


def _trigger(event: str, action: str = "RAISE(ABORT, 'failure')") -> Failure:
    return Failure(
        (f"CREATE TRIGGER failure {event} BEGIN SELECT {action}; END",),
        ("DROP TRIGGER failure",),
    )


def _missing(table: str) -> Failure:
    return Failure(
        (f"ALTER TABLE {table} RENAME TO hidden",),
        (f"ALTER TABLE hidden RENAME TO {table}",),
    )


_NO_REPORTS = _missing("reports")
FAILURES = {
    "no reports table": _NO_REPORTS,
    "no publications table": _missing("publications"),
    "insert refused": _trigger("BEFORE INSERT ON reports"),
    "insert undone": _trigger("AFTER INSERT ON reports"),
    # OR IGNORE skips the row, though no earlier report forbids it.
    "insert skipped": _trigger("BEFORE INSERT ON reports", "RAISE(IGNORE)"),
    "latest insert refused": _trigger("BEFORE INSERT ON installations"),
    "latest update refused": _trigger("BEFORE UPDATE ON installations"),
    "delete refused": _trigger("BEFORE DELETE ON reports"),
    "delete undone": _trigger("AFTER DELETE ON reports"),
    "no installations table": _missing("installations"),
    "publication refused": _trigger("BEFORE INSERT ON publications"),
    # The other windows have been written by then.
    "publication undone": _trigger(
        "AFTER UPDATE ON publications WHEN NEW.period = '365d'"
    ),
    "week not kept": _trigger("BEFORE INSERT ON weekly_editions"),
    "no activity table": _missing("activity"),
    "activity refused": _trigger("BEFORE INSERT ON activity"),
    "exact cells stay": _trigger("BEFORE DELETE ON cells"),
    "one month undone": _trigger(
        "AFTER INSERT ON publications WHEN NEW.period = '2026-01'"
    ),
    # The insert succeeds and the select after it fails: a time is not valid JSON.
    "read after insert": Failure(
        (
            *_NO_REPORTS.breaking,
            "CREATE VIEW reports AS SELECT id, uuid, json(received) AS received FROM hidden",
            """CREATE TRIGGER failure INSTEAD OF INSERT ON reports BEGIN
               INSERT INTO hidden (received, uuid) VALUES (NEW.received, NEW.uuid); END""",
        ),
        ("DROP VIEW reports", *_NO_REPORTS.repairing),
    ),
}


@contextlib.contextmanager
def failing(worker: Harness, failure: str) -> Iterator[None]:
    """Break the receiver's database in the way that *failure* names, inside the block."""
    for sql in FAILURES[failure].breaking:
        worker.query(sql)
    try:
        yield
    finally:
        for sql in FAILURES[failure].repairing:
            worker.query(sql)
