"""Everything that an admin reads is there in German, too."""

import gettext
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from docs_tools import catalogue
from hatch_build import compile_catalogue

GERMAN = [it for it in catalogue.read("de") if it.id]
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def list_texts(texts: str | Iterable[str] | None) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts or ())


@pytest.fixture
def german(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our German catalogue, as a build compiles it."""
    file = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(compile_catalogue(catalogue.find_file("de").read_text("utf-8")))
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    # As Django's own tests do, so that it reads the catalogues again.
    monkeypatch.setattr("django.utils.translation.trans_real._translations", {})


def is_translated(message: Message) -> bool:
    originals, translated = list_texts(message.id), list_texts(message.string)
    return len(originals) == len(translated) and all(
        text
        and sorted(PLACEHOLDER.findall(original)) == sorted(PLACEHOLDER.findall(text))
        # Where a text breaks has a meaning, unless it is the help of a command.
        and original.endswith("\n") == text.endswith("\n")
        and (original.endswith("\n") or original.count("\n") == text.count("\n"))
        for original, text in zip(originals, translated, strict=True)
    )


def test_every_message_has_a_german_one_with_the_same_placeholders() -> None:
    assert [it.id for it in GERMAN if not is_translated(it)] == []


def test_a_compiled_catalogue_says_what_its_source_says() -> None:
    source = catalogue.find_file("de").read_text("utf-8")

    compiled = compile_catalogue(source)

    read = gettext.GNUTranslations(io.BytesIO(compiled))
    for message in GERMAN:
        original, *plural = list_texts(message.id)
        if plural:
            forms = [read.ngettext(original, plural[0], number) for number in (1, 2)]
        elif message.context:
            forms = [read.pgettext(message.context, original)]
        else:
            forms = [read.gettext(original)]
        assert forms == list_texts(message.string)
    assert compile_catalogue(source) == compiled


@pytest.mark.usefixtures("german", "one_reporter")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("languages", "code", "title"),
    [
        ("de", "de", "Nutzungsberichte"),
        ("de-AT, en;q=0.5", "de", "Nutzungsberichte"),
        ("en-GB", "en", "Usage reporting"),
        ("eo", "en", "Usage reporting"),
    ],
)
def test_the_page_has_the_language_of_the_admin_or_is_english(
    client: Client, languages: str, code: str, title: str
) -> None:
    client.force_login(User.objects.create_superuser("admin"))

    page = client.get(
        "/admin/usage-reporting/", headers={"accept-language": languages}
    ).content.decode()

    assert f'<html lang="{code}">' in page
    assert f"<h1>{title}</h1>" in page


@pytest.mark.usefixtures("german")
def test_labels_of_fields_are_german() -> None:
    with translation.override("de"):
        assert translation.pgettext("usage report", "Documents") == "Dokumente"
