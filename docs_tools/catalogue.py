"""Collects the messages that admins read into the catalogues of each language."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from paperless_report import contract

PACKAGE = Path(__file__).parents[1] / "paperless_report"
LOCALE = PACKAGE / "locale"

# The functions whose first argument is a message; `_` is `gettext` or `gettext_lazy`.
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# Babel's own header has a date in it, which would change with every run. All our languages
# have the plural forms of English.
_HEADER = """\
# The messages of the reporter. `python -m docs_tools` writes this file, and keeps the
# translations.
msgid ""
msgstr ""
"Language: %s\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def messages() -> Catalog:
    """Collect every message, without a translation."""
    catalog = Catalog(locale="en")
    for file, _line, message, comments, context in extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords=_KEYWORDS
    ):
        catalog.add(
            message, locations=[(file, 0)], auto_comments=comments, context=context
        )
    for name in contract.list_kinds():
        locations = [(f"contract/{name}.schema.json", 0)]
        for field in contract.load_fields(name).values():
            for text in (field.title, field.description):
                catalog.add(text, locations=locations, context="usage report")
    return catalog


def read(language: str) -> Catalog:
    """Collect every message, with its translation if the catalogue has one."""
    catalog = messages()
    with find_file(language).open(encoding="utf-8") as file:
        known = read_po(file, locale=language)
    for message in catalog:
        if message.id and (same := known.get(message.id, message.context)):
            message.string = same.string
    return catalog


def find_file(language: str) -> Path:
    """Return the path of the catalogue of *language*."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def render(language: str) -> str:
    """Format the catalogue of *language* as a gettext file."""
    buffer = io.BytesIO()
    write_po(
        *(buffer, read(language)),
        omit_header=True,
        include_lineno=False,
        sort_output=True,
    )
    return _HEADER % language + buffer.getvalue().decode()


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of each catalogue."""
    for folder in sorted(LOCALE.iterdir()):
        yield find_file(folder.name), render(folder.name)
