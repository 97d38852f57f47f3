"""An ID is kept in one place, and a deleted one leaves no trace, not even in the history."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paperless_report.errors import Problem, ReportingError
from paperless_report.report.outgoing import Sent
from paperless_report.state import history
from paperless_report.state.database import FILE, Database
from paperless_report.state.identities import Identities, choose_identities

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
OTHER = "1c1d1f2e-5d5c-4c53-9a67-0a4c3f0f6a22"
BODY = f'{{"uuid":"{ID}","version":"1.0"}}'.encode()


@pytest.fixture
def database(data_dir: Path) -> Database:
    return Database(data_dir)


@pytest.fixture(params=[False, True], ids=["table", "files"])
def identity_file(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def identities(data_dir: Path, *, identity_file: bool) -> Identities:
    return choose_identities(data_dir, identity_file=identity_file)


def traces(folder: Path) -> set[str]:
    """Name the files with the ID in any form."""
    known = uuid.UUID(ID)
    forms = (ID.encode(), known.hex.encode(), known.bytes, known.bytes_le)
    return {
        it.name
        for it in folder.iterdir()
        if any(form.lower() in it.read_bytes().lower() for form in forms)
    }


def test_without_an_id_none_is_found_and_none_made(
    database: Database, identities: Identities
) -> None:
    with database.read() as connection:
        assert connection is None
        assert identities.find(connection) is None
        assert identities.list_set_aside(connection) == []
    with database.write() as writing:
        assert identities.find(writing) is None
        assert identities.remove(writing) is None


def test_the_id_is_made_once(database: Database, identities: Identities) -> None:
    with database.write() as connection:
        made = identities.obtain(connection)
        assert identities.obtain(connection, ID) == made

    with database.read() as reading:
        assert identities.find(reading) == made
    assert uuid.UUID(made).version == 4


def test_the_id_that_a_preview_showed_is_the_one_that_is_kept(
    database: Database, identities: Identities
) -> None:
    with database.write() as connection:
        assert identities.obtain(connection, ID) == ID
        assert identities.find(connection) == ID


def test_an_id_that_is_set_aside_is_never_used_again(
    database: Database, identities: Identities
) -> None:
    with database.write() as connection:
        identities.obtain(connection, ID)
        identities.set_aside(connection, ID)
        identities.set_aside(connection, ID)

        assert identities.find(connection) is None
        assert identities.list_set_aside(connection) == [ID]
        new = identities.obtain(connection, ID)
        assert new != ID

        identities.set_aside(connection, OTHER)
        identities.drop_set_aside(connection, ID)
        assert identities.find(connection) == new
        assert identities.list_set_aside(connection) == [OTHER]


def test_dropping_an_id_does_not_delete_the_current_one(
    database: Database, identities: Identities
) -> None:
    with database.write() as connection:
        identities.obtain(connection, ID)
        identities.drop_set_aside(connection, ID)

        assert identities.find(connection) == ID


@pytest.mark.parametrize("is_set_aside", [False, True])
def test_a_deleted_id_leaves_no_trace(
    database: Database, identities: Identities, *, is_set_aside: bool
) -> None:
    with database.write() as connection:
        identities.obtain(connection, ID)
        identities.set_aside(connection, OTHER)
        for _ in range(50):
            row = history.begin(connection, NOW, f"https://a.b/{ID}", BODY, ID)
            history.answer(connection, row, f"200 {ID} {uuid.UUID(ID).hex}", ID)
    assert traces(database.folder)
    if is_set_aside:
        with database.write() as connection:
            identities.set_aside(connection, ID)

    with database.write() as connection:
        if is_set_aside:
            identities.drop_set_aside(connection, ID)
        else:
            assert identities.remove(connection) == ID

    assert traces(database.folder) == set()
    with database.read() as reading:
        assert reading
        digests = reading.execute("SELECT DISTINCT digest FROM history").fetchall()
    assert digests == [(None,)]


def test_with_the_id_in_a_file_the_database_never_holds_it(database: Database) -> None:
    identities = choose_identities(database.folder, identity_file=True)

    with database.write() as connection:
        identities.obtain(connection, ID)
        row = history.begin(connection, NOW, f"https://a.b/{ID}", BODY, ID)
        history.answer(connection, row, f"200 {ID}", ID)
        assert traces(database.folder) == {"usage_uuid"}
    assert traces(database.folder) == {"usage_uuid"}

    with database.write() as connection:
        identities.set_aside(connection, ID)
    assert traces(database.folder) == {"usage_uuid_to_forget"}


def test_delete_removes_the_files_of_all_ids_even_if_the_database_is_damaged(
    database: Database,
) -> None:
    identities = choose_identities(database.folder, identity_file=True)
    with database.write() as connection:
        for known in (ID, OTHER):
            identities.set_aside(connection, known)
        identities.obtain(connection)
    database.path.write_bytes(b"damaged" * 999)

    identities.delete_files()
    database.delete()

    assert list(database.folder.iterdir()) == []


def test_a_link_in_place_of_an_id_that_is_set_aside_leads_nowhere(
    database: Database, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text(f"{ID}\n")
    identities = choose_identities(database.folder, identity_file=True)
    (database.folder / "usage_uuid_to_forget").symlink_to(victim)

    with pytest.raises(ReportingError) as caught, database.write() as connection:
        identities.drop_set_aside(connection, ID)

    assert caught.value.problem is Problem.ID_NOT_DELETED
    assert victim.read_text() == f"{ID}\n"


def test_the_history_shows_every_byte_while_the_id_is_there(database: Database) -> None:
    with database.write() as connection:
        row = history.begin(connection, NOW, f"https://a.b/{ID}", BODY, ID)
        history.answer(connection, row, f"200 Thanks, {ID} ü", ID)

        assert history.list_sent(connection, [OTHER, ID]) == [
            Sent(NOW, f"https://a.b/{ID}", BODY, f"200 Thanks, {ID} ü")
        ]
        assert history.list_sent(connection, [OTHER]) == [
            Sent(
                NOW,
                "https://a.b/<deleted ID>",
                BODY.replace(ID.encode(), b"<deleted ID>"),
                "200 Thanks, <deleted ID> ü",
            )
        ]


def test_requests_without_an_http_answer_are_listed(database: Database) -> None:
    answers = ["204", None, "timeout 10", '429 {"error": "soon"}', "no_connection"]
    with database.write() as connection:
        for number, answer in enumerate(answers):
            at = NOW + timedelta(minutes=number)
            row = history.begin(connection, at, "https://a.b", b"%d" % number, ID)
            if answer:
                history.answer(connection, row, answer, ID)

        assert [it.body for it in history.list_unanswered(connection, None)] == [
            b"1",
            b"2",
            b"4",
        ]
        since = NOW + timedelta(minutes=2)
        assert [it.body for it in history.list_unanswered(connection, since)] == [b"4"]


def test_the_history_keeps_a_year_and_a_megabyte(database: Database) -> None:
    with database.write() as connection:
        for days in (400, 367, 300):
            history.begin(connection, NOW - timedelta(days), "old", b"{}", ID)
        history.begin(connection, NOW, "new", b"{}", ID)
        assert [it.url for it in history.list_sent(connection)] == ["old", "new"]

        for _ in range(30):
            history.begin(connection, NOW, "https://a.b", b"x" * 100_000, ID)
        sent = history.list_sent(connection)

    assert [len(it.body) for it in sent] == [100_000] * 9
    assert (database.folder / FILE).stat().st_size < 2 * history.MOST_BYTES
