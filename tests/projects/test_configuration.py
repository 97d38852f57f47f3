"""The guarantees that the wrangler.jsonc of every project gives in each environment."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from usage_receiver import configuration

Environment = dict[str, Any]
PROJECTS = {
    it.parent.name: it.parent
    for it in configuration.PAPERLESS_NGX.parent.glob("*/wrangler.jsonc")
}


def read_environments(project: Path) -> dict[str, Environment]:
    """Read the environments by name. Not every project has a preview."""
    environments = {"production": configuration.read_environment(None, project)}
    for name in ("preview", "local"):
        with contextlib.suppress(configuration.ConfigurationError):
            environments[name] = configuration.read_environment(name, project)
    return environments


ENVIRONMENTS = {name: read_environments(folder) for name, folder in PROJECTS.items()}
every_project = pytest.mark.parametrize("project", PROJECTS)
every_environment = pytest.mark.parametrize(
    "environment",
    [
        pytest.param(environment, id=f"{project} {name}")
        for project, environments in ENVIRONMENTS.items()
        for name, environment in environments.items()
    ],
)


@pytest.mark.parametrize("key", ["api_token", "account_id", "zone_id"])
@every_project
def test_the_file_names_no_account(project: str, key: str) -> None:
    file = configuration.wrangler_file(PROJECTS[project])

    assert key not in file.read_text(encoding="utf-8")


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
def test_wrangler_sends_no_usage_data(environment: Environment) -> None:
    assert environment["send_metrics"] is False


@every_environment
def test_the_cron_runs_daily(environment: Environment) -> None:
    (cron,) = environment["triggers"]["crons"]
    minute, hour, *days = cron.split()

    assert minute.isdigit()
    assert hour.isdigit()
    assert days == ["*", "*", "*"]


@every_project
def test_every_environment_has_a_database_of_its_own(project: str) -> None:
    environments = ENVIRONMENTS[project].values()
    databases = [database for it in environments for database in it["d1_databases"]]

    assert [database["binding"] for database in databases] == ["DB"] * len(environments)
    for key in ("database_name", "database_id"):
        assert len({database[key] for database in databases}) == len(databases)


@every_project
def test_production_and_preview_have_the_same_limits_and_count_separately(
    project: str,
) -> None:
    limits = {
        name: {limit["name"]: limit["simple"] for limit in environment["ratelimits"]}
        for name, environment in ENVIRONMENTS[project].items()
        if name != "local"
    }
    namespaces = [
        limit["namespace_id"]
        for it in ENVIRONMENTS.values()
        for environment in it.values()
        for limit in environment.get("ratelimits", ())
    ]

    for each in limits.values():
        # A kind may have a limit for one installation, too.
        assert set(each) - {"LIMIT_INSTALLATION"} == {
            *("LIMIT_ADDRESS", "LIMIT_NETWORK", "LIMIT_ALL")
        }
        assert {limit["period"] for limit in each.values()} <= {10, 60}, (
            "Cloudflare's limiter knows no other periods"
        )
        assert each == limits["production"]
    assert len(set(namespaces)) == len(namespaces)


@every_project
def test_the_local_environment_has_no_limits(project: str) -> None:
    assert "ratelimits" not in ENVIRONMENTS[project]["local"]
