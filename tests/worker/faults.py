"""Real faults of the real database: D1 is made to refuse, and mended."""

import contextlib
from collections.abc import Iterator

from worker.local.harness import Harness

_RAISE = "BEGIN SELECT RAISE(ABORT, 'fault'); END"
_IGNORE = "BEGIN SELECT RAISE(IGNORE); END"
_RENAME = "ALTER TABLE reports RENAME TO away"
_BACK = "ALTER TABLE away RENAME TO reports"
# By name: what breaks it, and what mends it.
FAULTS = {
    "no table": ([_RENAME], [_BACK]),
    "insert refused": (
        [f"CREATE TRIGGER fault BEFORE INSERT ON reports {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
    "insert undone": (
        [f"CREATE TRIGGER fault AFTER INSERT ON reports {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
    # OR IGNORE leaves the row out, for another reason than the window.
    "row left out": (
        [f"CREATE TRIGGER fault BEFORE INSERT ON reports {_IGNORE}"],
        ["DROP TRIGGER fault"],
    ),
    "latest insert refused": (
        [f"CREATE TRIGGER fault BEFORE INSERT ON installations {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
    "latest update refused": (
        [f"CREATE TRIGGER fault BEFORE UPDATE ON installations {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
    "counts refused": (
        [f"CREATE TRIGGER fault BEFORE INSERT ON cells {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
    # The fields of closed values are counted by then.
    "counts undone": (
        [
            f"CREATE TRIGGER fault AFTER INSERT ON cells WHEN NEW.field = 'python' {_RAISE}"
        ],
        ["DROP TRIGGER fault"],
    ),
    "publication undone": (
        [
            f"""CREATE TRIGGER fault AFTER INSERT ON publications
                WHEN NEW.period LIKE '20%' {_RAISE}"""
        ],
        ["DROP TRIGGER fault"],
    ),
    "one month undone": (
        [
            f"""CREATE TRIGGER fault AFTER INSERT ON publications
                WHEN NEW.period = '2026-01' {_RAISE}"""
        ],
        ["DROP TRIGGER fault"],
    ),
    "no publications": (
        ["ALTER TABLE publications RENAME TO away"],
        ["ALTER TABLE away RENAME TO publications"],
    ),
    # The row goes in, and then cannot be read: only the second statement fails.
    "read after insert": (
        [
            _RENAME,
            # A time is no JSON.
            "CREATE VIEW reports AS SELECT id, uuid, json(received) AS received FROM away",
            """CREATE TRIGGER fault INSTEAD OF INSERT ON reports BEGIN
               INSERT INTO away (received, uuid) VALUES (NEW.received, NEW.uuid); END""",
        ],
        ["DROP VIEW reports", _BACK],
    ),
    "delete refused": (
        [f"CREATE TRIGGER fault BEFORE DELETE ON reports {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
    "delete undone": (
        [f"CREATE TRIGGER fault AFTER DELETE ON reports {_RAISE}"],
        ["DROP TRIGGER fault"],
    ),
}


@contextlib.contextmanager
def fault(worker: Harness, name: str) -> Iterator[None]:
    """Break the Worker's database as *name* says, until the end of the block."""
    breaking, mending = FAULTS[name]
    for sql in breaking:
        worker.query(sql)
    try:
        yield
    finally:
        for sql in mending:
            worker.query(sql)
