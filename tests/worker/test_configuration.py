"""The guarantees that wrangler.jsonc gives in each environment."""

from typing import Any

import pytest

from worker.local import configuration

Environment = dict[str, Any]
ENVIRONMENTS: dict[str, Environment] = {
    "production": configuration.read_environment(),
    "preview": configuration.read_environment("preview"),
    "local": configuration.read_environment("local"),
}
every_environment = pytest.mark.parametrize(
    "environment", ENVIRONMENTS.values(), ids=list(ENVIRONMENTS)
)


@pytest.mark.parametrize("key", ["api_token", "account_id", "zone_id"])
def test_the_file_names_no_account(key: str) -> None:
    assert key not in configuration.wrangler_file().read_text(encoding="utf-8")


@every_environment
def test_invocation_logs_are_off(environment: Environment) -> None:
    """They would hold the address of every sender."""
    assert environment["observability"] == {
        "enabled": True,
        "logs": {"invocation_logs": False},
        "traces": {"enabled": False},
    }
    assert not {"logpush", "tail_consumers"} & set(environment)


@every_environment
def test_the_cron_runs_daily(environment: Environment) -> None:
    (cron,) = environment["triggers"]["crons"]
    minute, hour, *days = cron.split()

    assert minute.isdigit()
    assert hour.isdigit()
    assert days == ["*", "*", "*"]


@every_environment
def test_reports_are_kept_for_a_year(environment: Environment) -> None:
    assert environment["vars"] == {"RETENTION_DAYS": 365}


def test_the_preview_does_not_take_over_productions_domain() -> None:
    """Wrangler passes the routes of the top level down to it unless it has its own."""
    assert ENVIRONMENTS["preview"]["routes"] == []
    assert ENVIRONMENTS["preview"]["workers_dev"] is True


def test_every_environment_has_a_database_of_its_own() -> None:
    databases = [
        database for it in ENVIRONMENTS.values() for database in it["d1_databases"]
    ]

    assert [database["binding"] for database in databases] == ["DB"] * len(ENVIRONMENTS)
    for key in ("database_name", "database_id"):
        assert len({database[key] for database in databases}) == len(databases)


def test_production_and_preview_have_the_same_limits_and_count_separately() -> None:
    production, preview = (
        ENVIRONMENTS[name]["ratelimits"] for name in ("production", "preview")
    )
    limits = {limit["name"]: limit["simple"] for limit in production}

    assert set(limits) == {"LIMIT_ADDRESS", "LIMIT_NETWORK", "LIMIT_ALL"}
    assert {limit["period"] for limit in limits.values()} <= {10, 60}, (
        "Cloudflare's limiter knows no other periods"
    )
    assert {limit["name"]: limit["simple"] for limit in preview} == limits
    namespaces = {limit["namespace_id"] for limit in (*production, *preview)}
    assert len(namespaces) == len(production) + len(preview)


def test_the_local_environment_has_no_limits() -> None:
    assert "ratelimits" not in ENVIRONMENTS["local"]
