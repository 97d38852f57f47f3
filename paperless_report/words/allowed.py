"""Writes in words which values a schema allows."""

from collections.abc import Mapping
from typing import Any

from paperless_report.contract.keywords import read_type
from paperless_report.translate import gettext_lazy as _
from paperless_report.words.printable import make_printable

_MOST_VALUES = 8
_MOST_PATTERN = 80  # characters
_ONE_OF = _("one of: %(values)s")
_ONE_OF_MORE = _("one of: %(values)s and %(number)s more")
_EITHER = _("true or false")
_NUMBER = _("a whole number from %(least)s to %(most)s")
_TEXT = _("a text of up to %(most)s characters that matches %(pattern)s")
_LONG_TEXT = _("a text of %(least)s to %(most)s characters that matches %(pattern)s")
_LIST = _("a list of up to %(most)s values, and for each %(allowed)s")
_OR = _("%(allowed)s, or %(more)s")


def describe_allowed(schema: Mapping[str, Any]) -> str:
    """Write which values *schema*, the supported schema of a field, allows."""
    if "anyOf" in schema:
        outer = {word: it for word, it in schema.items() if word != "anyOf"}
        first, *others = (describe_allowed({**outer, **it}) for it in schema["anyOf"])
        for other in others:
            first = str(_OR) % {"allowed": first, "more": other}
        return first
    if "enum" in schema:
        return _list_values(schema["enum"])
    kind = read_type(schema)
    if kind == "boolean":
        return str(_EITHER)
    if kind == "integer":
        return str(_NUMBER) % {"least": schema["minimum"], "most": schema["maximum"]}
    if kind == "array":
        allowed = describe_allowed(schema["items"])
        return str(_LIST) % {"most": schema["maxItems"], "allowed": allowed}
    least = schema.get("minLength", 0)
    text = _LONG_TEXT if least else _TEXT
    return str(text) % {
        "least": least,
        "most": schema["maxLength"],
        "pattern": _shorten(schema["pattern"], _MOST_PATTERN),
    }


def _list_values(values: list[Any]) -> str:
    shown = ", ".join(
        make_printable(it if isinstance(it, str) else str(it).lower())
        for it in values[:_MOST_VALUES]
    )
    if len(values) <= _MOST_VALUES:
        return str(_ONE_OF) % {"values": shown}
    number = len(values) - _MOST_VALUES
    return str(_ONE_OF_MORE) % {"values": shown, "number": number}


def _shorten(text: str, most: int) -> str:
    text = make_printable(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."
