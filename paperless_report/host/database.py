"""Runs queries on the host's database that can neither hang nor break the command."""

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from functools import wraps
from typing import TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# After this long, an admin reads that the database has not answered yet.
_SLOW_SECONDS = 2.0

_Answer = TypeVar("_Answer")


class Patience:
    """Waits for the database until it answers, or until Ctrl-C."""

    def __init__(self, on_slow: Callable[[], object]) -> None:
        """Call *on_slow* once, as soon as an answer takes longer than two seconds."""
        self._on_slow = on_slow
        self._was_slow = False

    def wrap(self, query: Callable[[], _Answer]) -> Callable[[], _Answer]:
        """Return a function that runs *query* and that Ctrl-C interrupts.

        Many drivers do not notice Ctrl-C while they wait. So the query runs in a
        thread, on the caller's connections and in the caller's transaction, which
        stays usable if the query fails.
        """

        @wraps(query)
        def run() -> _Answer:
            shared = [connections[alias] for alias in connections]
            begun = _save(shared)
            try:
                answer = self._wait_for(_start(query, shared))
            except KeyboardInterrupt:
                # Leave the connections to the thread: closing them here could crash
                # it. A caller in a transaction keeps its connection: on a new one, its
                # work so far would be lost without an error.
                for connection in shared:
                    if connection not in begun:
                        del connections[connection.alias]
                raise
            except BaseException:
                _undo(shared, begun)
                raise
            _keep(begun)
            return answer

        return run

    def _wait_for(self, answer: Future[_Answer]) -> _Answer:
        is_slow = bool(wait([answer], timeout=_SLOW_SECONDS).not_done)
        if is_slow and not self._was_slow:
            self._was_slow = True
            self._on_slow()
        return answer.result()


def _start(
    query: Callable[[], _Answer], shared: list[BaseDatabaseWrapper]
) -> Future[_Answer]:
    """Run *query* in a thread that ends with the process at the latest."""
    answer: Future[_Answer] = Future()

    def work() -> None:
        try:
            with _used_here(shared):
                result = query()
        except BaseException as error:  # noqa: BLE001  # the caller's thread raises it
            answer.set_exception(error)
        else:
            answer.set_result(result)

    # A host may keep in a context variable which tenant's data to read.
    run = contextvars.copy_context().run
    try:
        threading.Thread(target=run, args=(work,), daemon=True).start()
    except RuntimeError:  # the limit on threads is reached
        work()
    return answer


@contextlib.contextmanager
def _used_here(shared: list[BaseDatabaseWrapper]) -> Iterator[None]:
    """Have this thread use the connections of another one."""
    for connection in shared:
        connection.inc_thread_sharing()
        connections[connection.alias] = connection
    try:
        yield
    finally:
        for connection in shared:
            connection.dec_thread_sharing()


def _is_in_transaction(connection: BaseDatabaseWrapper) -> bool:
    is_connected = connection.connection is not None
    return connection.in_atomic_block or (is_connected and not connection.autocommit)


# In PostgreSQL, a query that fails makes all later ones of its transaction fail. SQLite
# has no savepoints without autocommit, but there a failed query leaves the others alone.
_Savepoints = Mapping[BaseDatabaseWrapper, str | None]


def _save(shared: list[BaseDatabaseWrapper]) -> _Savepoints:
    """Set a savepoint in each transaction in progress.

    Begin no transaction: with SQLite's `BEGIN IMMEDIATE`, which the settings may ask for,
    this would wait for writers. Do not use `atomic`: the thread would change its stack.
    """
    return {it: it.savepoint() for it in shared if _is_in_transaction(it)}


def _keep(begun: _Savepoints) -> None:
    """Release the savepoints of *begun*."""
    for connection, savepoint in begun.items():
        if savepoint:
            connection.savepoint_commit(savepoint)


def _undo(shared: list[BaseDatabaseWrapper], begun: _Savepoints) -> None:
    """Go back to the savepoints of *begun*, and end each transaction begun after them."""
    for connection in shared:
        if savepoint := begun.get(connection):
            connection.needs_rollback = False
            connection.savepoint_rollback(savepoint)
        elif connection not in begun and _is_in_transaction(connection):
            connection.rollback()
