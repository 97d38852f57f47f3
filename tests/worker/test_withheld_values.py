"""The operator can take a value out of every edition, and put it back."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import pages
from tests.support.endpoint import Answer, Endpoint
from tests.worker.client import get
from tests.worker.clock import DAY, DUE
from tests.worker.cloudflare_api import ACCOUNT, DATABASE, make_project
from tests.worker.database import select_all, split_statements
from tests.worker.population import store_identical
from tests.worker.reports import example_report
from tests.worker.statistics import get_statistics, publish
from usage_receiver import withhold as command
from worker.local.harness import Harness

FACTS = {
    **{key: value for key, value in example_report().items() if key != "uuid"},
    "multi_user": 1,
    "feature_mail": 1,
    "feature_ai": 0,
}
del FACTS["build_date"]


@pytest.fixture
def published(worker: Harness) -> Harness:
    """The Worker with editions of a month and a week, in which each field has two values."""
    for months in (1, 0):
        due = DUE - months * 30 * DAY
        store_identical(worker, 40, due - DAY, f"{months}a", **FACTS)
        others = {"channel": "stable", "arch": "aarch64", "version": "2.14.0"}
        store_identical(worker, 40, due - DAY, f"{months}b", **{**FACTS, **others})
    publish(worker)
    return worker


def withhold(worker: Harness, field: str, value: str) -> None:
    worker.query("INSERT INTO withheld_values VALUES (?1, ?2)", field, value)


def values(edition: dict[str, Any], field: str) -> list[object]:
    betas = edition["betas"] or {"fields": {}}
    fields = {**edition["fields"], **betas["fields"]}
    return [cell["value"] for cell in fields[field]["cells"]] if field in fields else []


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("arch", "x86_64", "x86_64"),
        ("version", "2.15.0", "2.15.0"),
        ("commit", "bd86dca57", "bd86dca57"),
        ("multi_user", "true", True),
        ("feature_ai", "false", False),
    ],
)
def test_a_withheld_value_is_in_no_edition_until_that_is_undone(
    published: Harness, field: str, text: str, value: object
) -> None:
    periods = get_statistics(published)["periods"]
    assert any("-" in period for period in periods), "no closed month"
    paths = [f"/stats?period={period}" for period in periods]
    before = {path: get_statistics(published, path) for path in paths}
    assert any(value in values(edition, field) for edition in before.values())

    withhold(published, field, text)

    def assert_withheld() -> None:
        for path in paths:
            assert value not in values(get_statistics(published, path), field)
            for other in ("/?", "/stats.csv?"):
                page = get(published, path.replace("/stats?", other)).text
                assert isinstance(value, bool) or text not in page
        if field != "commit":
            badge = get(published, f"/badge?{field}={text}").json()
            assert (badge["label"], badge["message"]) == ("installs", "withheld")

    assert_withheld()
    publish(published, DUE + 7 * DAY)
    assert_withheld()

    published.query("DELETE FROM withheld_values")
    publish(published, DUE)
    after = {path: get_statistics(published, path) for path in paths}
    assert any(value in values(edition, field) for edition in after.values())


def test_only_the_withheld_value_of_that_field_is_left_out(published: Harness) -> None:
    before = get_statistics(published)

    withhold(published, "arch", "x86_64")
    withhold(published, "version", "x86_64")

    after = get_statistics(published)
    assert set(values(before, "arch")) == {"x86_64", "aarch64"}
    assert values(after, "arch") == ["aarch64"]
    del before["fields"]["arch"], after["fields"]["arch"]
    assert after == before


def test_a_withheld_channel_takes_its_commits_with_it(published: Harness) -> None:
    """Their total is the number of the channel."""
    assert get_statistics(published)["betas"]

    withhold(published, "channel", "beta")

    assert get_statistics(published)["betas"] is None


def test_the_command_names_every_period_and_week_that_contains_the_value(
    published: Harness,
) -> None:
    """Its first statement finds them."""

    def query(sql: str) -> list[dict[str, Any]]:
        first, *_rest = split_statements(f"{sql};\n")
        return published.query(first)

    _, periods = command.withhold(query, "arch", "x86_64")

    week = f"the week to {DUE:%F}"
    listed = f"2026-04, 30d, 365d, 7d, {week}"
    assert periods == f"These editions contain it: {listed}."
    _, none = command.withhold(query, "arch", "riscv64")
    assert none.startswith("No edition contains it.")


# What a shell, wrangler or SQLite could read as something else than text.
NASTY = 'it\'s; DELETE FROM reports; -- "$(id)" `id` \\ %s {field} é\N{PILE OF POO}\n--remote'


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--undo",)])
def test_the_command_changes_productions_database_and_quotes_any_value(
    published: Harness, tmp_path: Path, options: Sequence[str]
) -> None:
    """Wrangler sends the statements to Cloudflare's API, here to a server on loopback."""
    if options:
        withhold(published, "arch", NASTY)
    withhold(published, "arch", "riscv64")
    tables = {name: select_all(published, name) for name in ("reports", "publications")}
    result = {"results": [{"period": "30d"}], "success": True, "meta": {}}
    answer = {"success": True, "errors": [], "messages": [], "result": [result]}
    with Endpoint() as cloudflare:
        cloudflare.answer = Answer(
            200, json.dumps(answer).encode(), {"Content-Type": "application/json"}
        )
        environ = {
            **{
                name: os.environ[name]
                for name in os.environ
                if "proxy" not in name.lower()
            },
            "CLOUDFLARE_API_BASE_URL": cloudflare.url,
            "CLOUDFLARE_API_TOKEN": "token",
        }
        done = subprocess.run(
            (
                *(sys.executable, "-m", "worker.local", "withhold", "--remote"),
                *("--project", str(make_project(tmp_path / "project")), *options),
                *("--", "arch", NASTY),
            ),
            cwd=pages.ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert "These editions contain it: 30d." in done.stdout
    (request,) = cloudflare.arrived
    assert request.path == f"/accounts/{ACCOUNT}/d1/database/{DATABASE}/query"
    assert request.headers["Authorization"] == "Bearer token"
    for statement in split_statements(json.loads(request.body)["sql"] + ";\n"):
        published.query(statement)
    withheld = {tuple(row.values()) for row in select_all(published, "withheld_values")}
    assert withheld == {("arch", "riscv64"), *([] if options else [("arch", NASTY)])}
    for name, rows in tables.items():
        assert select_all(published, name) == rows
