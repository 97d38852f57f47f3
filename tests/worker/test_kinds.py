"""Every kind of report that has a contract is taken, counted once, and forgotten."""

import datetime as dt

import pytest
import requests

from paperless_report import contract
from tests.worker.conftest import DUE, UUID, tables
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]


def examples(kind: str) -> Report:
    """A report with every field, and the ID of all these tests."""
    fields = contract.load_fields(kind).values()
    return {**{it.name: it.schema["examples"][0] for it in fields}, "uuid": UUID}


def rows(worker: Harness) -> dict[str, list[Report]]:
    """What each table that has any row of an installation has."""
    found = {it: worker.query(f'SELECT * FROM "{it}"') for it in tables(worker)}  # noqa: S608  # the database's own names
    return {it: rows for it, rows in found.items() if rows and "uuid" in rows[0]}


@pytest.mark.parametrize("kind", contract.list_kinds())
def test_its_contract_is_served(worker: Harness, kind: str) -> None:
    answer = requests.get(f"{worker.url}/{kind}.schema.json", timeout=30)

    assert answer.json() == contract.load_schema(kind)


@pytest.mark.parametrize("kind", contract.list_kinds())
def test_a_report_is_stored_whole_and_as_the_latest(worker: Harness, kind: str) -> None:
    assert post(worker, examples(kind), f"/{kind}").status_code == 204

    whole, latest = sorted(rows(worker).values(), key=lambda it: -len(it[0]))
    stored = {name: value for name, value in whole[0].items() if name != "id"}
    assert stored.pop("received") == latest[0]["received"]
    assert stored == examples(kind)
    published = {
        name
        for name, it in contract.load_fields(kind).items()
        if "x-published" in it.schema
    }
    assert set(latest[0]) == {"uuid", "received", *published}


@pytest.mark.parametrize("kind", contract.list_kinds())
def test_one_report_counts_in_seven_days_and_hinders_no_other_kind(
    worker: Harness, kind: str
) -> None:
    for other in contract.list_kinds():
        assert post(worker, examples(other), f"/{other}").status_code == 204

    assert post(worker, examples(kind), f"/{kind}").status_code == 429


def test_all_kinds_are_forgotten_at_once(worker: Harness) -> None:
    for kind in contract.list_kinds():
        post(worker, examples(kind), f"/{kind}")
    assert len(rows(worker)) == 2 * len(contract.list_kinds())

    assert post(worker, {"uuid": UUID}, "/forget").status_code == 204
    assert rows(worker) == {}


def test_all_kinds_are_purged(worker: Harness) -> None:
    for kind in contract.list_kinds():
        post(worker, examples(kind), f"/{kind}")

    assert worker.run_cron(DUE + dt.timedelta(days=3660)) == "ok"
    assert rows(worker) == {}
