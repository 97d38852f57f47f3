"""Collects the messages that admins read into the catalogue for translators."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from paperless_report import contract

PACKAGE = Path(__file__).parents[1] / "paperless_report"
FILE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"

# The functions whose first argument is a message; `_` is `gettext` or `gettext_lazy`.
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# Babel's own header has a date in it, which would change with every run.
_HEADER = """\
# The messages of the reporter's commands. Written by `python -m docs_tools`.
msgid ""
msgstr ""
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
            catalog.add(field.title, locations=locations, context="usage report")
    return catalog


def render() -> str:
    """Format the catalogue as a gettext file."""
    buffer = io.BytesIO()
    write_po(
        buffer, messages(), omit_header=True, include_lineno=False, sort_output=True
    )
    return _HEADER + buffer.getvalue().decode()


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of the catalogue."""
    yield FILE, render()
