"""What an admin sees, on a real socket where one is opened at all."""

import datetime as dt
import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from paperless import version as host_version
from paperless_report.host import collectors
from paperless_report.host import settings as settings_reader
from paperless_report.management.commands.send_usage_report import Command
from paperless_report.state import identity
from paperless_report.terminal.console import Console
from tests.report.command import Run, after_preview
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint

pytestmark = pytest.mark.django_db

PROMPT = "Send this report? [y/N]: "
UNREACHABLE = "Could not reach the reporting endpoint. Nothing was sent."


class Raises:
    """A standard input on which reading fails."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def readline(self, *_: int) -> str:
        raise self._error

    def isatty(self) -> bool:
        return False


def test_a_socket_where_none_may_be_is_seen(run: Run) -> None:
    """The tests below would pass without one if this did not."""
    with sockets.denied() as attempts:
        run(stdin="y\n")

    assert attempts != []


@pytest.mark.point("C3", "C4", "Name", "Confirmation flow")
@pytest.mark.parametrize("stdin", ["y\n", "yes\n", "Y\n", " YES \n", "y"])
def test_yes_sends(run: Run, endpoint: Endpoint, stdin: str) -> None:
    assert after_preview(run(stdin=stdin)) == f"{PROMPT}\nReport sent. Thank you!\n"
    assert len(endpoint.arrived) == 1


@pytest.mark.point("C3", "Confirmation flow")
@pytest.mark.parametrize(
    "stdin",
    [
        "",
        "\n",
        "n\n",
        "no\n",
        "yess\n",
        "yes please\n",
        "1\n",
        "Y E S\n",
        "yes.\n",
        "y!\n",
    ],
)
def test_anything_else_sends_nothing(run: Run, stdin: str) -> None:
    with sockets.denied() as attempts:
        assert after_preview(run(stdin=stdin)) == f"{PROMPT}\nNothing sent.\n"

    assert attempts == []


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        OSError("gone"),
        ValueError("I/O operation on closed file."),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_prompt_that_cannot_be_answered_sends_nothing(
    run: Run, error: BaseException
) -> None:
    with sockets.denied() as attempts:
        assert after_preview(run(stdin=Raises(error))) == f"{PROMPT}\nNothing sent.\n"

    assert attempts == []


def test_no_standard_input_at_all_sends_nothing(run: Run) -> None:
    assert after_preview(run(stdin=None)) == f"{PROMPT}\nNothing sent.\n"


@pytest.mark.point("Flags")
def test_a_dry_run_asks_and_sends_nothing(run: Run) -> None:
    with sockets.denied() as attempts:
        printed = run("--dry-run", stdin="y\n")

    assert after_preview(printed) == "Dry run \N{EM DASH} nothing sent.\n"
    assert attempts == []


@pytest.mark.point("C9")
def test_a_dry_run_makes_and_keeps_the_id(run: Run, data_dir: Path) -> None:
    printed = run("--dry-run")

    made = (data_dir / "usage_uuid").read_text().strip()
    assert f"  Installation ID : {made}\n" in printed


def test_a_dry_run_tells_why_there_is_no_id(run: Run, settings: Settings) -> None:
    del settings.DATA_DIR

    assert after_preview(run("--dry-run")) == (
        "The installation ID could not be saved (the settings have no DATA_DIR).\n"
        "Dry run \N{EM DASH} nothing sent.\n"
    )


@pytest.mark.point("C11")
def test_every_fact_is_looked_at_once(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact that changes between the preview and the yes is sent as it was shown."""
    answers = iter(["0-99", "50000+"])
    monkeypatch.setattr(collectors, "count_documents", lambda: next(answers))

    assert "  Documents       : 0\N{EN DASH}99\n" in run(stdin="y\n")
    assert json.loads(endpoint.arrived[0].body)["doc_bucket"] == "0-99"
    assert next(answers) == "50000+"


@pytest.mark.point("C9", "C11")
def test_what_a_dry_run_shows_is_what_would_be_sent(
    run: Run, endpoint: Endpoint
) -> None:
    shown = run("--dry-run").partition("usage-reporting/")[0]

    assert run(stdin="y\n").startswith(shown)
    assert json.loads(endpoint.arrived[0].body)["uuid"] in shown


@pytest.mark.point("C11")
def test_every_value_that_is_sent_is_shown(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_version, "__channel__", "beta")

    printed = run(stdin="y\n")

    sent = json.loads(endpoint.arrived[0].body)
    assert sent["channel"] == "beta"
    for value in sent.values():
        shown = {True: "yes", False: "no"}.get(
            value, str(value).replace("0-99", "0\N{EN DASH}99")
        )
        assert f" : {shown}" in printed


@pytest.mark.point("C2", "Duplicate submission handling")
def test_a_report_of_this_week_is_refused_in_words(
    run: Run, endpoint: Endpoint
) -> None:
    now = dt.datetime.now(dt.UTC)
    body = {
        "error": "already_submitted",
        "last_sent": (now - dt.timedelta(days=3, hours=2)).isoformat(),
        "retry_after_days": 4,
    }
    endpoint.answer = Answer(429, json.dumps(body).encode())

    again = (now + dt.timedelta(days=4)).date()
    assert after_preview(run(stdin="y\n")) == (
        f"{PROMPT}\nAlready submitted 3 days ago. Nothing sent. "
        f"You can send again after {again}.\n"
    )


@pytest.mark.point("C2")
def test_one_day_is_a_day(run: Run, endpoint: Endpoint) -> None:
    last = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1, hours=1)).isoformat()
    body = {"error": "already_submitted", "last_sent": last, "retry_after_days": 6}
    endpoint.answer = Answer(429, json.dumps(body).encode())

    assert "Already submitted 1 day ago. " in run(stdin="y\n")


@pytest.mark.point("C5", "Network error handling")
@pytest.mark.parametrize("status", [200, 302, 400, 404, 429, 500, 503])
def test_any_failure_is_one_line(run: Run, endpoint: Endpoint, status: int) -> None:
    endpoint.answer = Answer(status, b"<html>")

    assert after_preview(run(stdin="y\n")) == f"{PROMPT}\n{UNREACHABLE}\n"


@pytest.mark.point("C5")
def test_a_refusals_reason_is_for_who_asks(run: Run, endpoint: Endpoint) -> None:
    endpoint.answer = Answer(
        400, b'{"error": "invalid_report", "detail": "arch is missing."}'
    )

    assert "arch" not in after_preview(run(stdin="y\n"))
    assert "arch is missing." in after_preview(run(stdin="y\n", verbosity=2))


@pytest.mark.point("C7")
def test_no_endpoint_shows_and_sends_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAPERLESS_USAGE_REPORTING_URL")

    with sockets.denied() as attempts:
        printed = run(stdin="y\n")

    assert (
        after_preview(printed)
        == "No reporting endpoint is configured. Nothing was sent.\n"
    )
    assert attempts == []


@pytest.mark.point("C7")
def test_the_setting_comes_before_the_environment(
    run: Run, endpoint: Endpoint, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PAPERLESS_USAGE_REPORTING_URL = f"{endpoint.url}/report"
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", "http://127.0.0.1:9")

    assert "Report sent." in run(stdin="y\n")


@pytest.mark.point("C7")
@pytest.mark.parametrize("by", ["setting", "variable"])
def test_the_admin_comes_before_the_build(
    run: Run,
    endpoint: Endpoint,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    by: str,
) -> None:
    (tmp_path / "build_info.py").write_text('REPORT_URL = "http://127.0.0.1:9"\n')
    monkeypatch.setattr(
        "paperless_report.host.package.find_package_dir", lambda: tmp_path
    )
    if by == "setting":
        monkeypatch.delenv("PAPERLESS_USAGE_REPORTING_URL")
        settings.PAPERLESS_USAGE_REPORTING_URL = endpoint.url

    assert "Report sent." in run(stdin="y\n")


@pytest.mark.point("C7")
def test_the_url_of_the_build_comes_last(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAPERLESS_USAGE_REPORTING_URL")
    (tmp_path / "build_info.py").write_text(f'REPORT_URL = "{endpoint.url}"\n')
    monkeypatch.setattr(
        "paperless_report.host.package.find_package_dir", lambda: tmp_path
    )

    assert "Report sent." in run(stdin="y\n")


def test_a_url_without_encryption_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", "http://reports.example.org")

    with sockets.denied() as attempts:
        printed = run(stdin="y\n")

    assert after_preview(printed) == (
        "PAPERLESS_USAGE_REPORTING_URL must begin with https://. Nothing was sent.\n"
    )
    assert attempts == []


@pytest.mark.point("C8")
@pytest.mark.parametrize("value", ["1", "true", "yes", "no", " "])
def test_do_not_track_is_heeded(
    run: Run, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", value)

    with sockets.denied() as attempts:
        printed = run(stdin="y\n")

    assert after_preview(printed) == "DO_NOT_TRACK is set. Nothing sent.\n"
    assert attempts == []


@pytest.mark.parametrize("value", ["", "0"])
def test_do_not_track_that_says_nothing_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", value)

    assert "Report sent." in run(stdin="y\n")


@pytest.mark.point("C10")
def test_an_id_that_cannot_be_kept_sends_nothing(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "gone"

    with sockets.denied() as attempts:
        printed = run(stdin="y\n")

    assert "  Version         : 2.15.0\n" in printed
    assert after_preview(printed) == (
        "The installation ID could not be saved (PAPERLESS_DATA_DIR/usage_uuid: No such\n"
        "file or directory; create the data directory). Nothing was sent.\n"
    )
    assert attempts == []


def test_settings_without_a_data_directory_send_nothing(
    run: Run, settings: Settings
) -> None:
    del settings.DATA_DIR

    assert after_preview(run(stdin="y\n")) == (
        "The installation ID could not be saved (the settings have no DATA_DIR). Nothing\n"
        "was sent.\n"
    )


def test_without_the_extra_it_says_so_before_it_asks(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)

    assert after_preview(run(stdin="y\n")) == (
        "To send, install one more package: pip install 'paperless-report[report]'.\n"
        "Nothing was sent.\n"
    )


def test_an_id_that_was_none_is_replaced_with_a_word(run: Run, data_dir: Path) -> None:
    (data_dir / identity.FILE).write_text("no uuid")

    printed = run("--dry-run")

    assert printed.startswith(
        "PAPERLESS_DATA_DIR/usage_uuid did not hold a version 4 UUID; a new installation\n"
        "ID has replaced it.\n"
    )


def test_that_word_does_not_stand_among_json(run: Run, data_dir: Path) -> None:
    (data_dir / identity.FILE).write_text("no uuid")
    told = io.StringIO()

    assert json.loads(run("--json", stderr=told))["version"] == "2.15.0"
    assert told.getvalue().startswith("PAPERLESS_DATA_DIR/usage_uuid did not hold")


@pytest.mark.point("C13")
def test_a_required_fact_that_is_not_to_be_had_sends_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(host_version, "__full_version_str__")

    with sockets.denied() as attempts:
        printed = run(stdin="y\n")

    assert (
        after_preview(printed)
        == "Could not be determined: Version. Nothing was sent.\n"
    )
    assert attempts == []


def test_what_was_left_out_is_told_to_who_asks(run: Run) -> None:
    printed = run("--dry-run", verbosity=2)

    assert "Left out: commit (not known here)\n" in printed


@pytest.mark.point("C11")
def test_json_prints_the_bytes_that_would_be_sent_and_nothing_else(
    run: Run, endpoint: Endpoint
) -> None:
    with sockets.denied() as attempts:
        printed = run("--json", stdin="y\n")
    assert attempts == []

    run(stdin="y\n")

    assert endpoint.arrived[0].body == printed.encode()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "Nothing sent."), (("--forget",), "Nothing forgotten.")],
)
def test_ctrl_c_before_the_question_is_clean(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(settings_reader, "find_data_dir", interrupted)

    assert run(*arguments, stdin="y\n") == f"\n{said}\n"


def test_json_that_is_interrupted_says_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(settings_reader, "find_data_dir", interrupted)

    with pytest.raises(SystemExit) as caught:
        run("--json")

    assert caught.value.code == 130


def test_json_stays_empty_where_nothing_could_be_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(host_version, "__full_version_str__")

    with pytest.raises(CommandError, match=r"^Could not be determined: Version\.$"):
        run("--json")


@pytest.mark.parametrize("arguments", [(), ("--forget",)])
def test_ctrl_c_after_the_yes_never_says_that_nothing_happened(
    run: Run,
    data_dir: Path,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    """The answer is there, and the key is pressed before it is told."""
    identity.obtain_identity(data_dir)
    print_paragraph = Console.print_paragraph

    def interrupted(console: Console, *sentences: object) -> None:
        if "sent" in str(sentences[0]) or "Forgotten" in str(sentences[0]):
            raise KeyboardInterrupt
        print_paragraph(console, *sentences)

    monkeypatch.setattr(Console, "print_paragraph", interrupted)

    printed = run(*arguments, stdin="y\n")

    assert len(endpoint.arrived) == 1
    assert "\nInterrupted. " in printed
    assert "all the same" in printed
    assert "Nothing" not in printed


@pytest.mark.parametrize("directory", [None, "", "a\0b"])
@pytest.mark.parametrize("arguments", [(), ("--forget",)])
def test_a_data_directory_that_is_none_is_told(
    run: Run, settings: Settings, directory: str | None, arguments: tuple[str, ...]
) -> None:
    settings.DATA_DIR = directory

    with sockets.denied() as attempts:
        printed = run(*arguments, stdin="y\n")

    assert attempts == []
    assert printed.endswith(("was sent.\n", "ID stays.\n", "Nothing to forget.\n"))


def test_an_output_of_the_callers_is_left_to_the_caller() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        call_command("send_usage_report", dry_run=True, stdout=Full())


def test_the_hosts_own_checks_are_not_run() -> None:
    assert Command.requires_system_checks == []
