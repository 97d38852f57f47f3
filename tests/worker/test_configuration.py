"""What the wrangler.jsonc of paperless-ngx promises beyond that of every project."""

import pytest

from usage_receiver import configuration


@pytest.mark.parametrize("name", [None, "preview", "local"])
def test_reports_are_kept_for_a_year(name: str | None) -> None:
    assert configuration.read_environment(name)["vars"] == {"RETENTION_DAYS": 366}


def test_the_preview_does_not_take_over_productions_domain() -> None:
    """Wrangler passes the routes of the top level down to it unless it has its own."""
    preview = configuration.read_environment("preview")

    assert preview["routes"] == []
    assert preview["workers_dev"] is True
