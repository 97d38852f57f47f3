"""Counters whose sums are lines of a file, for programs that tests run."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from paperless_report.contract.events import parse_events
from paperless_report.counting.background import Counters

WORD = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 16}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
EVENTS = {
    "command": {
        "type": "object",
        "properties": {
            "name": WORD,
            "client": WORD,
            "count": NUMBER,
            "error_count": NUMBER,
        },
        "required": ["name", "count"],
    },
    "print": {
        "type": "object",
        "properties": {
            "origin": {"type": "string", "enum": ["local", "sdcard"]},
            "is_paused": {"type": "boolean"},
            "rate": {"type": "integer", "enum": [1, 9600]},
            "tools": {"type": "array", "items": WORD, "maxItems": 3},
            "seconds": NUMBER,
            "count": NUMBER,
        },
    },
    "scan": {"type": "object", "properties": {"files": NUMBER}},
}
Sums = Mapping[tuple[str, str, str], int]


def make_counters(file: Path) -> Counters:
    """Make counters that append their sums to *file*."""

    def persist(sums: Sums, _: object) -> bool:
        line = json.dumps([[*key, value] for key, value in sums.items()]) + "\n"
        target = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(target, line.encode())
        finally:
            os.close(target)
        return True

    return Counters(lambda: parse_events(EVENTS), persist)


def read_sums(file: Path) -> Counter[tuple[str, str, str]]:
    """Add up what all processes have appended to *file*."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        for *key, value in json.loads(line):
            sums[tuple(key)] += value
    return sums
