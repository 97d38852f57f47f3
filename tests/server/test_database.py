"""What the receiver relies on when its database is SQLite in a file."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from usage_receiver import node

SECRET = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"  # noqa: S105  # an ID, of database.mjs


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("database") / "items.sqlite"
    script = Path(__file__).with_name("database.mjs")
    done = subprocess.run(
        (*node.make_command(script), str(path)),
        capture_output=True,
        text=True,
        check=True,
    )
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def test_transactions_that_arrive_together_share_a_commit(seen: dict[str, Any]) -> None:
    assert seen["shared"] <= 0.2


def test_a_transaction_that_fails_leaves_nothing_and_fails_alone(
    seen: dict[str, Any],
) -> None:
    assert seen["outcomes"] == ["fulfilled", "rejected", "fulfilled"]
    assert seen["names"] == ["one", "three"]


def test_an_error_names_sqlites_code_and_no_value(seen: dict[str, Any]) -> None:
    assert seen["reason"].endswith(": SQLITE_CONSTRAINT")
    assert SECRET not in seen["reason"]


def test_a_statement_sees_the_changes_of_the_one_before(seen: dict[str, Any]) -> None:
    assert seen["changed"] == [[1, 1], [0, 0]]


def test_blobs_are_lists_of_bytes_and_booleans_are_integers(
    seen: dict[str, Any],
) -> None:
    assert seen["values"] == [[0, 255], 1]


def test_a_read_does_not_wait_for_another_process_that_writes(
    seen: dict[str, Any],
) -> None:
    assert seen["readMeanwhile"] == 5
    assert not seen["storedMeanwhile"]


def test_a_write_waits_for_another_process_without_blocking_requests(
    seen: dict[str, Any],
) -> None:
    assert seen["ticks"] > 10
    assert seen["storedAfterwards"]
