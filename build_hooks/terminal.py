"""Prints lines for people, and asks them. No other module prints text that it quotes."""

import sys

from build_hooks.text import escape


def print_lines(*lines: str, error: bool = False) -> None:
    """Print *lines*, each escaped, at once; to standard error if it is an *error*."""
    stream = sys.stderr if error else sys.stdout
    if stream:  # else it is closed
        print("\n".join(map(escape, lines)), file=stream, flush=True)


def confirm(question: str) -> bool:
    """Ask *question*; only `y` and `yes` confirm."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()  # end the line of the question
        return False
