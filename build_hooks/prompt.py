"""Asks the person at the terminal a yes-or-no question."""


def confirm(question: str) -> bool:
    """Ask *question*; only `y` and `yes` confirm."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()  # end the line of the question
        return False
