"""`--forget`, on a real socket where one is opened at all (decision C12)."""

import json
import os
import textwrap
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from paperless_report.state.identity import obtain_identity
from tests.report.command import Run
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint

pytestmark = [pytest.mark.django_db, pytest.mark.point("C12")]

URL = "PAPERLESS_USAGE_REPORTING_URL"
PROMPT = "Forget this installation? [y/N]: \n"
UNCHANGED = "Nothing was forgotten. The installation ID stays."


@pytest.fixture
def known_id(data_dir: Path) -> str:
    """The ID of an installation that has one."""
    return obtain_identity(data_dir).uuid


def after_prompt(printed: str) -> str:
    """Return what was printed after the question, as one line."""
    return printed.partition(PROMPT)[2].replace("\n", " ").strip()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("stdin", ["y\n", "YES\n"])
def test_yes_has_the_reports_deleted_then_the_id(
    run: Run, endpoint: Endpoint, data_dir: Path, known_id: str, stdin: str
) -> None:
    printed = run("--forget", stdin=stdin)

    (arrived,) = endpoint.arrived
    assert (arrived.method, arrived.path) == ("POST", "/forget")
    assert arrived.body == f'{{"uuid":"{known_id}"}}'.encode()
    assert names(data_dir) == []
    assert after_prompt(printed) == (
        "Forgotten: the reports and the installation ID are deleted."
    )


def wrap(text: str) -> str:
    """Break lines as the command does, whose paths are whole."""
    return textwrap.fill(text, 80, break_long_words=False, break_on_hyphens=False)


def test_the_admin_reads_what_will_be_deleted_before_the_question(
    run: Run, known_id: str, data_dir: Path
) -> None:
    announced = (
        f"Then {data_dir}/usage_uuid is deleted. A later report would count as a new "
        "installation."
    )
    assert run("--forget", stdin="n\n") == (
        "The reporting endpoint will be asked to delete every report with this ID:\n"
        "\n"
        f"  {known_id}\n"
        "\n"
        f"{wrap(announced)}\n"
        "\n"
        "Forget this installation? [y/N]: \n"
        "Nothing forgotten.\n"
    )


@pytest.mark.parametrize("stdin", ["", "\n", "n\n", "yess\n"])
def test_anything_but_yes_forgets_nothing(
    run: Run, data_dir: Path, known_id: str, stdin: str
) -> None:
    with sockets.denied() as attempts:
        assert after_prompt(run("--forget", stdin=stdin)) == "Nothing forgotten."

    assert attempts == []
    assert obtain_identity(data_dir).uuid == known_id


def test_without_an_id_there_is_nothing_to_forget(
    run: Run, data_dir: Path, settings: Settings
) -> None:
    with sockets.denied() as attempts:
        assert run("--forget", stdin="y\n") == "Nothing to forget.\n"
        assert names(data_dir) == []

        (data_dir / "usage_uuid").write_text("no uuid")
        assert run("--forget", stdin="y\n") == "Nothing to forget.\n"

        del settings.DATA_DIR
        assert run("--forget", stdin="y\n") == "Nothing to forget.\n"

    assert attempts == []


def test_a_link_in_place_of_the_id_is_named_and_left_alone(
    run: Run, data_dir: Path, tmp_path: Path
) -> None:
    known_id = obtain_identity(data_dir).uuid
    (data_dir / "usage_uuid").rename(tmp_path / "elsewhere")
    (data_dir / "usage_uuid").symlink_to(tmp_path / "elsewhere")

    with sockets.denied() as attempts:
        printed = run("--forget", stdin="y\n").replace("\n", " ")

    assert printed == (
        "The installation ID could not be read "
        f"({data_dir}/usage_uuid: it is a link; remove that link). {UNCHANGED} "
    )
    assert attempts == []
    assert (tmp_path / "elsewhere").read_text() == f"{known_id}\n"
    assert (data_dir / "usage_uuid").is_symlink()


@pytest.mark.usefixtures("known_id")
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "No reporting endpoint is configured."),
        ("http://reports.example.org", f"{URL} must begin with https://."),
    ],
)
def test_without_a_usable_endpoint_the_id_stays(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv(URL, url)

    with sockets.denied() as attempts:
        printed = run("--forget", stdin="y\n").replace("\n", " ").strip()

    assert printed == f"{sentence} {UNCHANGED}"
    assert attempts == []
    assert names(data_dir) == ["usage_uuid"]


@pytest.mark.usefixtures("known_id")
@pytest.mark.parametrize("status", [200, 302, 400, 404, 405, 429, 500, 503])
def test_the_id_stays_unless_the_answer_is_204(
    run: Run, endpoint: Endpoint, data_dir: Path, status: int
) -> None:
    endpoint.answer = Answer(status, b'{"error": "x"}')

    assert after_prompt(run("--forget", stdin="y\n")) == (
        f"Could not reach the reporting endpoint. {UNCHANGED}"
    )
    assert names(data_dir) == ["usage_uuid"]


@pytest.mark.usefixtures("known_id")
def test_verbosity_2_prints_the_reason(run: Run, endpoint: Endpoint) -> None:
    endpoint.answer = Answer(404)

    printed = run("--forget", stdin="y\n", verbosity=2)

    assert "Reason: the endpoint answered 404" in printed


def test_do_not_track_does_not_stop_it(
    run: Run, data_dir: Path, known_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", "1")

    assert known_id in run("--forget", stdin="y\n")
    assert names(data_dir) == []


@pytest.mark.usefixtures("known_id")
def test_an_id_that_cannot_be_deleted_is_reported(
    run: Run, endpoint: Endpoint, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "unlink", refuse)

    assert after_prompt(run("--forget", stdin="y\n")) == (
        "The reports are deleted, but the installation ID could not be "
        f"({data_dir}/usage_uuid: Permission denied; run this as the user who "
        "owns the data directory). Delete that file yourself."
    )
    assert len(endpoint.arrived) == 1


def test_a_later_report_has_a_new_id(
    run: Run, endpoint: Endpoint, known_id: str
) -> None:
    run("--forget", stdin="y\n")
    run(stdin="y\n")

    assert json.loads(endpoint.arrived[1].body)["uuid"] != known_id


@pytest.mark.parametrize("option", ["--dry-run", "--json"])
@pytest.mark.usefixtures("known_id")
def test_it_cannot_be_combined_with_another_option(
    run: Run, data_dir: Path, option: str
) -> None:
    with pytest.raises(CommandError, match="--forget cannot be combined") as caught:
        run("--forget", option, stdin="y\n")

    assert caught.value.returncode == 2
    assert names(data_dir) == ["usage_uuid"]
