"""A project's own fields are collected, shown and sent like those of paperless-ngx."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from paperless_report import contract
from paperless_report.apps import check_project
from paperless_report.state.identity import obtain_identity
from tests.report import bookshelf
from tests.report.command import Run
from tests.support.endpoint import Answer, Endpoint
from tests.support.preview import read_preview

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def schema_file(tmp_path: Path, settings: Settings) -> Path:
    """The file of Bookshelf's contract, which the settings name."""
    value = bookshelf.write_setting(tmp_path, bookshelf.build_schema())
    settings.USAGE_REPORTING_PROJECT = value
    return tmp_path / "report.schema.json"


@pytest.fixture
def run(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command of Bookshelf, reporting to `endpoint`."""
    monkeypatch.setenv("BOOKSHELF_USAGE_REPORTING_URL", endpoint.url)
    return Run(monkeypatch)


def fail() -> str:
    raise RuntimeError("canary")


def test_the_preview_shows_the_projects_own_fields(run: Run) -> None:
    printed = run("--dry-run")

    width = len("The layout of the shelves")
    own = printed.partition("  Database")[2].splitlines()[1:4]
    assert own == [
        "  The layout of the shelves : grid",
        f"  {'Books':{width}} : 10\N{EN DASH}99",
        f"  {'Loans':{width}} : no",
    ]


def test_the_report_holds_the_range_and_never_the_count(
    run: Run, endpoint: Endpoint
) -> None:
    assert run(stdin="y\n").endswith("Report sent. Thank you!\n")

    report = json.loads(endpoint.arrived[0].body)
    assert report["book_bucket"] == "10-99"
    assert (report["layout"], report["has_loans"]) == ("grid", False)
    assert report["version"] == "2.15.0"
    assert "doc_bucket" not in report


def test_a_collector_of_the_project_replaces_a_built_in_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bookshelf.COLLECTORS, "database", lambda: "oracle")

    assert json.loads(run("--json"))["database"] == "oracle"


ALLOWED = "the contract allows one of: grid, list"


@pytest.mark.parametrize(
    ("collector", "reason"),
    [
        (fail, "its collector failed with RuntimeError"),
        (lambda: None, "not known here"),
        (lambda: "oval", f"its collector returned a text, but {ALLOWED}"),
        (lambda: 7, f"its collector returned a whole number, but {ALLOWED}"),
    ],
)
def test_a_collector_without_a_fit_value_leaves_its_field_out(
    run: Run,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    collector: Callable[[], str | int | None],
    reason: str,
) -> None:
    monkeypatch.setitem(bookshelf.COLLECTORS, "layout", collector)

    printed = run(stdin="y\n", verbosity=2)

    assert f"Left out: layout ({reason})" in " ".join(printed.split())
    assert "canary" not in printed
    assert "layout" not in json.loads(endpoint.arrived[0].body)


@pytest.mark.parametrize(
    ("collector", "reason"),
    [
        (fail, "its collector failed with RuntimeError"),
        (lambda: "oval", f"its collector returned a text, but {ALLOWED}"),
    ],
)
@pytest.mark.parametrize("verbosity", [1, 2])
def test_a_dry_run_names_a_faulty_collector_once(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    collector: Callable[[], str],
    reason: str,
    verbosity: int,
) -> None:
    monkeypatch.setitem(bookshelf.COLLECTORS, "layout", collector)

    printed = " ".join(run("--dry-run", verbosity=verbosity).split())

    assert printed.count(f"Left out: layout ({reason})") == 1


def test_a_dry_run_names_no_field_whose_value_is_not_known(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bookshelf.COLLECTORS, "layout", lambda: None)

    assert "Left out" not in run("--dry-run")


def test_a_field_without_a_collector_is_left_out(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(bookshelf.COLLECTORS, "layout")

    assert "Left out: layout (it has no collector)" in run(stdin="y\n", verbosity=2)
    assert "layout" not in json.loads(endpoint.arrived[0].body)


def test_a_query_that_fails_leaves_the_callers_transaction_usable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collector needs no savepoint of its own."""

    def break_transaction() -> str:
        User.objects.create(username="nobody")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")
        return "grid"

    monkeypatch.setitem(bookshelf.COLLECTORS, "layout", break_transaction)

    with transaction.atomic():
        User.objects.create(username="somebody")
        printed = run("--dry-run")

    assert "Loans" in printed
    assert [user.username for user in User.objects.all()] == ["somebody"]


def test_messages_name_the_projects_own_variables(
    run: Run,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = run("--forget")
    settings.DATA_DIR = tmp_path / "gone"
    printed += run(stdin="y\n")
    settings.DATA_DIR = tmp_path / "data"
    obtain_identity(settings.DATA_DIR)
    printed += run("--forget")
    monkeypatch.setenv("BOOKSHELF_USAGE_REPORTING_URL", "ftp://example.org")
    printed += run(stdin="y\n")
    call_command("check")
    with pytest.raises(SystemExit):
        run("--help")
    printed += "".join(capsys.readouterr())

    assert endpoint.arrived == []
    assert "PAPERLESS" not in printed
    words = " ".join(printed.split())
    assert f"({tmp_path / 'gone'}: No such file or directory; create the" in words
    assert "create the data directory, or correct DATA_DIR)." in words
    assert f"Then {tmp_path / 'data'}/usage_uuid is deleted." in words
    assert "BOOKSHELF_USAGE_REPORTING_URL must begin with https://." in printed
    assert "address in BOOKSHELF_USAGE_REPORTING_URL" in printed


@pytest.mark.parametrize(
    ("variable", "expected"), [("BOOKSHELF", True), ("PNGX", False)]
)
def test_the_projects_own_variable_marks_a_container(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, *, expected: bool
) -> None:
    exists = Path.exists
    # This machine may be a container.
    monkeypatch.setattr(
        Path, "exists", lambda path: exists(path) and path != Path("/.dockerenv")
    )
    monkeypatch.setenv(f"{variable}_CONTAINERIZED", "1")

    fields = contract.parse_fields(bookshelf.build_schema())
    shown = read_preview(run("--dry-run"), fields)
    assert (shown["install_type"] == "docker") is expected


def test_forgetting_names_the_id_as_every_receiver_does(
    run: Run, endpoint: Endpoint, data_dir: Path
) -> None:
    identity = obtain_identity(data_dir)

    run("--forget", stdin="y\n")

    assert json.loads(endpoint.arrived[0].body) == {"id": identity.uuid}


def test_a_receiver_without_a_limit_cannot_refuse_as_already_submitted(
    run: Run, endpoint: Endpoint, schema_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads(schema_file.read_text())
    del schema["x-once-in-days"]
    schema_file.write_text(json.dumps(schema))
    endpoint.answer = Answer(429, b'{"error": "already_submitted"}')

    assert "Could not reach the reporting endpoint." in run(stdin="y\n")
    with pytest.raises(SystemExit):
        run("--help")
    assert "Each time you say yes.\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "value",
    [
        lambda: "\x1b[2Jgrid",
        lambda: "gr\N{RIGHT-TO-LEFT OVERRIDE}id",
    ],
)
def test_the_preview_shows_no_control_characters(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    schema_file: Path,
    value: Callable[[], str],
) -> None:
    schema = bookshelf.build_schema()
    schema["properties"]["layout"]["enum"] = [value()]
    schema_file.write_text(json.dumps(schema))
    monkeypatch.setitem(bookshelf.COLLECTORS, "layout", value)

    printed = run("--dry-run")

    assert "\N{REPLACEMENT CHARACTER}" in printed
    assert value() not in printed


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--json",)], ids=str)
def test_a_contract_that_cannot_be_enforced_sends_nothing(
    run: Run, endpoint: Endpoint, schema_file: Path, options: tuple[str, ...]
) -> None:
    schema = bookshelf.build_schema()
    schema["properties"]["layout"]["format"] = "uri"
    schema_file.write_text(json.dumps(schema))

    with pytest.raises(CommandError, match="/properties/layout/format"):
        run(*options, stdin="y\n")

    assert endpoint.arrived == []


@pytest.mark.parametrize(
    "own",
    [
        {"shelves.count": lambda: 4, "shelves.kinds": lambda: ["rack", "box"]},
        {"shelves": lambda: {"count": 4, "kinds": ["rack", "box"]}},
    ],
    ids=["by dotted names", "as an object"],
)
def test_nested_fields_lists_and_integers_are_collected(
    own: dict[str, Callable[[], object]],
    run: Run,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    schema_file: Path,
) -> None:
    schema = bookshelf.build_schema()
    schema["properties"]["shelves"] = {
        "type": "object",
        "properties": {
            "count": {
                "title": "Shelves",
                "type": "integer",
                "minimum": 0,
                "maximum": 9,
            },
            "kinds": {
                "title": "Kinds of shelves",
                "type": "array",
                "items": {"type": "string", "enum": ["box", "rack"]},
                "maxItems": 2,
            },
        },
    }
    schema_file.write_text(json.dumps(schema))
    for name, collect in own.items():
        monkeypatch.setitem(bookshelf.COLLECTORS, name, collect)

    shown = read_preview(run(stdin="y\n"), contract.parse_fields(schema))

    assert (shown["shelves.count"], shown["shelves.kinds"]) == ("4", "box, rack")
    report = json.loads(endpoint.arrived[0].body)
    assert report["shelves"] == {"count": 4, "kinds": ["box", "rack"]}
    assert check_project() == []


def test_a_field_that_the_receiver_sets_is_shown_and_neither_collected_nor_sent(
    run: Run,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    schema_file: Path,
) -> None:
    schema = bookshelf.build_schema()
    schema["properties"]["country"] = {
        "title": "Country",
        "type": "string",
        "enum": ["AT", "DE"],
        "x-set-by-receiver": True,
    }
    schema_file.write_text(json.dumps(schema))
    assert check_project() == []
    monkeypatch.setitem(bookshelf.COLLECTORS, "country", lambda: "AT")

    shown = read_preview(run(stdin="y\n"), contract.parse_fields(schema))

    assert shown["country"] == "(added by the receiver)"
    assert "country" not in json.loads(endpoint.arrived[0].body)
