"""Every report kind that has a contract can be sent."""

import importlib
import pkgutil

import pytest

from paperless_report import contract
from paperless_report.host.kinds import load_kind
from paperless_report.management import commands


@pytest.mark.parametrize("kind", contract.list_kinds())
def test_every_field_but_the_id_has_a_collector(kind: str) -> None:
    loaded = load_kind(kind)

    assert [loaded.key, *loaded.collectors] == [*contract.load_fields(kind)], (
        "Add a collector for each field to paperless_report/host/paperless_ngx.py."
    )


def test_a_usage_report_counts_once_in_seven_days() -> None:
    assert load_kind("report").once_in_days == 7


def test_every_kind_has_a_command() -> None:
    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    modules = [importlib.import_module(f"{commands.__name__}.{it}") for it in names]

    # `usage_reporting` is for all kinds.
    kinds = {it.Command.kind for it in modules if hasattr(it.Command, "kind")}
    assert kinds == {*contract.list_kinds()}, (
        "Add a command for each report kind to paperless_report/management/commands/."
    )
