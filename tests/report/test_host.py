"""A project that is not paperless-ngx says so in its settings, whole or not at all."""

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from paperless_report import host
from paperless_report.obstacle import ObstacleError
from tests.report.conftest import Send
from tests.support.endpoint import Endpoint

BOOKSHELF = {
    "package": "bookshelf",
    "name": "Bookshelf",
    "page": "https://bookshelf.example.org/reports",
}
PARTS = [
    {"package": "bookshelf"},
    {**BOOKSHELF, "page": ""},
    {**BOOKSHELF, "page": None},
    {**BOOKSHELF, "url": "https://reports.example.org"},
    {},
    "bookshelf",
]


def test_where_nothing_is_said_the_project_is_paperless_ngx() -> None:
    assert host.project() == host.PAPERLESS


def test_a_project_is_the_one_that_the_settings_name(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = BOOKSHELF

    assert host.project()._asdict() == BOOKSHELF


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_a_part_of_a_project_is_none(settings: Settings, part: object) -> None:
    settings.USAGE_REPORTING_PROJECT = part

    with pytest.raises(ObstacleError, match=r"must hold package, name, page, each"):
        host.project()


@pytest.mark.django_db
@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("--json",)], ids=str)
def test_nobody_is_asked_for_a_project_that_is_not_known(
    settings: Settings, send: Send, endpoint: Endpoint, flags: tuple[str, ...]
) -> None:
    settings.USAGE_REPORTING_PROJECT = PARTS[0]

    with pytest.raises(CommandError):
        send(*flags, stdin="y\n")

    assert endpoint.arrived == []


@pytest.mark.django_db
def test_the_package_of_another_project_is_looked_into(
    settings: Settings, send: Send
) -> None:
    settings.USAGE_REPORTING_PROJECT = {**BOOKSHELF, "package": "no_such_package"}

    printed = send(stdin="y\n")

    assert "will be sent to Bookshelf" in printed
    assert printed.endswith(
        "Could not be determined: Version, Channel, Install type. Nothing was sent.\n"
    )
