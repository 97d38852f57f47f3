"""Every kind of report that has a contract can be sent."""

import importlib
import pkgutil

import pytest

from paperless_report import contract
from paperless_report.kinds import KINDS, Kind
from paperless_report.management import commands


def test_every_contract_is_a_kind() -> None:
    assert sorted(kind.name for kind in KINDS) == contract.list_kinds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_its_fields_are_its_contracts_and_each_has_a_collector(kind: Kind) -> None:
    assert kind.fields == contract.load_fields(kind.name)
    assert ["uuid", *kind.collectors] == list(kind.fields)


def test_each_has_a_command() -> None:
    modules = [
        importlib.import_module(f"{commands.__name__}.{it.name}")
        for it in pkgutil.iter_modules(commands.__path__)
    ]

    assert {it.Command.kind.name for it in modules} == {it.name for it in KINDS}
