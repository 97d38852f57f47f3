"""Proves of two patterns that one matches nothing that the other does not match.

Both are patterns that a contract may use. They are compared word by word, a class with a class
and a quantifier with a quantifier. So the usual changes are found, and the proof is sure.
"""

import math
import re

from paperless_report.contract.patterns import list_words

_GROUPS = ("(", "(?:")


def is_narrower(pattern: str, than: str) -> bool:
    """Return whether every text that *pattern* matches surely matches *than*."""
    narrow, wide = list_words(pattern), list_words(than)
    return len(narrow) == len(wide) and all(map(_is_within, narrow, wide))


def _is_within(narrow: str, wide: str) -> bool:
    """Compare two words at the same place."""
    if any(it in {*_GROUPS, ")", "|"} for it in (narrow, wide)):
        return narrow == wide or (narrow in _GROUPS and wide in _GROUPS)
    repeated = [it[0] in "*+?{" for it in (narrow, wide)]
    if all(repeated):
        (least, most), (lowest, highest) = map(_parse_quantifier, (narrow, wide))
        return lowest <= least and most <= highest
    return not any(repeated) and _list_characters(narrow) <= _list_characters(wide)


def _parse_quantifier(quantifier: str) -> tuple[float, float]:
    if quantifier[0] in "*+?":
        return float(quantifier[0] == "+"), 1 if quantifier[0] == "?" else math.inf
    least, comma, most = quantifier.strip("{}?").partition(",")
    return float(least), float(most or (math.inf if comma else least))


def _list_characters(atom: str) -> set[int]:
    """List what a class or a single character matches."""
    items = atom[1:-1] if atom.startswith("[") else atom
    ends = re.findall(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", items, re.DOTALL)
    return {
        code
        for first, last in ends
        for code in range(ord(first[-1]), ord((last or first)[-1]) + 1)
    }
