"""Marks every test here as one of the server alone, and makes older migrations."""

import shutil
from pathlib import Path

import pytest

from tests.server.databases import MIGRATIONS


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("server")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The migrations but for the last one."""
    folder = tmp_path / "older"
    shutil.copytree(MIGRATIONS, folder)
    max(folder.iterdir()).unlink()
    return folder
