"""What wrangler.jsonc says of each environment."""

from typing import Any

import pytest

from worker.local import configuration

ENVIRONMENTS = {
    name or "production": configuration.environment(name)
    for name in (None, "preview", "local")
}
DEPLOYED = {name: it for name, it in ENVIRONMENTS.items() if name != "local"}
every = pytest.mark.parametrize(
    "environment", ENVIRONMENTS.values(), ids=list(ENVIRONMENTS)
)
deployed = pytest.mark.parametrize("environment", DEPLOYED.values(), ids=list(DEPLOYED))
Environment = dict[str, Any]


@pytest.mark.parametrize("private", ["api_token", "account_id", "zone_id"])
def test_it_holds_no_account(private: str) -> None:
    assert private not in configuration.PATH.read_text(encoding="utf-8")


@every
def test_invocation_logs_are_off(environment: Environment) -> None:
    """They would hold the address of every sender."""
    assert environment["observability"] == {
        "enabled": True,
        "logs": {"invocation_logs": False},
        "traces": {"enabled": False},
    }
    assert not {"logpush", "tail_consumers"} & set(environment)


@every
def test_the_cron_is_daily(environment: Environment) -> None:
    (cron,) = environment["triggers"]["crons"]
    minute, hour, *days = cron.split()

    assert minute.isdigit()
    assert hour.isdigit()
    assert days == ["*", "*", "*"]


@every
def test_reports_are_kept_for_a_year(environment: Environment) -> None:
    assert environment["vars"] == {"RETENTION_DAYS": 365}


def test_a_preview_does_not_take_productions_domain() -> None:
    """What the operator's page adds to the top level would be handed down to it."""
    preview = configuration.environment("preview")

    assert preview["routes"] == []
    assert preview["workers_dev"] is True


def test_no_two_share_a_database() -> None:
    databases = [it["d1_databases"] for it in ENVIRONMENTS.values()]

    assert all(len(it) == 1 and it[0]["binding"] == "DB" for it in databases)
    for key in ("database_name", "database_id"):
        assert len({it[0][key] for it in databases}) == len(databases)


@deployed
def test_what_is_deployed_has_both_limits(environment: Environment) -> None:
    names = {it["name"] for it in environment["ratelimits"]}

    assert names == {"LIMIT_ADDRESS", "LIMIT_ALL"}


def test_the_preview_is_limited_as_production_is_and_apart_from_it() -> None:
    production, preview = (it["ratelimits"] for it in DEPLOYED.values())
    limits = [{it["name"]: it["simple"] for it in one} for one in (production, preview)]

    assert limits[0] == limits[1]
    assert not {it["namespace_id"] for it in production} & {
        it["namespace_id"] for it in preview
    }


def test_this_machine_is_not_limited() -> None:
    assert "ratelimits" not in ENVIRONMENTS["local"]
