"""Formats tables in Markdown."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format *rows* as a table with the column titles *head*."""
    lines = (head, ["---"] * len(head), *(map(_escape, row) for row in rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|")
