"""A project other than paperless-ngx names itself in its settings, completely."""

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from paperless_report.errors import Problem, ReportingError
from paperless_report.host.project import find_project
from tests.report.command import Run
from tests.support.endpoint import Endpoint

BOOKSHELF = {
    "package": "bookshelf",
    "name": "Bookshelf",
    "page": "https://bookshelf.example.org/reports",
}
INCOMPLETE = [
    {"package": "bookshelf"},
    {**BOOKSHELF, "page": ""},
    {**BOOKSHELF, "page": None},
    {**BOOKSHELF, "url": "https://reports.example.org"},
    {},
    "bookshelf",
]


def test_without_the_setting_the_project_is_paperless_ngx() -> None:
    assert find_project()._asdict() == {
        "package": "paperless",
        "name": "paperless-ngx",
        "page": "https://docs.paperless-ngx.com/usage-reporting/",
    }


def test_the_setting_names_the_project(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = BOOKSHELF

    assert find_project()._asdict() == BOOKSHELF


@pytest.mark.parametrize("value", INCOMPLETE, ids=str)
def test_an_incomplete_setting_is_an_error(settings: Settings, value: object) -> None:
    settings.USAGE_REPORTING_PROJECT = value

    with pytest.raises(ReportingError) as caught:
        find_project()

    assert caught.value.problem is Problem.INVALID_PROJECT


@pytest.mark.django_db
@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--json",)], ids=str)
def test_nobody_is_asked_to_send_to_an_unknown_project(
    settings: Settings, run: Run, endpoint: Endpoint, options: tuple[str, ...]
) -> None:
    settings.USAGE_REPORTING_PROJECT = INCOMPLETE[0]

    with pytest.raises(CommandError):
        run(*options, stdin="y\n")

    assert endpoint.arrived == []


@pytest.mark.django_db
def test_facts_come_from_the_package_of_the_project(
    settings: Settings, run: Run
) -> None:
    settings.USAGE_REPORTING_PROJECT = {**BOOKSHELF, "package": "no_such_package"}

    printed = run(stdin="y\n")

    assert "will be sent to Bookshelf" in printed
    assert printed.endswith(
        "Could not be determined: Version, Install type. Nothing was sent.\n"
    )
