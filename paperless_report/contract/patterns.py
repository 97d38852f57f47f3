"""Decides whether a contract may use a pattern.

A pattern must mean the same in Python and in JavaScript, and no text may take very long. The
receiver decides the same: one table of cases holds for both (tests/contract_cases.json).
"""

import itertools
import re
from collections.abc import Sequence

# Patterns that list characters, and mean the same in Python and in JavaScript: about those
# that JSON Schema recommends (section 6.4 of its core), without `.`, `\d` and `[^a]`. Python
# reserves `--`, `&&`, `||` and `~~` in a class for operations on sets.
_PORTABLE = (
    r"\^(?:(?:[^\\^$.*+?()\[\]{}|]|\\[\\^$.*+?()\[\]{}|/]"
    r"|\[(?!\^)(?:(?!--|&&|\|\||~~)[^\\\[\]]|\\[\\\[\]^-])+\]|\))"
    r"(?:(?:[*+?]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})\??)?|\((?:\?:)?|\|)*\$"
)
_TOKEN = re.compile(
    r"\\.|\[(?:\\.|[^\]])+\]|\(\?:|[*+?]\??|\{[0-9,]+\}\??|.", re.DOTALL
)


def is_supported(pattern: object) -> bool:
    """Return whether a contract may use *pattern*."""
    if not isinstance(pattern, str) or not re.fullmatch(_PORTABLE, pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return not _can_explode(pattern)


def list_words(pattern: str) -> list[str]:
    """List the words of a supported *pattern* between its anchors.

    A word is an atom, the beginning or end of a group, a quantifier, or `|`.
    """
    return _TOKEN.findall(pattern[1:-1])


def _can_explode(pattern: str) -> bool:
    """Return whether *pattern* repeats a group that matches a text in many ways.

    `(a+)+` does: each further character of a text that does not match doubles the time.
    """
    groups: list[list[str]] = [[]]
    for part, following in itertools.pairwise([*list_words(pattern), ""]):
        if part in {"(", "(?:"}:
            groups.append([])
        elif part == ")":
            parts = groups.pop()
            if following.startswith(("*", "+", "{")) and not _is_clear(parts):
                return True
            groups[-1] += ["(", *("?" if it == "|" else it for it in parts), ")"]
        else:
            groups[-1].append(part)
    return False


def _is_clear(group: Sequence[str]) -> bool:
    """Return whether it is clear where each repetition of *group* ends.

    It is if all repetitions are of the same shape, or if each begins or ends with a character
    that nothing else in the group matches.
    """
    if not any(it[0] in "*+?|" or (it[0] == "{" and "," in it) for it in group):
        return True
    if "|" in group:
        return False
    atoms = [index for index, it in enumerate(group) if it[0] not in "()*+?{"]
    last = len(group) - 1
    ends = {last} if group[1][0] in "*+?{" else {0, last}
    # Ranges overlap only if one contains the other's first character.
    characters = set("".join(group))
    return any(
        not any(
            re.fullmatch(group[end], it) and re.fullmatch(group[index], it)
            for index in atoms
            if index != end
            for it in characters
        )
        for end in ends.intersection(atoms)
    )
