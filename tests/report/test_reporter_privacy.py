"""Nothing leaves a machine that nobody agreed to, and nothing stays that was deleted."""

import datetime as dt
import json
import logging
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paperless_report import Reporter
from paperless_report.results import Result
from tests.report import reporter_states
from tests.report.reporter_states import SILENT, State, make_project, set_clock
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint
from tests.support.pages import ROOT

pytestmark = pytest.mark.point("C14")

DAY = dt.timedelta(days=1)
CANARY = "canary"
# None of them is a word of small letters, which the contract would accept.
CANARIES: tuple[Any, ...] = (
    *("canary@example.org", "/home/canary/shelf", "C:\\Users\\canary", "canary-host"),
    *("canary.example.org", "Canary", "a canary sings", "canary\n", "10.0.0.1 canary"),
    *(b"canary", Path("/canary"), {"canary": 1}, ["canary@example.org"]),
    ValueError("canary"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a machine that is full of canaries."""
    reporter_states.make_distribution(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("HOSTNAME", "USER", "LOGNAME", "HOME", "SHELF_SECRET"):
        monkeypatch.setenv(name, "canary-variable")
    for module, function in ((socket, "gethostname"), (platform, "node")):
        monkeypatch.setattr(module, function, lambda: "canary-host")
    return tmp_path / "canary-data"


def read_all(folder: Path) -> bytes:
    """Read every byte below *folder*, and the names of its files."""
    files = [it for it in folder.rglob("*") if it.is_file()]
    return b"\n".join(it.name.encode() + b"\n" + it.read_bytes() for it in files)


@pytest.mark.parametrize("state", SILENT.values(), ids=SILENT)
def test_no_socket_is_opened_unless_a_report_is_on_and_due(
    state: State, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = reporter_states.reach(state, folder)
    for name, value in state.environ.items():
        monkeypatch.setenv(name, value)

    with sockets.denied() as attempts:
        assert reporter_states.use(reporter).result is state.result
        # No haste replaces consent.
        if state.result in {Result.NOT_ON, Result.NEEDS_CONSENT}:
            assert reporter.run(now=True).result is state.result

    assert attempts == []


def test_a_program_of_its_own_opens_no_socket_either(tmp_path: Path) -> None:
    """The report that is due shows that a socket would have been noticed."""
    isolation = ("unshare", "--net", *(("--map-root-user",) if os.geteuid() else ()))
    # Without the right to make a network namespace, the audit hook watches alone.
    may_isolate = (
        shutil.which("unshare")
        and subprocess.run(
            (*isolation, "true"), stderr=subprocess.DEVNULL, check=False
        ).returncode
        == 0
    )

    done = subprocess.run(
        (
            *(isolation if may_isolate else ()),
            *(sys.executable, "-m", reporter_states.__name__, str(tmp_path)),
        ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        **{name: [state.result.name, False] for name, state in SILENT.items()},
        "due": ["FAILED", True],
    }


def leak(value: object) -> Callable[[], Any]:
    """Make a collector that returns *value*, or raises it."""

    def collect() -> object:
        if isinstance(value, Exception):
            raise value
        return value

    return collect


def count_canaries(reporter: Reporter) -> None:
    """Count canaries in every place of a count; three times beside a name that fits."""
    for value in CANARIES:
        reporter.count("command", value)
        reporter.count(value)
        reporter.record("command", name=value)
        reporter.record("command", name="add", count=value)
        reporter.count("command", "add", note=value)
        labels: dict[str, Any] = {str(value): "add"}
        reporter.count("command", "add", **labels)
        reporter.record("command", name="add", note=value)
    reporter.flush()


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (204, ValueError("canary in /home/canary")),
        (429, "canary@example.org"),
        (503, b"canary-host"),
        (400, {"canary": 1}),
    ],
)
def test_no_canary_gets_anywhere(
    answer: int,
    value: object,
    folder: Path,
    endpoint: Endpoint,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not in what is shown, sent, logged or kept, and not in the bytes of any file."""
    caplog.set_level(logging.DEBUG)
    endpoint.answer = Answer(answer)
    collectors = {
        "color": lambda: "red",
        "shelves": leak(value),
        "words": leak([*CANARIES[:3], "word"]),
    }
    reporter = Reporter(
        make_project(folder, endpoint=endpoint.url, collectors=collectors)
    )
    set_clock(reporter, dt.datetime.now(dt.UTC) - 8 * DAY)
    count_canaries(reporter)
    preview = reporter.preview()
    reporter.turn_on(preview)
    set_clock(reporter)
    later = reporter.preview()
    outcome = reporter.run()

    (arrived,) = (json.loads(it.body) for it in endpoint.arrived)
    del arrived["id"]
    assert arrived == {
        "color": "red",
        "words": ["word"],
        "events": [
            {
                "event": "command",
                "day": f"{dt.datetime.now(dt.UTC) - 8 * DAY:%F}",
                "properties": {"name": "add", "count": 3 * len(CANARIES)},
            }
        ],
    }
    kept = (preview, later, outcome, reporter.history(), reporter.export())
    printed = (caplog.text, *capfd.readouterr())
    for text in (repr(kept), *printed, read_all(folder).decode("utf-8", "replace")):
        assert CANARY not in text.lower()


@pytest.mark.point("C11")
@pytest.mark.parametrize("once_in_days", [None, 7])
def test_the_bytes_that_are_shown_are_sent(
    once_in_days: int | None, folder: Path, endpoint: Endpoint
) -> None:
    """Also if there is more than one request, or one that has room for some counts only."""
    words = {} if once_in_days is None else {"x-once-in-days": once_in_days}
    project = make_project(
        folder, endpoint=endpoint.url, contract={**reporter_states.FACTS, **words}
    )
    reporter = Reporter(project)
    set_clock(reporter, dt.datetime.now(dt.UTC) - 9 * DAY)
    for number in range(150):
        reporter.count("command", f"{'a' * (number % 13)}{chr(97 + number // 13)}")
    reporter.flush()
    set_clock(reporter)

    preview = reporter.preview()
    reporter.turn_on(preview)
    reporter.run(now=True)

    shown = [*preview.bodies]
    assert len(shown) == (2 if once_in_days is None else 1)
    assert [it.body for it in endpoint.arrived] == shown
    assert [it.body for it in Reporter(project).history()] == shown
    assert [it["body"].encode() for it in reporter.export()["history"]] == shown
    assert {f"{endpoint.url}{it.path}" for it in endpoint.arrived} == {preview.url}


@pytest.mark.point("C11")
def test_a_later_report_has_the_bytes_of_its_preview(
    folder: Path, endpoint: Endpoint
) -> None:
    reporter = Reporter(make_project(folder, endpoint=endpoint.url))
    reporter_states.turn_on_earlier(reporter)

    preview = reporter.preview()
    reporter.run()

    assert [it.body for it in endpoint.arrived] == [*preview.bodies]


PROGRAM = """
import logging, sys
from pathlib import Path
from tests.report import reporter_states as states
logging.basicConfig(level=logging.DEBUG)
name, folder, url = sys.argv[1:]
state = {**states.SILENT, "due": states.State(None), "no folder": states.State(None)}[name]
if name == "due":
    state.later["endpoint"] = url
reporter = states.reach(state, Path(folder))
if name == "no folder":
    reporter = states.Reporter(states.make_project(Path("/proc/nothing/here")))
with states.environment(state.environ):
    states.use(reporter)
    end = reporter.run_in_background(0.01)
    reporter.count("command", "add")
"""


@pytest.mark.parametrize("name", ["due", "no folder", "off", "damaged"])
def test_a_program_prints_and_logs_nothing(
    name: str, folder: Path, endpoint: Endpoint
) -> None:
    """With every log shown, and every warning; the rest is written when it ends."""
    endpoint.answer = Answer(503)

    done = subprocess.run(
        (*(sys.executable, "-X", "dev", "-c", PROGRAM), *(name, folder, endpoint.url)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{folder.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert bool(endpoint.arrived) == (name == "due")


@pytest.mark.parametrize("identity_file", [False, True], ids=["row", "file"])
def test_no_file_holds_an_id_after_off(
    folder: Path, endpoint: Endpoint, *, identity_file: bool
) -> None:
    """Neither where it was kept, nor in a report or an answer of the history."""
    reporter = Reporter(
        make_project(folder, endpoint=endpoint.url, identity_file=identity_file)
    )
    reporter_states.turn_on_earlier(reporter)
    known = reporter.status().installation_id
    assert known
    endpoint.answer = Answer(400, json.dumps({"detail": f"{known} again"}).encode())
    reporter.run(now=True)
    assert known.encode() in read_all(folder)

    reporter.turn_off()

    content = read_all(folder)
    assert known.encode() not in content
    assert known.replace("-", "").encode() not in content
    assert known not in repr(reporter.history()) + repr(reporter.export())


@pytest.mark.parametrize("identity_file", [False, True], ids=["row", "file"])
@pytest.mark.parametrize(
    "state",
    [
        *("undecided", "off", "off, with an ID to forget later", "DO_NOT_TRACK"),
        *("not due after a failure", "another process is sending", "damaged", "due"),
    ],
)
def test_delete_leaves_nothing_and_opens_no_socket(
    state: str, folder: Path, *, identity_file: bool
) -> None:
    reporter = reporter_states.reach(
        {**SILENT, "due": State(Result.FAILED)}[state],
        folder,
        identity_file=identity_file,
    )
    (folder / "library.txt").write_text("not ours")
    reporter.count("command", "add")

    with sockets.denied() as attempts:
        reporter.delete()
        reporter.flush()

    assert attempts == []
    assert read_all(folder) == b"library.txt\nnot ours"


@pytest.mark.point("C12")
@pytest.mark.parametrize("identity_file", [False, True], ids=["row", "file"])
def test_an_id_that_is_set_aside_is_only_ever_sent_to_be_forgotten(
    folder: Path,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    *,
    identity_file: bool,
) -> None:
    """Also after reporting is turned on again, and with DO_NOT_TRACK."""
    reporter = Reporter(
        make_project(folder, endpoint=endpoint.url, identity_file=identity_file)
    )
    reporter_states.turn_on_earlier(reporter)
    preview = reporter.preview()
    endpoint.answer = Answer(503)
    assert reporter.forget(reporter.turn_off()).kept == (preview.installation_id,)

    reporter.turn_on(preview)
    reporter.run(now=True)
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    endpoint.answer = Answer(204)
    set_clock(reporter, dt.datetime.now(dt.UTC) + DAY)
    assert reporter.run(now=True).result is Result.NOT_ON

    with_id = (preview.installation_id or "").encode()
    assert [(it.path, with_id in it.body) for it in endpoint.arrived] == [
        ("/forget", True),
        ("/report", False),
        ("/forget", True),
    ]
    assert reporter.status().set_aside == ()
    assert with_id not in read_all(folder)
