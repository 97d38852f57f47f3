"""Installations of a project without Django, one in each state that a reporter can have.

As a program, it takes a folder, makes all of them in it, uses each, and prints what came of it
and which sockets were opened: `python -m tests.report.reporter_states FOLDER`.
"""

import contextlib
import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paperless_report import Project, Reporter
from paperless_report.results import Outcome, Result
from paperless_report.state import sending
from paperless_report.state.database import Database
from tests.support import sockets

UUID4 = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
NUMBER = {"type": "integer", "minimum": 0, "maximum": 1000}
WORD = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 16}
FACTS: dict[str, Any] = {
    "type": "object",
    "x-installation-id": "id",
    "properties": {
        "id": {"type": "string", "pattern": UUID4, "maxLength": 36},
        "color": {"type": "string", "enum": ["red", "green"]},
        "shelves": NUMBER,
        "words": {"type": "array", "items": WORD, "maxItems": 4},
    },
    "required": ["id", "color"],
}
EVENTS: dict[str, Any] = {
    "command": {
        "type": "object",
        "properties": {"name": WORD, "count": NUMBER, "error_count": NUMBER},
        "required": ["name", "count"],
    }
}
# Nothing listens there.
NOWHERE = "http://127.0.0.1:9"
WEEK = dt.timedelta(days=7)


def make_project(folder: Path, **changes: Any) -> Project:  # noqa: ANN401  # any attribute
    """Declare a project whose installation lies in *folder*."""
    attributes: dict[str, Any] = {
        "name": "Shelf life",
        "page": "https://shelf.example/usage/",
        "prefix": "SHELF",
        "data_dir": folder,
        "contract": FACTS,
        "events": EVENTS,
        "endpoint": NOWHERE,
        "collectors": {"color": lambda: "red", "shelves": lambda: 3},
    }
    return Project(**attributes | changes)


def set_clock(reporter: Reporter, moment: dt.datetime | None = None) -> None:
    """Set the clock of *reporter* to *moment*, or to the right time again."""
    reporter._installation.clock = lambda: moment or dt.datetime.now(dt.UTC)  # noqa: SLF001  # programs have one clock


def turn_on_earlier(reporter: Reporter) -> None:
    """Turn reporting on eight days ago, and count something: a report is due."""
    set_clock(reporter, dt.datetime.now(dt.UTC) - WEEK - dt.timedelta(days=1))
    reporter.turn_on(reporter.preview())
    reporter.count("command", "add")
    reporter.flush()
    set_clock(reporter)


def _turn_on_now(reporter: Reporter) -> None:
    reporter.turn_on(reporter.preview())


def _turn_off(reporter: Reporter) -> None:
    turn_on_earlier(reporter)
    reporter.turn_off()


def _fail_to_forget(reporter: Reporter) -> None:
    turn_on_earlier(reporter)
    reporter.forget(reporter.turn_off())


def _fail_to_send(reporter: Reporter) -> None:
    turn_on_earlier(reporter)
    reporter.run()


def _let_another_process_send(reporter: Reporter) -> None:
    turn_on_earlier(reporter)
    with Database(reporter._installation.project.find_data_dir()).write() as connection:  # noqa: SLF001  # the same
        assert sending.claim(connection, dt.datetime.now(dt.UTC))


def _delete(reporter: Reporter) -> None:
    turn_on_earlier(reporter)
    reporter.delete()


def _damage(reporter: Reporter) -> None:
    turn_on_earlier(reporter)
    folder = reporter._installation.project.find_data_dir()  # noqa: SLF001  # the same
    (folder / "usage_reporting.sqlite3").write_bytes(b"no database" * 999)


def _do_nothing(_: Reporter) -> None:
    pass


@dataclass(frozen=True)
class State:
    """A state of an installation.

    Attributes:
        result: How a run ends.
        prepare: Leads an installation to this state.
        environ: Variables that are set from then on.
        later: What of the project is different from then on.
    """

    result: Result
    prepare: Callable[[Reporter], object] = turn_on_earlier
    environ: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, Any] = field(default_factory=dict)


_WITH_ANOTHER_FIELD = {
    **FACTS,
    "properties": {**FACTS["properties"], "floor": {"type": "boolean"}},
}
# In none of these may a socket be opened.
SILENT = {
    "undecided": State(Result.NOT_ON, _do_nothing),
    "undecided until the notice": State(
        Result.NOT_ON, _do_nothing, later={"default": "on after notice"}
    ),
    "off": State(Result.NOT_ON, _turn_off),
    "off, with an ID to forget later": State(Result.NOT_ON, _fail_to_forget),
    "turned off by the variable": State(
        Result.NOT_ON, environ={"SHELF_USAGE_REPORTING": "0"}
    ),
    "a variable that nobody understands": State(
        Result.NOT_ON, environ={"SHELF_USAGE_REPORTING": "never"}
    ),
    "DO_NOT_TRACK": State(
        Result.NOT_ON, environ={"DO_NOT_TRACK": "1", "SHELF_USAGE_REPORTING": "1"}
    ),
    "turned off by the packager": State(
        Result.NOT_ON,
        environ={"SHELF_USAGE_REPORTING": "1"},
        later={"package": "shelf_of_a_distribution"},
    ),
    "a grown contract": State(
        Result.NEEDS_CONSENT, later={"contract": _WITH_ANOTHER_FIELD}
    ),
    "another event": State(
        Result.NEEDS_CONSENT, later={"events": {**EVENTS, "search": EVENTS["command"]}}
    ),
    "not due": State(Result.NOT_DUE, _turn_on_now),
    "not due after a failure": State(Result.NOT_DUE, _fail_to_send),
    "another process is sending": State(Result.BUSY, _let_another_process_send),
    "deleted": State(Result.NOT_ON, _delete),
    "damaged": State(Result.FAILED, _damage),
    "no endpoint": State(Result.FAILED, later={"endpoint": None}),
    "an endpoint without TLS": State(
        Result.FAILED, later={"endpoint": "http://reports.example"}
    ),
    "a required fact is missing": State(Result.FAILED, later={"collectors": {}}),
    "a project with a fault": State(Result.FAILED, later={"page": ""}),
}


def use(reporter: Reporter) -> Outcome:
    """Do with *reporter* all that a program and its schedulers do, but for sending now."""
    reporter.count("command", "add")
    reporter.record("command", name="list", count=2)
    for method in (
        *(reporter.status, reporter.preview, reporter.growth, reporter.history),
        *(reporter.export, reporter.flush),
    ):
        # The state may be damaged, or the project have a fault.
        with contextlib.suppress(Exception):
            method()
    return reporter.run()


def make_distribution(folder: Path) -> None:
    """Add a package whose packager turned reporting off to *folder*, and import from there."""
    package = folder / "shelf_of_a_distribution"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "build_info.py").write_text("REPORTING = False\n")


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set *variables* for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def reach(state: State, folder: Path, **changes: Any) -> Reporter:  # noqa: ANN401  # any attribute
    """Make an installation in *folder* and lead it to *state*, but for its variables."""
    folder.mkdir()
    state.prepare(Reporter(make_project(folder, **changes)))
    return Reporter(make_project(folder, **{**changes, **state.later}))


def main(folder: Path) -> None:
    """Use an installation in each state, and print the results and the open sockets."""
    make_distribution(folder)
    sys.path.insert(0, str(folder))
    results = {}
    for name, state in {**SILENT, "due": State(Result.FAILED)}.items():
        reporter = reach(state, folder / name)
        with environment(state.environ), sockets.denied() as attempts:
            results[name] = [use(reporter).result.name, bool(attempts)]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
