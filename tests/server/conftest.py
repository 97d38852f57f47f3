"""Marks every test here as one of the server alone."""

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("server")
