from pathlib import Path

import pytest

from build_hooks.errors import SourceFileError
from build_hooks.python_source import PythonSource

PATH = Path("version.py")

REWRITES = {
    "a plain assignment": (b'__channel__ = "dev"\n', b'__channel__ = "beta"\n'),
    "an annotation": (
        b'__channel__: Final[str] = "dev"  # why\n',
        b'__channel__: Final[str] = "beta"  # why\n',
    ),
    "single quotes": (b"__channel__ = 'dev'", b'__channel__ = "beta"'),
    "an annotation without a value": (
        b"__channel__: str # why\n",
        b'__channel__: str = "beta" # why\n',
    ),
    "a value over several lines": (
        b'__channel__ = (\n    "d"\n    "ev"\n)\nx = 1\n',
        b'__channel__ = (\n    "beta"\n)\nx = 1\n',
    ),
    "a computed value": (
        b'__channel__ = os.environ.get("C", "dev")\n',
        b'__channel__ = "beta"\n',
    ),
    "two statements on a line": (
        b'a = "\xc3\xa9"; __channel__ = "dev"; b = 2\n',
        b'a = "\xc3\xa9"; __channel__ = "beta"; b = 2\n',
    ),
    "Windows line ends": (
        b'a = 1\r\n__channel__ = "dev"\r\n',
        b'a = 1\r\n__channel__ = "beta"\r\n',
    ),
    "a form feed and a byte order mark": (
        b'\xef\xbb\xbf"""\x0c"""\n__channel__ = "dev"\n',
        b'\xef\xbb\xbf"""\x0c"""\n__channel__ = "beta"\n',
    ),
    "a byte order mark in the same line": (
        b'\xef\xbb\xbf__channel__ = "dev"\n',
        b'\xef\xbb\xbf__channel__ = "beta"\n',
    ),
    "another encoding": (
        b'# coding: latin-1\na = "\xe9"; __channel__ = "dev"\n',
        b'# coding: latin-1\na = "\xe9"; __channel__ = "beta"\n',
    ),
    "a function's own variable of another name": (
        b'def f():\n    channel = 1\n__channel__ = "dev"\n',
        b'def f():\n    channel = 1\n__channel__ = "beta"\n',
    ),
    "a declaration and an assignment": (
        b'__channel__: str\n__channel__ = "dev"\n',
        b'__channel__: str\n__channel__ = "beta"\n',
    ),
    "a declaration for type checkers": (
        b'if TYPE_CHECKING:\n    __channel__: str\n__channel__ = "dev"\n',
        b'if TYPE_CHECKING:\n    __channel__: str\n__channel__ = "beta"\n',
    ),
    "a declaration for type checkers alone": (
        b"if TYPE_CHECKING:\n    __channel__: str\n",
        b'if TYPE_CHECKING:\n    __channel__: str\n__channel__ = "beta"\n',
    ),
    "a local variable": (
        b'__channel__ = "dev"\ndef f():\n    __channel__ = 1\n',
        b'__channel__ = "beta"\ndef f():\n    __channel__ = 1\n',
    ),
    "a local variable alone": (
        b"async def f():\n    for __channel__ in []: pass\n",
        b'async def f():\n    for __channel__ in []: pass\n__channel__ = "beta"\n',
    ),
    "an attribute of a class": (
        b'class A:\n    __channel__ = 1\n__channel__ = "dev"\n',
        b'class A:\n    __channel__ = 1\n__channel__ = "beta"\n',
    ),
    "an attribute of an object": (
        b'a.__channel__ = 1\n__channel__ = "dev"\n',
        b'a.__channel__ = 1\n__channel__ = "beta"\n',
    ),
    "a parameter and a comprehension": (
        b'f = lambda __channel__: [__channel__ for __channel__ in ()]\n__channel__ = "dev"\n',
        b'f = lambda __channel__: [__channel__ for __channel__ in ()]\n__channel__ = "beta"\n',
    ),
    "an import": (
        b"from .channel import __channel__\n",
        b'from .channel import __channel__\n__channel__ = "beta"\n',
    ),
    "an import before the assignment": (
        b'from .channel import __channel__\n__channel__ = "dev"\n',
        b'from .channel import __channel__\n__channel__ = "beta"\n',
    ),
    "none yet": (b"a = 1\n", b'a = 1\n__channel__ = "beta"\n'),
    "none yet, no last line end": (b"a = 1", b'a = 1\n__channel__ = "beta"\n'),
    "none yet, Windows line ends": (b"a = 1\r\n", b'a = 1\r\n__channel__ = "beta"\r\n'),
    "an empty file": (b"", b'__channel__ = "beta"\n'),
    "only a mention": (
        b'print(__channel__)  # __channel__ = "x"\n',
        b'print(__channel__)  # __channel__ = "x"\n__channel__ = "beta"\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
def test_only_the_value_changes(before: bytes, after: bytes) -> None:
    assert PythonSource(before, PATH).with_string("__channel__", "beta") == after


@pytest.mark.parametrize(
    "before", [case[0] for case in REWRITES.values()], ids=REWRITES
)
def test_a_second_time_changes_nothing(before: bytes) -> None:
    once = PythonSource(before, PATH).with_string("__channel__", "beta")

    assert PythonSource(once, PATH).with_string("__channel__", "beta") == once


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b'__channel__ = "a"\n__channel__ = "b"\n', "in lines 1 and 2: leave one"),
        (b'if x:\n    __channel__ = "a"\n', "in line 2, but not as a plain assignment"),
        (b'a = __channel__ = "dev"\n', "in line 1, but not as a plain assignment"),
        (b'a, __channel__ = 1, "dev"\n', "in line 1, but not as a plain assignment"),
        (
            b'__channel__ = "dev"\nfrom .channel import __channel__\n',
            "in lines 1 and 2: leave one",
        ),
        (
            b'__channel__ = "dev"\ndef f():\n    global __channel__\n    __channel__ = 1\n',
            "in lines 1 and 4: leave one",
        ),
        (
            b'__channel__ = "dev"\ntry: ...\nexcept E as __channel__: ...\n',
            "in lines 1 and 3: leave one",
        ),
        (b"def __channel__(): ...\n", "in line 1, but not as a plain assignment"),
        (b"[x := (__channel__ := 1) for x in y]\n", "in line 1, but not as a plain"),
        (b"def f(:\n", "is not valid Python"),
        (b"a = 1\0", "is not valid Python"),
        (b"\xff", "is not valid Python"),
        (b"x = " + b"(" * 9000 + b")" * 9000, "is not valid Python"),
    ],
)
def test_an_assignment_that_cannot_be_rewritten_is_named(
    source: bytes, message: str
) -> None:
    with pytest.raises(SourceFileError) as caught:
        PythonSource(source, PATH).with_string("__channel__", "beta")

    assert str(caught.value).startswith("version.py ")
    assert message in str(caught.value)


def test_literals_are_read_without_running_the_file() -> None:
    source = (
        b"f = {[1]: 2}\ng = "
        + b"1+" * 2000
        + b"1\na = 1\nb: str = 'x'\nc = (1, 2)\nd = exit(1)\ne = 1\ne = f()\n"
    )

    assert PythonSource(source, PATH).literals == {"a": 1, "b": "x", "c": (1, 2)}


@pytest.mark.parametrize("literal", ['"2.15.0\\nchannel=stable"', '(2, 15, "0\\rx")'])
def test_a_version_of_several_lines_is_refused(literal: str) -> None:
    """It would set other outputs in the file that a workflow reads."""
    source = PythonSource(f"__version__ = {literal}\n".encode(), PATH)

    with pytest.raises(SourceFileError, match="Write it on one line"):
        _ = source.version


@pytest.mark.parametrize(
    ("literal", "version"),
    [
        ("(1, 4, 0)", "1.4.0"),
        ("(1, 4, 0, 'final', 0)", "1.4.0"),
        ("(1, 4, 0, 'final')", "1.4.0"),
        ("(1, 4, 0, 'candidate', 2)", "1.4.0rc2"),
        ("(1, 4, 0, 'alpha', 1)", "1.4.0alpha1"),
        ("(1, 4, 'dev0')", "1.4.dev0"),
        ("' 1.4.0 '", "1.4.0"),
        ("''", None),
        ("()", None),
    ],
)
def test_a_version_is_read_in_every_form(literal: str, version: str | None) -> None:
    source = PythonSource(f"__version__ = {literal}\n".encode(), PATH)

    assert source.version == version
