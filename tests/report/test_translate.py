"""Texts are translated by Django where a host has it, and stay English elsewhere."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation

from paperless_report import translate

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("translate_text", "german"),
    [
        (lambda: translate.gettext("January"), "Januar"),
        (lambda: str(translate.gettext_lazy("January")), "Januar"),
        (lambda: translate.ngettext("%(num)d minute", "%(num)d minutes", 2), "Minuten"),
        (lambda: translate.pgettext("abbrev. month", "March"), "März"),
        (lambda: translate.pgettext("usage report", "March"), "March"),
    ],
)
def test_django_translates_in_a_django_host(
    translate_text: Callable[[], str], german: str
) -> None:
    with translation.override("de"):
        assert german in translate_text()


def test_a_lazy_text_follows_the_language() -> None:
    text = translate.gettext_lazy("January")

    with translation.override("de"):
        assert str(text) == "Januar"
    assert str(text) == "January"


def test_without_django_texts_are_english_and_django_is_not_imported() -> None:
    code = (
        "import sys\n"
        "from paperless_report import translate\n"
        "from paperless_report.terminal import forget, send\n"
        "from paperless_report.words import failures, messages\n"
        "print(translate.ngettext('a day', 'days', 1), translate.gettext('January'))\n"
        "print([it for it in sys.modules if it.partition('.')[0] == 'django'])"
    )

    done = subprocess.run(
        (sys.executable, "-c", code),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "a day January\n[]\n"
