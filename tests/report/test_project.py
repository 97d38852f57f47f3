"""A project other than paperless-ngx names itself in its settings, completely."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from paperless import version as host_version
from paperless_report import contract
from paperless_report.errors import Problem, ReportingError
from paperless_report.host.project import find_project, name_variables
from paperless_report.project import Project, Variables
from paperless_report.project_faults import find_faults
from paperless_report.state.identity import obtain_identity
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
    {**SETTING, "events": "events.schema.json"},
    {**SETTING, "groups": ["import"]},
    {**SETTING, "period": 7},
    {},
    "bookshelf",
]


def test_without_the_setting_the_project_is_paperless_ngx() -> None:
    project = find_project()

    assert project.package == "paperless"
    assert project.name == "paperless-ngx"
    assert project.page == "https://docs.paperless-ngx.com/usage-reporting/"
    assert project.contract == contract.REPORT
    assert project.events is None
    assert project.period == timedelta(days=7)
    assert project.identity_file
    assert find_faults(project) == []
    assert name_variables() == Variables(
        switch="PAPERLESS_USAGE_REPORTING",
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

    project = find_project()

    assert {it: getattr(project, it) for it in SETTING} == SETTING
    assert find_faults(project) == []


def test_the_setting_declares_events_groups_and_a_period(settings: Settings) -> None:
    own = {
        "events": {},
        "groups": {"imports": ["import"]},
        "period": timedelta(days=1),
    }
    settings.USAGE_REPORTING_PROJECT = {**SETTING, **own}

    assert {it: getattr(find_project(), it) for it in own} == own


OBJECT = Project(
    name="Bookshelf",
    page="https://bookshelf.example.org/reports",
    prefix="SHELF",
    data_dir="/srv/bookshelf",
    contract=contract.REPORT,
    endpoint="https://reports.bookshelf.example.org",
)


def test_the_old_command_forgets_at_the_endpoint_that_the_project_declares(
    settings: Settings, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an address, it would say so and ask nothing."""
    project = dataclasses.replace(OBJECT, data_dir=data_dir)
    monkeypatch.setattr(f"{__name__}.OBJECT", project)
    settings.USAGE_REPORTING_PROJECT = f"{__name__}.OBJECT"
    obtain_identity(data_dir)

    assert "Forget this installation? [y/N]" in Run(monkeypatch)(
        "--forget", stdin="n\n"
    )


def test_the_setting_may_be_the_dotted_path_of_a_project(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = f"{__name__}.OBJECT"

    assert find_project().name == "Bookshelf"
    assert find_project().find_data_dir() == Path("/srv/bookshelf")
    assert name_variables().endpoint == "SHELF_USAGE_REPORTING_URL"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no_such_package.PROJECT", "No module named 'no_such_package'"),
        (f"{__name__}.INCOMPLETE", "list"),
    ],
)
def test_a_dotted_path_of_something_else_is_an_error(
    settings: Settings, path: str, reason: str
) -> None:
    settings.USAGE_REPORTING_PROJECT = path

    with pytest.raises(ReportingError) as caught:
        find_project()

    assert caught.value.problem is Problem.NOT_A_PROJECT
    assert caught.value.details["reason"] == reason
    assert name_variables().endpoint == "PAPERLESS_USAGE_REPORTING_URL"


def test_the_prefix_names_the_variables(settings: Settings) -> None:
    settings.USAGE_REPORTING_PROJECT = {**SETTING, "prefix": "BOOKSHELF"}

    assert name_variables() == Variables(
        switch="BOOKSHELF_USAGE_REPORTING",
        endpoint="BOOKSHELF_USAGE_REPORTING_URL",
        data_dir="DATA_DIR",
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
    [
        (
            "1.4",
            (
                "its collector returned a text, but the contract allows a text of up to 14 "
                r"characters that matches ^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$"
            ),
        ),
        (None, "its collector failed with AttributeError"),
    ],
)
def test_a_dry_run_says_why_a_report_could_not_be_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, version: str | None, reason: str
) -> None:
    if version is None:
        monkeypatch.delattr(host_version, "__full_version_str__")
    else:
        monkeypatch.setattr(host_version, "__full_version_str__", version)

    assert " ".join(after_preview(run("--dry-run")).split()) == (
        f"A report could not be sent: Version ({reason}). "
        "Dry run \N{EM DASH} nothing sent."
    )
