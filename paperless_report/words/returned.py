"""Writes what a collector returned: whole if it is short, or its type alone."""

import reprlib
from typing import Any, Final

from paperless_report.translate import gettext_lazy as _
from paperless_report.words.printable import make_printable

_MOST_DIGITS = 40
_KINDS = (
    (bool, _("true or false")),
    (str, _("a text")),
    (int, _("a whole number")),
    (float, _("a number with decimals")),
    (list, _("a list")),
)
_OF_TYPE = _("a value of the type %(type)s")
_LONG = _("%(value)s (%(number)s characters)")


def show_value(value: object) -> str:
    """Write *value* as Python does, shortened, with its control characters escaped.

    Of an object that Python itself does not define, only the type: its own code could do
    anything.
    """
    shown = make_printable(_SHORT.repr(value))
    if isinstance(value, str) and len(value) > _SHORT.maxstring:
        return str(_LONG) % {"value": shown, "number": len(value)}
    return shown


def name_kind(value: object) -> str:
    """Name the type of *value*."""
    for type_, name in _KINDS:
        if isinstance(value, type_):
            return str(name)
    return str(_OF_TYPE) % {"type": make_printable(type(value).__name__)}


class _Short(reprlib.Repr):
    """Shortens what the types of Python hold, and runs no other code."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = 60
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = 5
        self.maxlevel = 3

    def repr1(self, x: Any, level: int) -> str:  # noqa: ANN401  # any value
        if type(x) in {list, tuple, dict, set, frozenset}:
            return super().repr1(x, level)
        if isinstance(x, str):
            return self.repr_str(str.__str__(x), level)
        if isinstance(x, bytes):
            return self.repr_str(bytes.__getitem__(x, slice(self.maxstring)), level)  # type: ignore[arg-type]  # shortens any repr
        if x is None or type(x) in {bool, float}:
            return repr(x)
        if type(x) is int:
            # Python refuses to write very many digits.
            is_short = abs(x) < 10**_MOST_DIGITS
            return repr(x) if is_short else str(_KINDS[2][1])
        return str(_OF_TYPE) % {"type": type(x).__name__}


_SHORT: Final = _Short()
