"""Writes the catalogue that translators start from: `nox -s docs`.

What is printed stands in the code and in the contract; it is gathered from both.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from paperless_report import contract

PACKAGE = Path(__file__).parents[1] / "paperless_report"
FILE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"

# As Django's own loader asks for them; `_` stands for either gettext.
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# The usual header has a date in it, which would change with every run.
_HEADER = """\
# What `manage.py send_usage_report` says. Made by `nox -s docs`.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def catalogue() -> Catalog:
    """Every message, without a translation."""
    found = Catalog(locale="en")
    for file, _line, message, comments, context in extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords=_KEYWORDS
    ):
        found.add(
            message, locations=[(file, 0)], auto_comments=comments, context=context
        )
    for name in contract.list_kinds():
        where = [(f"contract/{name}.schema.json", 0)]
        for field in contract.load_fields(name).values():
            found.add(field.title, locations=where, context="usage report")
    return found


def render() -> str:
    """The catalogue, as gettext writes it."""
    written = io.BytesIO()
    write_po(
        written, catalogue(), omit_header=True, include_lineno=False, sort_output=True
    )
    return _HEADER + written.getvalue().decode()


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(render(), encoding="utf-8")
