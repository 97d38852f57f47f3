"""Defines the result of a check, and formats it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "FAIL", "skip", "warn"]
# An artifact may have thousands of problems, and long names.
_MOST_PROBLEMS = 10
_MOST_CHARACTERS = 3000


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    name: str
    verdict: Verdict
    detail: str

    def __str__(self) -> str:
        """Format it as a line, "ok    channel  beta"."""
        detail = self.detail
        if len(detail) > _MOST_CHARACTERS:
            detail = f"{detail[:_MOST_CHARACTERS]} ..."
        return f"{self.verdict:5} {self.name:8} {detail}"


def join_problems(problems: Sequence[str]) -> str:
    """Join the first of *problems*, and count the others."""
    more = len(problems) - _MOST_PROBLEMS
    first = "; ".join(problems[:_MOST_PROBLEMS])
    return f"{first}; and {more} more" if more > 0 else first


def show_literal(literal: object) -> str:
    """Return the source of *literal*, if it is of a sane length."""
    try:
        return repr(literal)
    except (ValueError, RecursionError):  # Python formats no number of 5,000 digits
        return f"a value of type {type(literal).__name__} that is too long"
