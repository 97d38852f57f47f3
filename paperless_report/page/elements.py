"""Writes HTML; everything that is not `Html` already is escaped."""

from collections.abc import Iterable, Mapping
from html import escape

from paperless_report.words.printable import make_printable

_VOID = {"input", "link", "meta"}


class Html(str):
    """A text that is markup already."""

    __slots__ = ()


Attributes = Mapping[str, str | bool | None]
_NO_ATTRIBUTES: Attributes = {}


def element(
    name: str, attributes: Attributes = _NO_ATTRIBUTES, *children: str | None
) -> Html:
    """Write an element.

    Args:
        name: The name of the element.
        attributes: Values by name. True stands for an attribute without a value; one that
            is None or False is left out.
        children: Text, which is escaped, or markup. None is left out.
    """
    words = [name]
    for key, value in attributes.items():
        if value is True:
            words.append(key)
        elif value not in (None, False):
            words.append(f'{key}="{_escape(str(value))}"')
    start = f"<{' '.join(words)}>"
    return Html(start if name in _VOID else f"{start}{join(children)}</{name}>")


def join(parts: Iterable[str | None]) -> Html:
    """Join texts, which are escaped, and markup. None is left out."""
    return Html(
        "".join(
            it if isinstance(it, Html) else _escape(it)
            for it in parts
            if it is not None
        )
    )


def _escape(text: str) -> str:
    return escape(make_printable(text, keep="\n\N{NO-BREAK SPACE}"))
