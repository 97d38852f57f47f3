"""A project other than paperless-ngx names itself in its settings, completely."""

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from paperless import version as host_version
from paperless_report.errors import Problem, ReportingError
from paperless_report.host.project import (
    Project,
    Variables,
    find_project,
    name_variables,
)
from tests.report.bookshelf import SETTING
from tests.report.command import Run, after_preview
from tests.support.endpoint import Endpoint

INCOMPLETE = [
    {"package": "bookshelf"},
    {**SETTING, "page": ""},
    {**SETTING, "page": None},
    {**SETTING, "url": "https://reports.example.org"},
    {**SETTING, "contract": "report.schema.json"},
    {**SETTING, "contract": 3},
    {**SETTING, "collectors": {}},
    {**SETTING, "prefix": ""},
    {},
    "bookshelf",
]


def test_without_the_setting_the_project_is_paperless_ngx() -> None:
    assert find_project() == Project(
        package="paperless",
        name="paperless-ngx",
        page="https://docs.paperless-ngx.com/usage-reporting/",
    )
    assert name_variables() == Variables(
        endpoint="PAPERLESS_USAGE_REPORTING_URL",
        data_dir="PAPERLESS_DATA_DIR",
        containerized="PNGX_CONTAINERIZED",
    )


@pytest.mark.usefixtures("other_host")
def test_another_host_without_the_setting_has_no_project() -> None:
    with pytest.raises(ReportingError) as caught:
        find_project()

    assert caught.value.problem is Problem.NO_PROJECT


def test_the_setting_names_the_project(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = SETTING

    assert find_project() == Project(**SETTING)


def test_the_prefix_names_the_variables(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = {**SETTING, "prefix": "BOOKSHELF"}

    assert name_variables() == Variables(
        endpoint="BOOKSHELF_USAGE_REPORTING_URL",
        data_dir="BOOKSHELF_DATA_DIR",
        containerized="BOOKSHELF_CONTAINERIZED",
    )


@pytest.mark.parametrize("value", INCOMPLETE, ids=str)
def test_an_incomplete_setting_is_an_error(settings: Settings, value: object) -> None:
    settings.USAGE_REPORTING_PROJECT = value

    with pytest.raises(ReportingError) as caught:
        find_project()

    assert caught.value.problem is Problem.INVALID_PROJECT


@pytest.mark.django_db
@pytest.mark.usefixtures("other_host")
@pytest.mark.parametrize("value", [None, INCOMPLETE[0]], ids=str)
@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--json",)], ids=str)
def test_nobody_is_asked_to_send_to_an_unknown_project(
    settings: Settings,
    run: Run,
    endpoint: Endpoint,
    value: object,
    options: tuple[str, ...],
) -> None:
    settings.USAGE_REPORTING_PROJECT = value

    with pytest.raises(CommandError, match=r"The setting USAGE_REPORTING_PROJECT"):
        run(*options, stdin="y\n")

    assert endpoint.arrived == []


@pytest.mark.django_db
def test_facts_come_from_the_package_of_the_project(
    settings: Settings, run: Run
) -> None:
    settings.USAGE_REPORTING_PROJECT = {**SETTING, "package": "no_such_package"}

    printed = run(stdin="y\n")

    assert "will be sent to Bookshelf" in printed
    assert printed.endswith(
        "Could not be determined: Version, Install type. Nothing was sent.\n"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.4", "does not fit the contract"), (None, "AttributeError")],
)
def test_a_dry_run_says_why_a_report_could_not_be_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, version: str | None, reason: str
) -> None:
    if version is None:
        monkeypatch.delattr(host_version, "__full_version_str__")
    else:
        monkeypatch.setattr(host_version, "__full_version_str__", version)

    assert after_preview(run("--dry-run")) == (
        f"A report could not be sent: Version ({reason}).\n"
        "Dry run \N{EM DASH} nothing sent.\n"
    )
