"""A query that hangs can be interrupted, and one that fails breaks nothing."""

import contextvars
import signal
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from paperless_report.host import database
from paperless_report.host.database import Patience
from paperless_report.host.kinds import load_kind
from tests.report.command import Run
from tests.support.preview import read_preview

pytestmark = pytest.mark.point("C13")


def ignore() -> None:
    """Do nothing about a slow database."""


def create_user_and_fail() -> None:
    User.objects.create(username="nobody")
    raise DatabaseError


def query_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_query_begins_none() -> None:
    """With SQLite's `BEGIN IMMEDIATE`, it would wait for writers."""
    with CaptureQueriesContext(connection) as queries:
        for collect in load_kind("report").collectors.values():
            collect()

    statements = {it["sql"].split()[0] for it in queries.captured_queries}
    assert statements == {"SELECT"}


@pytest.mark.django_db
def test_a_query_that_fails_leaves_the_callers_transaction_usable(run: Run) -> None:
    with transaction.atomic():
        User.objects.create(username="somebody")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE documents_document RENAME TO lost")
        printed = run("--dry-run")

    shown = read_preview(printed)
    assert "doc_bucket" not in shown
    assert "feature_mail" in shown
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_autocommit_a_failed_query_costs_the_caller_nothing() -> None:
    connection.set_autocommit(False)
    try:
        User.objects.create(username="somebody")
        with pytest.raises(DatabaseError):
            Patience(ignore).wrap(query_nothing)()
        connection.commit()
    finally:
        connection.set_autocommit(True)

    assert [user.username for user in User.objects.all()] == ["somebody"]


@pytest.mark.django_db
@pytest.mark.parametrize("savepoint", [True, False])
def test_a_query_that_fails_in_a_block_of_its_own_is_undone_alone(
    *, savepoint: bool
) -> None:
    def query() -> None:
        with transaction.atomic(savepoint=savepoint):
            create_user_and_fail()

    User.objects.create(username="somebody")
    with pytest.raises(DatabaseError):
        Patience(ignore).wrap(query)()

    assert [user.username for user in User.objects.all()] == ["somebody"]


@pytest.mark.django_db(transaction=True)
def test_a_query_that_fails_leaves_no_transaction_that_it_began() -> None:
    def query() -> None:
        connection.set_autocommit(False)  # as on a new connection, by the settings
        create_user_and_fail()

    try:
        with pytest.raises(DatabaseError):
            Patience(ignore).wrap(query)()

        assert User.objects.count() == 0
    finally:
        connection.set_autocommit(True)


@pytest.mark.django_db
def test_a_query_sees_what_the_caller_has_not_committed_yet() -> None:
    User.objects.create(username="somebody")

    assert Patience(ignore).wrap(User.objects.count)() == 1


def test_a_query_sees_the_callers_context_variables() -> None:
    tenant = contextvars.ContextVar("tenant", default="none")
    tenant.set("library")

    assert Patience(ignore).wrap(tenant.get)() == "library"


@pytest.mark.parametrize("error", [DatabaseError, SystemExit, TimeoutError])
def test_an_error_reaches_the_caller(error: type[BaseException]) -> None:
    def query() -> None:
        raise error

    with pytest.raises(error):
        Patience(ignore).wrap(query)()


def test_a_slow_database_is_mentioned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SLOW_SECONDS", 0.01)
    mentioned = threading.Event()
    times: list[str] = []

    def on_slow() -> None:
        times.append("slow")
        mentioned.set()

    def query() -> bool:
        return mentioned.wait(60) and not threading.Event().wait(0.1)

    patience = Patience(on_slow)
    assert [patience.wrap(query)() for _ in range(3)] == [True] * 3
    assert times == ["slow"]


def test_a_fast_database_is_not_mentioned() -> None:
    times: list[str] = []

    Patience(lambda: times.append("slow")).wrap(ignore)()

    assert times == []


@pytest.fixture
def interrupted() -> Callable[[], object]:
    """Return a function that waits for a database until Ctrl-C."""
    answered = threading.Event()

    def press() -> None:
        signal.raise_signal(signal.SIGINT)

    patience = Patience(press)

    def wait() -> None:
        with pytest.raises(KeyboardInterrupt):
            patience.wrap(answered.wait)()
        answered.set()

    return wait


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_transaction", [False, True])
def test_ctrl_c_stops_waiting_and_keeps_only_a_connection_in_a_transaction(
    monkeypatch: pytest.MonkeyPatch,
    interrupted: Callable[[], object],
    *,
    in_transaction: bool,
) -> None:
    monkeypatch.setattr(database, "_SLOW_SECONDS", 0.01)
    before = connections["default"]
    before.ensure_connection()
    try:
        if in_transaction:
            with transaction.atomic():
                interrupted()
                User.objects.create(username="somebody")
        else:
            interrupted()

        assert (connections["default"] is before) is in_transaction
        assert User.objects.count() == int(in_transaction)
    finally:
        connections["default"] = before


def test_where_no_thread_can_start_the_query_runs_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert Patience(ignore).wrap(threading.get_ident)() == threading.get_ident()
