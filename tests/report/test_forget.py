"""`--forget`, on a real socket where one is opened at all (decision C12)."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from paperless_report.state import identity
from tests.report.command import Run
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint

pytestmark = [pytest.mark.django_db, pytest.mark.point("C12")]

URL = "PAPERLESS_USAGE_REPORTING_URL"
QUESTION = "Forget this installation? [y/N]: \n"
STAYS = "The installation ID stays."


@pytest.fixture
def known(data_dir: Path) -> str:
    """The ID of an installation that has one."""
    return identity.obtain_identity(data_dir).uuid


def closing(printed: str) -> str:
    """What stands behind the question; lines are joined, as they are a paragraph."""
    return printed.partition(QUESTION)[2].replace("\n", " ").strip()


def kept(data_dir: Path) -> list[str]:
    return [path.name for path in data_dir.iterdir()]


@pytest.mark.parametrize("stdin", ["y\n", "YES\n"])
def test_on_a_yes_the_server_is_asked_and_the_id_deleted(
    run: Run, endpoint: Endpoint, data_dir: Path, known: str, stdin: str
) -> None:
    printed = run("--forget", stdin=stdin)

    (arrived,) = endpoint.arrived
    assert (arrived.method, arrived.path) == ("POST", "/forget")
    assert arrived.body == json.dumps({"uuid": known}, separators=(",", ":")).encode()
    assert kept(data_dir) == []
    assert (
        closing(printed)
        == "Forgotten: the reports and the installation ID are deleted."
    )


def test_it_says_what_it_will_do_before_it_asks(run: Run, known: str) -> None:
    assert run("--forget", stdin="n\n") == (
        "The reporting endpoint will be asked to delete every report with this ID:\n"
        "\n"
        f"  {known}\n"
        "\n"
        "Then PAPERLESS_DATA_DIR/usage_uuid is deleted. A later report would count as a\n"
        "new installation.\n"
        "\n"
        "Forget this installation? [y/N]: \n"
        "Nothing forgotten.\n"
    )


@pytest.mark.parametrize("stdin", ["", "\n", "n\n", "yess\n"])
def test_anything_else_forgets_nothing(
    run: Run, data_dir: Path, known: str, stdin: str
) -> None:
    with sockets.denied() as attempts:
        assert closing(run("--forget", stdin=stdin)) == "Nothing forgotten."

    assert attempts == []
    assert identity.obtain_identity(data_dir).uuid == known


def test_without_an_id_there_is_nothing_to_forget(run: Run, data_dir: Path) -> None:
    with sockets.denied() as attempts:
        assert run("--forget", stdin="y\n") == "Nothing to forget.\n"

    assert attempts == []
    assert kept(data_dir) == []


def test_what_is_no_id_is_nothing_to_forget(run: Run, data_dir: Path) -> None:
    (data_dir / "usage_uuid").write_text("no uuid")

    assert run("--forget", stdin="y\n") == "Nothing to forget.\n"


def test_without_a_data_directory_there_is_nothing_to_forget(
    run: Run, settings: Settings
) -> None:
    del settings.DATA_DIR

    assert run("--forget", stdin="y\n") == "Nothing to forget.\n"


def test_an_id_that_cannot_be_read_is_told(run: Run, data_dir: Path) -> None:
    (data_dir / "usage_uuid").mkdir()

    printed = run("--forget", stdin="y\n").replace("\n", " ")

    assert printed.startswith("The installation ID could not be read (PAPERLESS_DATA")
    assert printed.endswith("Nothing was forgotten. The installation ID stays. ")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "No reporting endpoint is configured."),
        ("http://reports.example.org", f"{URL} must begin with https://."),
    ],
)
def test_without_an_endpoint_the_id_stays(
    run: Run,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    why: str,
) -> None:
    monkeypatch.setenv(URL, url)

    with sockets.denied() as attempts:
        printed = run("--forget", stdin="y\n").replace("\n", " ").strip()

    assert printed == f"{why} Nothing was forgotten. {STAYS}"
    assert attempts == []
    assert kept(data_dir) == ["usage_uuid"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("status", [200, 302, 400, 404, 405, 429, 500, 503])
def test_if_the_server_does_not_the_id_stays(
    run: Run, endpoint: Endpoint, data_dir: Path, status: int
) -> None:
    endpoint.answer = Answer(status, b'{"error": "x"}')

    assert closing(run("--forget", stdin="y\n")) == (
        f"Could not reach the reporting endpoint. Nothing was forgotten. {STAYS}"
    )
    assert kept(data_dir) == ["usage_uuid"]


@pytest.mark.usefixtures("known")
def test_why_it_did_not_is_for_who_asks(run: Run, endpoint: Endpoint) -> None:
    endpoint.answer = Answer(404)

    printed = run("--forget", stdin="y\n", verbosity=2)

    assert "Reason: the endpoint answered 404" in printed


def test_do_not_track_does_not_stop_it(
    run: Run, data_dir: Path, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", "1")

    assert known in run("--forget", stdin="y\n")
    assert kept(data_dir) == []


@pytest.mark.usefixtures("known")
def test_an_id_that_cannot_be_deleted_is_told(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)

    assert closing(run("--forget", stdin="y\n")) == (
        "The reports are deleted, but the installation ID could not be "
        "(PAPERLESS_DATA_DIR/usage_uuid: Permission denied; run this as the user who "
        "owns the data directory). Delete that file yourself."
    )
    assert len(endpoint.arrived) == 1


def test_a_later_report_is_one_of_a_new_installation(
    run: Run, endpoint: Endpoint, known: str
) -> None:
    run("--forget", stdin="y\n")
    run(stdin="y\n")

    assert json.loads(endpoint.arrived[1].body)["uuid"] != known


@pytest.mark.parametrize("flag", ["--dry-run", "--json"])
@pytest.mark.usefixtures("known")
def test_it_goes_with_no_other_flag(run: Run, data_dir: Path, flag: str) -> None:
    with pytest.raises(CommandError, match="--forget cannot be combined") as caught:
        run("--forget", flag, stdin="y\n")

    assert caught.value.returncode == 2
    assert kept(data_dir) == ["usage_uuid"]
