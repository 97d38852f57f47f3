"""Makes a text from outside safe to show."""


def make_printable(text: str, keep: str = "") -> str:
    """Replace control and bidirectional characters by U+FFFD, except those in *keep*."""
    return "".join(
        it if it.isprintable() or it in keep else "\N{REPLACEMENT CHARACTER}"
        for it in text
    )
