"""Where Printernizer runs is found out from its own machine."""

from pathlib import Path

import pytest

from projects.printernizer.client import project
from projects.printernizer.facts import find_country, find_deployment, find_platform


@pytest.mark.parametrize(
    ("environ", "files", "deployment"),
    [
        ({}, {}, "standalone"),
        ({}, {"proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"}, "pi"),
        ({}, {"proc/device-tree/model": "ROCK Pi 4\0"}, "standalone"),
        ({}, {".dockerenv": ""}, "docker"),
        ({"container": "podman"}, {}, "docker"),
        # On a Raspberry Pi.
        ({}, {".dockerenv": "", "proc/device-tree/model": "Raspberry Pi 5"}, "docker"),
        # An add-on of Home Assistant is a container.
        ({"SUPERVISOR_TOKEN": "x"}, {".dockerenv": ""}, "homeassistant"),
        ({"HASSIO_TOKEN": "x"}, {}, "homeassistant"),
    ],
)
def test_the_deployment_is_found_by_its_first_sign(
    tmp_path: Path, environ: dict[str, str], files: dict[str, str], deployment: str
) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    assert find_deployment(environ, tmp_path) == deployment


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("linux", "linux"),
        ("darwin", "darwin"),
        ("win32", "windows"),
        ("freebsd14", "freebsd"),
        ("aix", None),
    ],
)
def test_the_operating_system_has_the_name_of_the_contract(
    name: str, platform: str | None
) -> None:
    assert find_platform(name) == platform


@pytest.mark.parametrize(
    ("time_zone", "country"),
    [
        ("Europe/Berlin", "DE"),
        ("Europe/London", "GB"),
        ("Europe/Paris", "FR"),
        ("Europe/Rome", "IT"),
        ("Europe/Madrid", "ES"),
        ("America/New_York", "US"),
        ("America/Chicago", "US"),
        ("America/Denver", "US"),
        ("America/Los_Angeles", "US"),
        ("Asia/Tokyo", "JP"),
        ("Australia/Sydney", "AU"),
        ("Europe/Vienna", "XX"),
        ("UTC", "XX"),
        ("", "XX"),
        ("../etc/passwd", "XX"),
    ],
)
def test_the_country_is_that_of_the_time_zone(time_zone: str, country: str) -> None:
    assert find_country(time_zone) == country
    field = project.load_contract().fields["installation.country_code"]
    assert field.fits(country)
