import pytest

from build_hooks.text import escape, is_word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\x00\x07\x1b[2J\x7f", r"\x00\x07\x1b[2J\x7f"),
        ("\x85\xa0\xad\x9b", r"\x85\xa0\xad\x9b"),
        ("\u2028\u2029", r"\u2028\u2029"),
        # Text that is turned around: CVE-2021-42574.
        ("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069", None),
        ("\u061c\u200e\u200f", None),
        # Characters that take no place, or look like a space.
        ("\u200b\u200c\u200d\u2060\ufeff\u034f\u180e", None),
        ("\u115f\u1160\u3164\uffa0\u17b4\u2800\u2003", None),
        ("\ufe00\ufe0f\U000e0100\U000e0041", None),
        ("\udcff", r"\udcff"),
        # Commands of GitHub's runner, and of Azure's.
        ("::error::x", r"\x3a:error::x"),
        ("  ::add-mask::x", r"  \x3a:add-mask::x"),
        ("\t::error::x", r"\t::error::x"),
        ("\u200d::error::x", r"\u200d::error::x"),
        ("x ##[error]y", r"x #\x23[error]y"),
        ("###[error]y", r"##\x23[error]y"),
        ("##vso[task.complete]", r"#\x23vso[task.complete]"),
    ],
)
def test_what_a_terminal_or_a_log_would_obey_is_escaped(
    text: str, shown: str | None
) -> None:
    escaped = escape(text)

    assert escaped == shown or (shown is None and escaped.isascii())
    assert not is_word(text)


@pytest.mark.parametrize(
    "text", ["", "v2.15.0", "straße", "C:\\x", "a::b", "##", "#[x]"]
)
def test_other_text_stays(text: str) -> None:
    assert escape(text) == text
    assert is_word(text)


def test_a_space_stays_but_is_not_in_a_word() -> None:
    assert escape("a b") == "a b"
    assert not is_word("a b")
