from importlib import metadata

import django
import pytest
from django.core import checks
from pytest_django.fixtures import Settings

from paperless_report.apps import check_endpoint

VARIABLE = "PAPERLESS_USAGE_REPORTING_URL"


def test_both_checks_are_registered(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv(VARIABLE, "ftp://reports.example.org")
    settings.USAGE_REPORTING_PROJECT = "Bookshelf"

    assert {message.id for message in checks.run_checks()} == {
        "paperless_report.W001",
        "paperless_report.W002",
    }


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("", []),
        ("https://reports.example.org", []),
        ("http://127.0.0.1:8787", []),
        ("http://reports.example.org", ["paperless_report.W001"]),
        ("reports.example.org", ["paperless_report.W001"]),
    ],
)
@pytest.mark.parametrize("place", ["setting", "variable"])
def test_a_malformed_endpoint_is_a_warning_and_not_an_error(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    url: str,
    ids: list[str],
    place: str,
) -> None:
    if place == "setting":
        settings.PAPERLESS_USAGE_REPORTING_URL = url
    else:
        monkeypatch.setenv(VARIABLE, url)

    messages = check_endpoint()

    assert [message.id for message in messages] == ids
    assert not any(message.is_serious() for message in messages)


def test_the_metadata_lists_the_django_that_runs_these_tests() -> None:
    """If this fails for a new version, its tests pass: add it to the classifiers."""
    classifiers = metadata.metadata("paperless-report").get_all("Classifier")

    version = ".".join(map(str, django.VERSION[:2]))
    assert f"Framework :: Django :: {version}" in (classifiers or ())
