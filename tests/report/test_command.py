"""What an admin sees, on a real socket where one is opened at all."""

import datetime as dt
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from paperless import version as host_version
from paperless_report.host import paperless_ngx
from paperless_report.host import settings as host_settings
from paperless_report.management.commands.send_usage_report import Command
from paperless_report.state.identity import obtain_identity
from paperless_report.terminal.console import Console
from tests.report.command import Run, after_preview
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint
from tests.support.preview import read_preview

pytestmark = pytest.mark.django_db

URL = "PAPERLESS_USAGE_REPORTING_URL"
PROMPT = "Send this report? [y/N]: \n"
DRY_RUN = "Dry run \N{EM DASH} nothing sent.\n"


@dataclass(frozen=True)
class BrokenInput:
    """A standard input that cannot be read."""

    error: BaseException

    def readline(self, *_: int) -> str:
        raise self.error

    def isatty(self) -> bool:
        return False


@pytest.fixture
def build_info(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a stamped build."""
    monkeypatch.setattr(
        "paperless_report.facts.package.find_package_dir", lambda _: tmp_path
    )
    return tmp_path / "build_info.py"


def run_without_socket(run: Run, *arguments: str, stdin: object = "y\n") -> str:
    with sockets.denied() as attempts:
        printed = run(*arguments, stdin=stdin)

    assert attempts == []
    return printed


@pytest.mark.point("C3", "C4", "Name", "Confirmation flow")
@pytest.mark.parametrize("stdin", ["y\n", "yes\n", "Y\n", " YES \n", "y"])
def test_yes_sends(run: Run, endpoint: Endpoint, stdin: str) -> None:
    assert after_preview(run(stdin=stdin)) == f"{PROMPT}Report sent. Thank you!\n"
    assert len(endpoint.arrived) == 1


@pytest.mark.point("C3", "Confirmation flow")
@pytest.mark.parametrize(
    "stdin",
    [
        *("", "\n", "n\n", "no\n", "yess\n", "yes please\n", "1\n", "Y E S\n"),
        *("yes.\n", "y!\n"),
        None,
        BrokenInput(KeyboardInterrupt()),
        BrokenInput(OSError("gone")),
        BrokenInput(ValueError("I/O operation on closed file.")),
        BrokenInput(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")),
    ],
    ids=repr,
)
def test_anything_but_yes_sends_nothing(run: Run, stdin: object) -> None:
    printed = run_without_socket(run, stdin=stdin)

    assert after_preview(printed) == f"{PROMPT}Nothing sent.\n"


@pytest.mark.point("Flags")
def test_a_dry_run_neither_asks_nor_sends(run: Run) -> None:
    assert after_preview(run_without_socket(run, "--dry-run")) == DRY_RUN


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)], ids=["asks", "dry run"])
def test_the_preview_names_the_address_that_the_report_goes_to(
    run: Run, endpoint: Endpoint, arguments: tuple[str, ...]
) -> None:
    """Above the block, which decision C1 fixes."""
    address, blank, *block = run(*arguments, stdin="n\n").splitlines()

    assert address == f"Reports go to {endpoint.url}/report"
    assert blank == ""
    assert block[0].startswith("The following information will be sent")


def test_a_dry_run_says_that_there_is_no_address(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(URL)

    printed = run("--dry-run")

    assert printed.startswith("The following information")
    expected = f"No reporting endpoint is configured.\n{DRY_RUN}"
    assert after_preview(printed) == expected


@pytest.mark.point("C9")
def test_a_dry_run_creates_and_saves_the_id(run: Run, data_dir: Path) -> None:
    printed = run("--dry-run")

    created = (data_dir / "usage_uuid").read_text().strip()
    assert read_preview(printed)["uuid"] == created


def test_a_dry_run_says_why_there_is_no_id(run: Run, settings: Settings) -> None:
    del settings.DATA_DIR

    assert after_preview(run("--dry-run")) == (
        "The installation ID could not be saved (the settings have no DATA_DIR).\n"
        f"{DRY_RUN}"
    )


@pytest.mark.point("C11")
def test_every_field_is_collected_once(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact that changes between the preview and the yes is sent as it was shown."""
    answers = iter([0, 50_000])
    collect = {"doc_bucket": lambda: next(answers)}
    monkeypatch.setattr(paperless_ngx, "COLLECTORS", collect)

    assert read_preview(run(stdin="y\n"))["doc_bucket"] == "0\N{EN DASH}99"
    assert json.loads(endpoint.arrived[0].body)["doc_bucket"] == "0-99"
    assert next(answers) == 50_000


@pytest.mark.point("C9", "C11")
def test_a_dry_run_shows_what_would_be_sent(run: Run, endpoint: Endpoint) -> None:
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
        shown = {True: "yes", False: "no", "0-99": "0\N{EN DASH}99"}.get(value, value)
        assert f" : {shown}" in printed


@pytest.mark.point("C11")
def test_json_is_the_exact_body_and_nothing_else(run: Run, endpoint: Endpoint) -> None:
    printed = run_without_socket(run, "--json")

    run(stdin="y\n")

    assert endpoint.arrived[0].body == printed.encode()


@pytest.mark.point("C2", "Duplicate submission handling")
@pytest.mark.parametrize(
    ("days_ago", "sentence"),
    [
        (3, "Already submitted 3 days ago. Nothing sent. "),
        (1, "Already submitted 1 day ago. Nothing sent. "),
        (0, "Already submitted today. Nothing sent. "),
    ],
)
def test_a_second_report_in_seven_days_is_refused(
    run: Run, endpoint: Endpoint, days_ago: int, sentence: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    body = {
        "error": "already_submitted",
        "last_sent": (now - dt.timedelta(days=days_ago, hours=2)).isoformat(),
        "retry_after_days": 4,
    }
    endpoint.answer = Answer(429, json.dumps(body).encode())

    again = (now + dt.timedelta(days=4)).date()
    assert after_preview(run(stdin="y\n")) == (
        f"{PROMPT}{sentence}You can send again after {again}.\n"
    )


@pytest.mark.point("C5")
def test_verbosity_2_prints_the_receivers_reason(run: Run, endpoint: Endpoint) -> None:
    endpoint.answer = Answer(
        400, b'{"error": "invalid_report", "detail": "arch is missing."}'
    )

    assert "arch" not in after_preview(run(stdin="y\n"))
    assert "arch is missing." in after_preview(run(stdin="y\n", verbosity=2))


@pytest.mark.point("C7")
@pytest.mark.parametrize(
    ("setting", "variable", "build"),
    [
        ("good", "bad", "bad"),
        (None, "good", "bad"),
        (None, None, "good"),
    ],
)
def test_setting_variable_and_build_name_the_endpoint_in_this_order(
    run: Run,
    endpoint: Endpoint,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    build_info: Path,
    setting: str | None,
    variable: str | None,
    build: str,
) -> None:
    urls = {"good": f"{endpoint.url}/report", "bad": "http://127.0.0.1:9"}
    if setting:
        settings.PAPERLESS_USAGE_REPORTING_URL = urls[setting]
    if variable:
        monkeypatch.setenv(URL, urls[variable])
    else:
        monkeypatch.delenv(URL)
    build_info.write_text(f'REPORT_URL = "{urls[build]}"\n')

    assert "Report sent." in run(stdin="y\n")


@pytest.mark.point("C7")
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "No reporting endpoint is configured."),
        ("http://reports.example.org", f"{URL} must begin with https://."),
    ],
)
def test_without_a_usable_endpoint_nothing_is_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv(URL, url)

    printed = run_without_socket(run)

    assert after_preview(printed) == f"{sentence} Nothing was sent.\n"


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)], ids=["send", "dry run"])
def test_a_packager_can_turn_sending_off(
    run: Run, build_info: Path, arguments: tuple[str, ...]
) -> None:
    build_info.write_text("REPORTING = False\n")

    printed = run_without_socket(run, *arguments)

    assert read_preview(printed)["version"] == "2.15.0"
    assert after_preview(printed) == (
        DRY_RUN
        if arguments
        else "The packager of this software has turned reporting off. Nothing sent.\n"
    )


@pytest.mark.point("C8")
@pytest.mark.parametrize(
    ("value", "heeded"),
    [
        *(("1", True), ("true", True), ("yes", True), ("no", True), (" ", True)),
        *(("2", True), ("00", True), ("falsehood", True)),
        *(("", False), ("0", False)),
        *(("false", False), ("False", False), ("FALSE", False)),
    ],
)
def test_do_not_track_is_heeded(
    run: Run, monkeypatch: pytest.MonkeyPatch, value: str, *, heeded: bool
) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", value)

    if heeded:
        printed = run_without_socket(run)
        assert after_preview(printed) == "DO_NOT_TRACK is set. Nothing sent.\n"
    else:
        assert "Report sent." in run(stdin="y\n")


@pytest.mark.point("C10")
def test_without_a_saved_id_nothing_is_sent(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "gone"

    printed = run_without_socket(run)

    assert read_preview(printed)["version"] == "2.15.0"
    assert " ".join(after_preview(printed).split()) == (
        f"The installation ID could not be saved ({tmp_path / 'gone'}: No such file or "
        "directory; create the data directory, or correct PAPERLESS_DATA_DIR). "
        "Nothing was sent."
    )


@pytest.mark.point("C10")
@pytest.mark.parametrize("arguments", [(), ("--dry-run",)], ids=["send", "dry run"])
def test_a_link_in_place_of_the_id_is_named_and_nothing_is_sent(
    run: Run, data_dir: Path, arguments: tuple[str, ...]
) -> None:
    """A file that holds a valid ID, which each start of the machine changes."""
    (data_dir / "usage_uuid").symlink_to("/proc/sys/kernel/random/boot_id")

    printed = run_without_socket(run, *arguments)

    assert "Installation ID" not in printed
    assert " ".join(after_preview(printed).split()).startswith(
        f"The installation ID could not be saved ({data_dir}/usage_uuid: it is a link; "
        "remove that link)."
    )


@pytest.mark.parametrize("directory", [None, "", "a\0b"])
@pytest.mark.parametrize(
    ("arguments", "ends"),
    [((), ("was sent.",)), (("--forget",), ("ID stays.", "Nothing to forget."))],
    ids=["send", "forget"],
)
def test_an_unusable_data_directory_opens_no_socket(
    run: Run,
    settings: Settings,
    directory: str | None,
    arguments: tuple[str, ...],
    ends: tuple[str, ...],
) -> None:
    settings.DATA_DIR = directory

    printed = run_without_socket(run, *arguments)

    assert " ".join(printed.split()).endswith(ends)


def test_without_requests_it_says_so_before_it_asks(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)

    assert after_preview(run(stdin="y\n")) == (
        "To send, install one more package: pip install 'paperless-report[report]'.\n"
        "Nothing was sent.\n"
    )


def test_a_replaced_id_is_mentioned_but_not_in_json(run: Run, data_dir: Path) -> None:
    file = data_dir / "usage_uuid"
    sentence = f"{file} did not hold a version 4 UUID;"

    file.write_text("no uuid")
    assert run("--dry-run").replace("\n", " ").startswith(sentence)

    file.write_text("no uuid")
    warned = io.StringIO()
    assert json.loads(run("--json", stderr=warned))["version"] == "2.15.0"
    assert warned.getvalue().replace("\n", " ").startswith(sentence)


@pytest.mark.point("C13")
def test_without_a_required_field_nothing_is_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(host_version, "__full_version_str__")
    sentence = "Could not be determined: Version."

    printed = run_without_socket(run)

    assert after_preview(printed) == f"{sentence} Nothing was sent.\n"
    with pytest.raises(CommandError, match=f"^{sentence}$"):
        run("--json")


def test_verbosity_2_prints_what_was_left_out(run: Run) -> None:
    printed = run("--dry-run", verbosity=2)

    assert "Left out: commit (not known here)\n" in printed


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C before the question."""

    def press(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(host_settings, "find_data_dir", press)


@pytest.mark.usefixtures("interrupt")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [((), "Nothing sent."), (("--forget",), "Nothing forgotten.")],
)
def test_ctrl_c_before_the_question_prints_one_line(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(*arguments, stdin="y\n") == f"\n{sentence}\n"


@pytest.mark.usefixtures("interrupt")
def test_an_interrupted_json_prints_nothing(run: Run) -> None:
    with pytest.raises(SystemExit) as caught:
        run("--json")

    assert caught.value.code == 130


@pytest.mark.parametrize("arguments", [(), ("--forget",)])
def test_ctrl_c_after_the_yes_never_claims_that_nothing_happened(
    run: Run,
    data_dir: Path,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    """The answer has arrived, and Ctrl-C comes before the outcome is printed."""
    obtain_identity(data_dir)
    print_paragraph = Console.print_paragraph

    def press(console: Console, *sentences: object) -> None:
        if "sent" in str(sentences[0]) or "Forgotten" in str(sentences[0]):
            raise KeyboardInterrupt
        print_paragraph(console, *sentences)

    monkeypatch.setattr(Console, "print_paragraph", press)

    printed = run(*arguments, stdin="y\n")

    assert len(endpoint.arrived) == 1
    assert "\nInterrupted. " in printed
    assert "all the same" in printed
    assert "Nothing" not in printed


def test_a_caller_handles_the_errors_of_its_own_output() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        call_command("send_usage_report", dry_run=True, stdout=Full())


def test_the_hosts_own_checks_are_not_run() -> None:
    assert Command.requires_system_checks == []
