"""The commands of `usage_reporting`, as an admin of a program without Django types them."""

import dataclasses
import datetime as dt
import enum
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paperless_report.consent.ladder import Source, State
from paperless_report.errors import Problem, ReportingError
from paperless_report.reporter import Reporter
from paperless_report.results import Outcome, Result
from paperless_report.wire import answers, delivery
from paperless_report.words.states import list_facts
from tests.report import counting_program
from tests.report.program import Program
from tests.support import pages, sockets
from tests.support.endpoint import Answer, Endpoint

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def program(
    data_dir: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """The commands of a program that reports to `endpoint`."""
    monkeypatch.delenv("SHELF_USAGE_REPORTING", raising=False)
    monkeypatch.setenv("SHELF_DATA_DIR", str(data_dir))
    monkeypatch.setenv("SHELF_USAGE_REPORTING_URL", endpoint.url)
    return Program(monkeypatch)


def count(*names: str) -> None:
    """Count commands of the program, in a process of its own as it were."""
    reporter = Reporter(counting_program.project)
    for name in names:
        reporter.count("command", name)
    reporter.flush()


def read_status(program: Program) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(program("status", "--json").stdout)
    return status


def grow_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the next version of the program send one value more."""
    grown = {**counting_program.LAYOUT, "enum": ["grid", "list", "tree"]}
    monkeypatch.setitem(counting_program.CONTRACT["properties"], "layout", grown)


def test_on_shows_the_report_its_address_and_how_to_stop_before_it_asks(
    program: Program, endpoint: Endpoint
) -> None:
    count("add")

    done = program("on", stdin="n\n")

    shown = UUID.sub("ID", done.stdout)
    assert shown == (
        "The following information will be sent to Shelf life to help\n"
        "improve the project:\n"
        "\n"
        "  Installation ID : ID\n"
        "  Layout          : grid\n"
        "\n"
        "The report contains only what is shown here.\n"
        "More information: https://shelf.example.org/reports\n"
        "\n"
        "The installation ID is new. It is saved if you turn reporting on.\n"
        f"Reports go to {endpoint.url}/report\n"
        "Later reports can also contain these counts: Command.\n"
        "Such a report will be sent every 7 days. To stop that, run:\n"
        "\n"
        f"  python -m paperless_report --project {counting_program.PATH} off\n"
        "\n"
        "Turn reporting on? [y/N]: \n"
        "Nothing changed.\n"
    )
    assert done.status == 0


@pytest.mark.parametrize(
    ("hours", "how_often"),
    [
        (0.1, "every hour."),
        (1, "every hour."),
        (12, "every 12 hours."),
        (24, "every day."),
        (36, "every 36 hours."),
        (48, "every 2 days."),
    ],
)
def test_on_says_how_often(
    program: Program, monkeypatch: pytest.MonkeyPatch, hours: float, how_often: str
) -> None:
    period = dt.timedelta(hours=hours)
    project = dataclasses.replace(counting_program.project, period=period)
    monkeypatch.setattr(counting_program, "project", project)

    assert f"will be sent {how_often}" in program("on").stdout


def test_on_names_the_fields_that_later_reports_can_contain(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelves = {**counting_program.LAYOUT, "title": "Shelves"}
    monkeypatch.setitem(counting_program.CONTRACT["properties"], "shelves", shelves)

    assert "Later reports can also contain: Shelves. " in program("on").stdout


@pytest.mark.parametrize("stdin", ["", "\n", "n\n", "yess\n"])
def test_anything_but_yes_turns_nothing_on(program: Program, stdin: str) -> None:
    assert program("on", stdin=stdin).stdout.endswith("\nNothing changed.\n")

    assert read_status(program)["state"] == "undecided"


@pytest.mark.parametrize(
    ("arguments", "stdin"), [((), "y\n"), ((), "YES\n"), (("--yes",), "")]
)
def test_yes_turns_reporting_on_with_the_id_that_was_shown(
    program: Program, arguments: tuple[str, ...], stdin: str
) -> None:
    done = program("on", *arguments, stdin=stdin)

    status = read_status(program)
    assert (done.status, status["state"], status["decided_by"]) == (0, "on", "stored")
    assert status["installation_id"] in done.stdout


def test_on_asks_once_and_keeps_the_id(program: Program) -> None:
    program("on", "--yes")
    before = read_status(program)

    done = program("on", stdin="n\n")

    assert done.stdout == "You have already turned reporting on. Nothing changed.\n"
    assert read_status(program) == before


def test_a_larger_contract_is_sent_only_after_an_answer(
    program: Program, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("on", "--yes")
    grow_contract(monkeypatch)

    waiting = program("run", "--now")
    status = program("status")
    declined = program("on", stdin="n\n")
    declined_run = program("run", "--now")
    agreed = program("on", stdin="y\n")
    sent = program("run", "--now")

    assert waiting.status == declined_run.status == 3
    assert waiting.stderr == (
        "This version would send more than you agreed to. Nothing is sent until you run:\n"
        f"python -m paperless_report --project {counting_program.PATH} on\n"
    )
    for done in (status, declined, agreed):
        assert "  Layout: more values (tree)\n" in done.stdout
    assert (sent.status, len(endpoint.arrived)) == (0, 1)


def test_off_takes_effect_before_it_asks(program: Program, endpoint: Endpoint) -> None:
    program("on", "--yes")
    program("run", "--now")
    known = read_status(program)["installation_id"]
    count("add")

    with sockets.denied() as attempts:
        done = program("off")

    status = read_status(program)
    assert done.stdout == (
        "Reporting is off, also in programs that are already running. The installation ID\n"
        "and all counts that were not sent are deleted. What was sent is still at the\n"
        "endpoint. Without the ID, nobody can have it deleted later.\n"
        "\n"
        f"  {known}\n"
        "\n"
        "Have the reports with this ID deleted at the endpoint? [y/N]: \n"
        "Nothing forgotten.\n"
    )
    assert (status["state"], status["installation_id"]) == ("off", None)
    assert status["counted"] == {}
    assert program("run", "--now").stdout.startswith("Reporting is not turned on.")
    assert (attempts, len(endpoint.arrived)) == ([], 1)


@pytest.mark.parametrize("in_terminal", [True, False], ids=["typed", "piped"])
@pytest.mark.parametrize(
    ("arguments", "stdin", "is_forgotten"),
    [((), "y\n", True), ((), "n\n", False), ((), "", False), (("--yes",), "", True)],
)
def test_off_offers_to_forget_what_was_sent(
    program: Program,
    endpoint: Endpoint,
    arguments: tuple[str, ...],
    stdin: str,
    *,
    in_terminal: bool,
    is_forgotten: bool,
) -> None:
    program("on", "--yes")
    known = read_status(program)["installation_id"]

    done = program("off", *arguments, stdin=stdin, in_terminal=in_terminal)

    assert done.status == 0
    forgotten = f'{{"id":"{known}"}}'.encode()
    assert [it.body for it in endpoint.arrived] == [forgotten] * is_forgotten
    assert read_status(program)["set_aside"] == []


@pytest.mark.parametrize("command", ["off", "delete"])
def test_nothing_is_said_to_be_at_the_endpoint_if_no_id_is_known(
    program: Program, command: str
) -> None:
    program("on", "--yes")
    program("off", "--yes")

    done = program(command, "--yes")

    assert done.status == 0
    assert "endpoint" not in done.stdout


def test_delete_names_forget_while_an_id_is_known(program: Program) -> None:
    program("on", "--yes")

    done = program("delete", stdin="n\n")

    assert (
        f"  python -m paperless_report --project {counting_program.PATH} forget\n"
        in (done.stdout)
    )


def test_a_run_names_the_variable_that_keeps_reporting_off(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("on", "--yes")
    monkeypatch.setenv("DO_NOT_TRACK", "1")

    done = program("run", "--now")

    assert done.stdout == (
        "Reporting is not turned on. No report was sent. This was decided by\n"
        "DO_NOT_TRACK.\n"
    )


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("on", "Reporting is on."),
        ("forget", "installation ID are deleted."),
        ("off", "installation ID are deleted."),
        ("delete", "usage_reporting.sqlite3"),
    ],
)
def test_every_command_takes_a_piped_answer(
    program: Program, command: str, outcome: str
) -> None:
    if command != "on":
        program("on", "--yes")

    assert outcome in program(command, stdin="y\n").stdout


def test_off_says_that_it_is_off_even_if_the_id_cannot_be_deleted(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ReportingError(
            Problem.ID_NOT_DELETED, path="/data/it", number=None, reason="Busy"
        )

    program("on", "--yes")
    monkeypatch.setattr("paperless_report.state.identities._Table.remove", fail)

    done = program("off")

    assert done.status == 1
    assert done.stderr.startswith("Reporting is off, also in programs")
    assert "Busy" in done.stderr
    assert read_status(program)["state"] == "off"


def test_an_id_that_was_not_forgotten_is_kept_for_that_alone(
    program: Program, endpoint: Endpoint
) -> None:
    program("on", "--yes")
    known = read_status(program)["installation_id"]
    endpoint.answer = Answer(503)

    off = program("off", "--yes")
    status = program("status")
    endpoint.answer = Answer()
    forget = program("forget", "--yes")

    assert (off.status, forget.status) == (1, 0)
    assert "Could not reach the reporting endpoint." in off.stderr
    assert read_status(program)["set_aside"] == []
    assert (
        f"has not yet deleted the reports of these former IDs:\n  {known}\n"
        in status.stdout
    )
    assert {it.path for it in endpoint.arrived} == {"/forget"}


def test_a_group_of_events_can_be_turned_off_alone(program: Program) -> None:
    off = program("off", "commands")
    count("add")
    counted = read_status(program)["counted"]
    on = program("on", "commands")
    count("add")

    assert (off.status, on.status, counted) == (0, 0, {})
    assert read_status(program)["counted"] == {"command": {"count": 1}}


@pytest.mark.parametrize("command", ["on", "off"])
def test_an_unknown_group_is_wrong_usage(program: Program, command: str) -> None:
    done = program(command, "shelves")

    assert (done.status, done.stderr) == (
        2,
        "There is no group of events called shelves. The groups are: commands.\n",
    )


def test_a_project_without_groups_says_so(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = dataclasses.replace(counting_program.project, groups={})
    monkeypatch.setattr(counting_program, "project", project)

    assert program("off", "shelves").stderr.endswith("The groups are: none.\n")


@pytest.mark.parametrize(
    ("environ", "stored", "state", "decided_by", "overrides"),
    [
        ({}, None, "undecided", "the default", False),
        ({}, "on", "on", "your stored choice", False),
        ({}, "off", "off", "your stored choice", False),
        ({"SHELF_USAGE_REPORTING": "1"}, None, "on", "SHELF_USAGE_REPORTING", False),
        ({"SHELF_USAGE_REPORTING": "no"}, "on", "off", "SHELF_USAGE_REPORTING", True),
        ({"SHELF_USAGE_REPORTING": "1"}, "off", "on", "SHELF_USAGE_REPORTING", True),
        ({"DO_NOT_TRACK": "1"}, "on", "off", "DO_NOT_TRACK", True),
    ],
)
def test_status_names_what_decided_and_what_it_overrides(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    stored: str | None,
    state: str,
    decided_by: str,
    *,
    overrides: bool,
) -> None:
    if stored:
        program(stored, *(["--yes"] if stored == "on" else []))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    again = program(stored, stdin="n\n").stdout if stored else ""
    shown = program("status").stdout

    assert "Reporting is" not in again or not overrides
    assert f"  Reporting       : {state}" in shown
    assert f"  Decided by      : {decided_by}\n" in shown
    assert (f"Note that {decided_by} overrides your choice" in shown) == overrides


def test_a_report_that_is_overdue_is_due_at_the_next_run(program: Program) -> None:
    program("on", "--yes")
    project = counting_program.project
    later = Reporter(project, clock=lambda: dt.datetime.now(dt.UTC) + project.period)

    facts = dict(list_facts(later.status()))

    assert facts["Next report"].startswith("at the next run (due since 20")


def test_while_a_larger_contract_waits_for_an_answer_no_report_is_due(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("on", "--yes")
    grow_contract(monkeypatch)

    assert "  Next report     : waits for your answer\n" in program("status").stdout
    assert read_status(program)["next_due"] is None


@pytest.mark.parametrize(
    ("in_terminal", "value"), [(True, "'tree'"), (False, "a text")]
)
@pytest.mark.parametrize("command", ["preview", "on"])
def test_a_value_that_the_contract_refuses_is_shown_on_a_terminal_alone(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    value: str,
    *,
    in_terminal: bool,
) -> None:
    project = dataclasses.replace(
        counting_program.project, collectors={"layout": lambda: "tree"}
    )
    monkeypatch.setattr(counting_program, "project", project)

    done = program(command, in_terminal=in_terminal)

    assert (
        f"its collector returned {value}, but the contract allows one of: grid, list)"
    ) in " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("name", ["usage_uuid", "usage_uuid_to_forget"])
def test_status_shows_all_it_can_if_the_file_of_the_id_is_a_link(
    program: Program, monkeypatch: pytest.MonkeyPatch, data_dir: Path, name: str
) -> None:
    project = dataclasses.replace(counting_program.project, identity_file=True)
    monkeypatch.setattr(counting_program, "project", project)
    program("on", "--yes")
    count("add")
    (data_dir / name).unlink(missing_ok=True)
    (data_dir / name).symlink_to("/etc/hostname")

    done = program("status")
    preview = program("preview")
    history = program("history")

    words = f"({data_dir}/{name}: it is a link; remove that link)."
    assert (done.status, history.status) == (0, 0)
    assert "  Reporting       : on\n" in done.stdout
    assert "  Next report     : none\n" in done.stdout
    assert "\n  command: count 1\n" in done.stdout
    assert words in " ".join(done.stdout.split())
    assert words in " ".join(preview.stdout.split())
    assert "Layout          : grid" in preview.stdout
    assert program("preview", "--json").status == program("export").status == 1


def test_a_file_that_cannot_be_read_is_named(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/opt/shelf/report.json")

    monkeypatch.setattr(Reporter, "status", fail)

    done = program("status")

    assert (done.status, done.stdout) == (1, "")
    assert done.stderr == (
        "/opt/shelf/report.json cannot be used (Permission denied). Let the user who runs\n"
        "this read it.\n"
    )


@pytest.mark.parametrize("answer", [204, 503])
def test_run_now_says_that_it_did_not_wait_for_the_next_try(
    program: Program, endpoint: Endpoint, answer: int
) -> None:
    program("on", "--yes")
    endpoint.answer = Answer(503)
    program("run", "--now")
    endpoint.answer = Answer(answer)

    waiting = program("run")
    done = program("run", "--now")
    again = program("run", "--now")

    words = " ".join((done.stdout + done.stderr).split())
    assert re.search(r"Because of --now, this did not wait until 20.* UTC for", words)
    assert "Because of" not in waiting.stdout
    assert ("Because of" in again.stdout + again.stderr) == (answer != 204)
    assert len(endpoint.arrived) == 3


def test_status_explains_a_value_that_means_neither_on_nor_off(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELF_USAGE_REPORTING", "maybe")

    assert "SHELF_USAGE_REPORTING means neither on nor off" in program("status").stdout


def test_status_shows_counts_reports_and_failures(
    program: Program, endpoint: Endpoint
) -> None:
    count("add", "add", "remove")
    before = program("status").stdout
    program("on", "--yes")
    endpoint.answer = Answer(503)
    program("run", "--now")
    after = program("status").stdout

    assert "  Last report     : never\n" in before
    assert "Counted and not sent yet:\n  command: count 3\n" in before
    assert "  Failures in a row : 1\n" in after
    assert re.search(r"  Next report       : 20\d\d-\d\d-\d\d \d\d:\d\d UTC\n", after)


def test_the_bytes_of_the_preview_are_the_bytes_that_are_sent(
    program: Program, endpoint: Endpoint
) -> None:
    program("on", "--yes")

    shown = program("preview", "--json").stdout
    program("run", "--now")
    (sent,) = json.loads(program("history", "--json").stdout)

    assert [it.body for it in endpoint.arrived] == [shown.encode()]
    assert (sent["body"], sent["answer"]) == (shown, "204")
    assert sent["url"] == f"{endpoint.url}/report"


def test_counts_are_shown_when_their_day_is_over(
    program: Program,
) -> None:
    count("add", "add")
    today = program("preview").stdout
    program.path = f"{counting_program.__name__}:reporter_of_tomorrow"
    tomorrow = program("preview").stdout

    assert "command" not in today
    assert "command: name add, count 2\n" in tomorrow


def test_a_preview_stores_nothing_and_says_so(program: Program, data_dir: Path) -> None:
    with sockets.denied() as attempts:
        done = program("preview")

    assert "Reports go to http://127.0.0.1" in done.stdout
    assert "The installation ID is an example. `on` saves one.\n" in done.stdout
    assert (attempts, list(data_dir.iterdir())) == ([], [])


@pytest.mark.parametrize("arguments", [("on",), ("preview", "--json")], ids=str)
def test_without_an_address_nothing_is_agreed_to(
    program: Program, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.delenv("SHELF_USAGE_REPORTING_URL")

    done = program(*arguments, stdin="y\n")

    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.startswith("No reporting endpoint is configured.")


def test_without_the_package_that_sends_it_says_what_to_install(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)

    done = program("on", "--yes")

    assert (done.status, done.stdout) == (1, "")
    assert "install one more package: pip install 'paperless-report[" in done.stderr


@pytest.mark.parametrize(
    ("prepare", "answer", "arguments", "status", "result"),
    [
        ((), 204, (), 0, "not_on"),
        (("on", "--yes"), 204, (), 0, "not_due"),
        (("on", "--yes"), 204, ("--now",), 0, "sent"),
        (("on", "--yes"), 503, ("--now",), 1, "failed"),
    ],
)
def test_run_ends_as_documented(  # a row of the table
    program: Program,
    endpoint: Endpoint,
    prepare: tuple[str, ...],
    answer: int,
    arguments: tuple[str, ...],
    status: int,
    result: str,
) -> None:
    endpoint.answer = Answer(answer)
    if prepare:
        program(*prepare)

    done = program("run", "--json", *arguments)

    assert (done.status, json.loads(done.stdout)["result"]) == (status, result)


def test_a_failed_run_says_why_and_when_it_tries_again(
    program: Program, endpoint: Endpoint
) -> None:
    program("on", "--yes")
    endpoint.answer = Answer(503)

    done = program("run", "--now")

    assert done.stdout == ""
    assert " ".join(done.stderr.split()).startswith(
        "Could not reach the reporting endpoint. Reason: the endpoint answered 503. "
        "No report was sent. The next try is due at 20"
    )
    # As long as nothing is due, a run by hand that failed changes nothing.
    due = dt.datetime.fromisoformat(read_status(program)["next_due"])
    assert f"{due:%Y-%m-%d %H:%M UTC}" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("result", "requests", "sentence"),
    [
        (Result.STOPPED, 0, "turned off in the meantime. No report was sent.\n"),
        (Result.STOPPED, 1, "turned off in the meantime. One request arrived before"),
        (Result.ALREADY_SENT, 2, "recent report. 2 requests arrived before that.\n"),
        (Result.FAILED, 2, "(refused). 2 requests arrived before that.\n"),
    ],
)
def test_run_says_what_arrived_before_it_stopped(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    result: Result,
    requests: int,
    sentence: str,
) -> None:
    problem = ReportingError(Problem.UNEXPECTED, reason="refused")
    outcome = Outcome(result, requests=requests, problem=problem)
    monkeypatch.setattr(Reporter, "run", lambda *_, **__: outcome)

    done = program("run")

    assert sentence in " ".join((done.stdout or done.stderr).split(" "))


@pytest.mark.parametrize("in_terminal", [True, False])
@pytest.mark.parametrize("arguments", [("run", "--now"), ("forget", "--yes")], ids=str)
def test_a_slow_endpoint_is_mentioned_to_someone_at_a_terminal(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    *,
    in_terminal: bool,
) -> None:
    def be_slow(
        *_: object, on_slow: Callable[[], object], **__: object
    ) -> answers.Answer:
        on_slow()
        return answers.Answer(204, b"")

    program("on", "--yes")
    monkeypatch.setattr(delivery, "post", be_slow)
    monkeypatch.setattr(delivery, "send", be_slow)

    done = program(*arguments, in_terminal=in_terminal)

    sentence = "Still waiting for the reporting endpoint ...\n"
    assert (done.status, done.stderr) == (0, sentence * in_terminal)


def test_history_shows_control_characters_of_an_answer_as_signs(
    program: Program, endpoint: Endpoint
) -> None:
    program("on", "--yes")
    endpoint.answer = Answer(400, b'{"detail": "\x1b[31m\xe2\x80\xae"}')
    program("run", "--now")

    shown = program("history").stdout

    assert "\x1b" not in shown
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in shown
    assert "Answer: 400" in shown


def test_export_holds_all_that_is_stored(program: Program, endpoint: Endpoint) -> None:
    program("on", "--yes")
    program("run", "--now")
    program("off", "commands")
    endpoint.answer = Answer(503)
    program("forget", "--yes")
    program("run", "--now")
    program("on", "commands")
    count("add")

    exported = json.loads(program("export").stdout)

    status = read_status(program)
    assert exported["installation_id"] == status["installation_id"]
    assert [it["value"] for it in exported["counts"]] == [1]
    assert [it["answer"] for it in exported["history"]] == ["204", "503", "503"]
    assert exported["accepted"]["events"].keys() == {"command"}
    assert exported["sending"]["report"]["last_sent"] == status["last_sent"]
    for task in exported["sending"].values():
        assert task["failures"] == 1
        assert re.fullmatch(TIME, task["next_try"])


def test_json_has_the_keys_and_times_that_the_page_lists(program: Program) -> None:
    program("on", "--yes")
    printed = {
        name: json.loads(program(name, "--json", *arguments).stdout)
        for name, *arguments in (
            ("run", "--now"),
            ("status",),
            ("history",),
            ("export",),
        )
    }
    keys = {name: list(value) for name, value in printed.items()}
    keys["history"] = list(printed["history"][0])

    assert keys == {
        name: pages.column("docs/reference/json-output.md", "key", name)
        for name in keys
    }
    assert set(printed["export"]["history"][0]) == set(keys["history"])
    for time in (
        *(printed["status"][name] for name in ("last_sent", "next_due")),
        *(printed["export"][name] for name in ("at", "accepted_at")),
        printed["history"][0]["at"],
    ):
        assert re.fullmatch(TIME, time)


@pytest.mark.parametrize(
    ("name", "codes"),
    [("state", State), ("decided_by", Source), ("result", Result)],
)
def test_the_page_lists_each_code(name: str, codes: type[enum.Enum]) -> None:
    page = (pages.ROOT / "docs" / "reference" / "json-output.md").read_text("utf-8")
    (line,) = (it for it in page.splitlines() if it.startswith(f"| `{name}` "))

    assert {it.name.lower() for it in codes} <= set(re.findall("`([a-z_]+)`", line))


@pytest.mark.parametrize(("stdin", "is_forgotten"), [("y\n", True), ("n\n", False)])
def test_forget_names_the_id_and_asks(
    program: Program, endpoint: Endpoint, stdin: str, *, is_forgotten: bool
) -> None:
    program("on", "--yes")
    known = read_status(program)["installation_id"]

    done = program("forget", stdin=stdin)

    assert f"\n  {known}\n" in done.stdout
    assert len(endpoint.arrived) == is_forgotten
    assert read_status(program)["installation_id"] == (None if is_forgotten else known)


def test_without_an_id_there_is_nothing_to_forget(program: Program) -> None:
    done = program("forget", stdin="y\n")

    assert (done.status, done.stdout) == (0, "Nothing to forget.\n")


def test_forgetting_that_fails_keeps_the_id(
    program: Program, endpoint: Endpoint
) -> None:
    program("on", "--yes")
    known = read_status(program)["installation_id"]
    endpoint.answer = Answer(503)

    done = program("forget", "--yes")

    assert done.status == 1
    assert "The ID is kept" in " ".join(done.stderr.split())
    assert read_status(program)["installation_id"] == known


def test_delete_asks_and_removes_everything_without_a_socket(
    program: Program, data_dir: Path
) -> None:
    program("on", "--yes")
    count("add")

    with sockets.denied() as attempts:
        declined = program("delete", stdin="n\n")
        kept = [it.name for it in data_dir.iterdir()]
        deleted = program("delete", stdin="y\n")
        again = program("delete", "--yes")

    assert declined.stdout.endswith("Nothing deleted.\n")
    assert kept == ["usage_reporting.sqlite3"]
    assert deleted.stdout.endswith("Deleted:\n  usage_reporting.sqlite3\n")
    assert again.stdout.endswith("Nothing is stored here.\n")
    assert (list(data_dir.iterdir()), attempts) == ([], [])


def test_delete_works_on_a_damaged_file(program: Program, data_dir: Path) -> None:
    (data_dir / "usage_reporting.sqlite3").write_bytes(b"no database" * 100)

    assert program("status").status == 1
    assert program("delete", "--yes").status == 0
    assert program("status").status == 0


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("on", "--yes"), ("off",), ("run",), ("history",), ("export",)],
    ids=str,
)
def test_a_state_that_cannot_be_used_is_a_sentence(
    program: Program, data_dir: Path, arguments: tuple[str, ...]
) -> None:
    (data_dir / "usage_reporting.sqlite3").mkdir()

    done = program(*arguments)

    assert (done.status, done.stdout) == (1, "")
    assert "usage_reporting.sqlite3: it is a directory; move" in " ".join(
        done.stderr.split()
    )


@pytest.mark.parametrize(
    "arguments", [("status",), ("on",), ("preview",), ("delete",)], ids=str
)
def test_the_output_fits_80_columns(
    program: Program, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    program("on", "--yes")
    grow_contract(monkeypatch)

    lines = program(*arguments).stdout.splitlines()

    # A command to copy has a line of its own, and a path stays whole.
    whole = ("python -m", "Stored in")
    assert max(len(it) for it in lines if not any(map(it.__contains__, whole))) <= 80
