"""Everything that an admin reads can be translated."""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from docs_tools import catalogue
from paperless_report import contract
from paperless_report.host.reporter import find_reporter
from tests.report.command import Run
from tests.report.scenarios import SCENARIOS, Scenario
from tests.support.endpoint import Endpoint
from tests.support.page_reader import PageReader

pytestmark = pytest.mark.django_db

# Names, an address, the letters to type and the system's own words stay as they are.
UNTRANSLATED = (
    contract.load_project()["page"],
    contract.load_project()["name"],
    "[y/N]",
    os.strerror(errno.EISDIR),
)
PAGE = "/admin/usage-reporting/"
# The names of a file, and of fields, which `Left out` mentions.
NAMES = ("usage_uuid", *contract.load_fields())


def test_every_label_and_description_is_in_the_catalogue() -> None:
    known = {(it.context, it.id) for it in catalogue.messages()}

    for field in contract.load_fields().values():
        assert ("usage report", field.title) in known
        assert ("usage report", field.description) in known


@pytest.fixture
def full_width(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A language that writes everything in full-width letters."""
    folder = tmp_path / "locale" / "eo" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    messages = catalogue.messages()
    for message in messages:
        if isinstance(message.id, str):
            message.string = widen(message.id)
        else:
            message.string = tuple(map(widen, message.id))
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, messages)
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    # As Django's own tests do, so that it reads the catalogues again.
    monkeypatch.setattr("django.utils.translation.trans_real._translations", {})
    with translation.override("eo"):
        yield


def widen(text: str) -> str:
    return "".join(
        part
        if part.startswith("%(")
        else re.sub("[!-~]", lambda match: chr(ord(match[0]) + 0xFEE0), part)
        for part in re.split(r"(%\(\w+\)s)", text)
    )


@pytest.mark.usefixtures("full_width")
@pytest.mark.parametrize(
    "scenario",
    [it for it in SCENARIOS.values() if it.arguments != ("--json",)],
    ids=[name for name in SCENARIOS if name != "json"],
)
@pytest.mark.parametrize("verbosity", [1, 2])
def test_no_english_word_is_left(
    scenario: Scenario, run: Run, endpoint: Endpoint, data_dir: Path, verbosity: int
) -> None:
    endpoint.answer = scenario.answer
    scenario.prepare(data_dir)

    printed = run(*scenario.arguments, stdin=scenario.stdin, verbosity=verbosity)

    text = re.sub(r" : .*", "", printed)  # the values of the preview
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    text = " ".join(text.split())
    places = (str(data_dir), f"{endpoint.url}/report")
    for name in (*UNTRANSLATED, "arch is missing", *places, *NAMES):
        text = text.replace(name, "")
    assert not re.search("[A-Za-z]", text), text


@pytest.mark.usefixtures("full_width", "run")
@pytest.mark.parametrize(
    "commands",
    [
        [("status",), ("preview",), ("run",), ("forget",), ("history",), ("delete",)],
        [("on",), ("on", "--yes"), ("on",), ("status",), ("run",), ("run", "--now")],
        [("on", "--yes"), ("forget",), ("forget", "--yes")],
        [("on", "--yes"), ("off",), ("status",), ("on", "--yes"), ("off", "--yes")],
        [("on", "--yes"), ("delete",), ("delete", "--yes"), ("delete", "--yes")],
    ],
    ids=lambda it: " ".join(map(" ".join, it)),
)
def test_no_english_word_is_left_in_usage_reporting(
    commands: list[tuple[str, ...]],
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find_reporter.cache_clear()
    run = Run(monkeypatch, "usage_reporting")

    for arguments in commands:
        text = run(*arguments)
        text = re.sub(
            r"manage.py usage_reporting \w+|usage_reporting.sqlite3", "", text
        )
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
        text = re.sub(r"[\d:-]+\s+UTC", "", text)
        # The values of the preview.
        text = re.sub(r" : [\x20-\x7e\N{EN DASH}]*", "", text)
        for name in (*UNTRANSLATED, *NAMES, endpoint.url, "/report"):
            text = text.replace(name, "")
        assert not re.search("[A-Za-z]", text), text


@pytest.mark.usefixtures("full_width", "run", "one_reporter", "page_threads")
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.django_db(transaction=True)  # for the threads
def test_no_english_word_is_left_on_the_page(
    client: Client, endpoint: Endpoint, settings: Settings
) -> None:
    settings.LANGUAGE_CODE = "eo"
    client.force_login(User.objects.create_superuser("admin"))

    for action in ("off", "on", "send_now", "off_and_forget", "delete"):
        forms = PageReader(client.get(PAGE).content.decode()).forms
        fields = {**forms[action].fields, "confirm": "yes"}
        html = client.post(PAGE, fields, follow=True).content.decode()

        # The bytes of a report, and its values.
        html = re.sub("<pre.*?</pre>|(?<=</th>)<td>.*?</td>", "", html)
        text = PageReader(html).text
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
        text = re.sub(r"[\d:-]+ UTC", "", text)
        home = str(admin.site.index_title)  # Django's own text
        for name in (home, *UNTRANSLATED, *NAMES, endpoint.url, "/report", "/forget"):
            text = text.replace(name, "")
        assert not re.search("[A-Za-z]", text), text


@pytest.mark.usefixtures("full_width")
def test_the_payload_does_not_depend_on_the_language(
    run: Run, endpoint: Endpoint
) -> None:
    printed = run("--json")
    run(stdin="y\n")

    assert endpoint.arrived[0].body == printed.encode("ascii")
