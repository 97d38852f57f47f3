"""What an admin reads can be translated; the reasons behind it stay as they are."""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from django.utils import translation
from pytest_django.fixtures import Settings

from docs_tools import catalogue
from paperless_report import contract
from paperless_report.terminal.messages import ID_FILE
from tests.report.command import Run
from tests.report.test_privacy import PATHS
from tests.support.endpoint import Endpoint

pytestmark = pytest.mark.django_db

# What is no translator's: names, an address, a typed answer, the system's own words.
NAMES = (
    ID_FILE,
    contract.load_project()["page"],
    contract.load_project()["name"],
    "[y/N]",
    os.strerror(errno.EISDIR),
)


def test_every_label_is_in_it() -> None:
    known = {(it.context, it.id) for it in catalogue.messages()}

    for field in contract.load_fields().values():
        assert ("usage report", field.title) in known


@pytest.fixture
def wide(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A language that says everything in full-width letters."""
    folder = tmp_path / "locale" / "eo" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    messages = catalogue.messages()
    for message in messages:
        if message.id:
            message.string = translated(message)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, messages)
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    # As Django's own tests do, to have catalogues read anew.
    monkeypatch.setattr("django.utils.translation.trans_real._translations", {})
    with translation.override("eo"):
        yield


def translated(message: Message) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return widened(message.id)
    return tuple(map(widened, message.id))


def widened(text: str) -> str:
    return "".join(
        part if part.startswith("%(") else re.sub("[!-~]", full_width, part)
        for part in re.split(r"(%\(\w+\)s)", text)
    )


def full_width(match: re.Match[str]) -> str:
    return chr(ord(match[0]) + 0xFEE0)


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize("path", PATHS)
def test_no_word_is_left_in_english(
    path: str, run: Run, endpoint: Endpoint, data_dir: Path
) -> None:
    arguments, stdin, endpoint.answer, prepare = PATHS[path]
    prepare(data_dir)

    printed = run(*arguments, stdin=stdin)

    if arguments == ("--json",):
        return  # the bytes of the payload are in no language
    left = untranslated(printed)
    assert not re.search("[A-Za-z]", left), left


def untranslated(printed: str) -> str:
    """What is printed, without values and names."""
    text = re.sub(r" : .*", "", printed)  # the table's right-hand side
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    text = " ".join(text.split())
    for name in NAMES:
        text = text.replace(name, "")
    return text


@pytest.mark.usefixtures("wide")
def test_what_is_sent_is_in_no_language(run: Run, endpoint: Endpoint) -> None:
    printed = run("--json")
    run(stdin="y\n")

    assert endpoint.arrived[0].body == printed.encode("ascii")
