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
    "a parameter and a comprehension": (
        b'f = lambda __channel__: [__channel__ for __channel__ in ()]\n__channel__ = "dev"\n',
        b'f = lambda __channel__: [__channel__ for __channel__ in ()]\n__channel__ = "beta"\n',
    ),
    "a function with the attributes of an object": (
        b"def f(a):\n    a.channel = 1\n",
        b'def f(a):\n    a.channel = 1\n__channel__ = "beta"\n',
    ),
    "an import of everything before": (
        b"from .facts import *\n",
        b'from .facts import *\n__channel__ = "beta"\n',
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
    assert PythonSource(before, PATH).with_value("__channel__", "beta") == after


@pytest.mark.parametrize(
    "before", [case[0] for case in REWRITES.values()], ids=REWRITES
)
def test_a_second_time_changes_nothing(before: bytes) -> None:
    once = PythonSource(before, PATH).with_value("__channel__", "beta")

    assert PythonSource(once, PATH).with_value("__channel__", "beta") == once


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
        (b"from .channel import __channel__\n", "in line 1, but not as a plain"),
        (
            b'import a as __channel__\n__channel__ = "dev"\n',
            "in lines 1 and 2: leave one",
        ),
        (b'__channel__ = "dev"\ndel __channel__\n', "in lines 1 and 2: leave one"),
        (b'a.__channel__ = 1\n__channel__ = "dev"\n', "in lines 1 and 2: leave one"),
        (
            b'__channel__ = "dev"\nfrom .facts import *\n',
            "could bind __channel__ a second time in line 2",
        ),
        (b'exec("a = 1")\n', "a second time in line 1"),
        (b"def f(:\n", "is not valid Python"),
        (b"# coding: rot13\nn = 1\n", "is not valid Python"),
        (b"a = 1\0", "is not valid Python"),
        (b"\xff", "is not valid Python"),
        (b"x = " + b"(" * 9000 + b")" * 9000, "is not valid Python"),
    ],
)
def test_an_assignment_that_cannot_be_rewritten_is_named(
    source: bytes, message: str
) -> None:
    with pytest.raises(SourceFileError) as caught:
        PythonSource(source, PATH).with_value("__channel__", "beta")

    assert str(caught.value).startswith("version.py ")
    assert message in str(caught.value)


SECOND_BINDINGS = [
    b"if True:\n    {name} = 1\n",
    b"{name} = x = 1\n",
    b"({name}, x) = (1, 0)\n",
    b"[*{name}] = [1]\n",
    b"{name} += 'x'\n",
    b"{name}: str = 'x'\n",
    b"({name} := 1)\n",
    b"[({name} := x) for x in [1]]\n",
    b"import os as {name}\n",
    b"from os import sep as {name}\n",
    b"from facts import *\n",
    b"for {name} in [1]: pass\n",
    b"with open('x') as {name}: pass\n",
    b"try: x\nexcept E as {name}: pass\n",
    b"match 1:\n    case {name}: pass\n",
    b"match {{}}:\n    case {{**{name}}}: pass\n",
    b"match []:\n    case [*{name}]: pass\n",
    b"def {name}(): pass\n",
    b"async def {name}(): pass\n",
    b"class {name}: pass\n",
    b"del {name}\n",
    b"def f():\n    global {name}\n    {name} = 1\n",
    b"def f():\n    global {name}\n    import {name}\n",
    b"class A:\n    global {name}\n    {name} = 1\n",
    b"exec('x')\n",
    b"eval('x')\n",
    b"globals()['x'] = 1\n",
    b"locals().update(x=1)\n",
    b"vars()['x'] = 1\n",
    b"import sys\nsys.modules[__name__].x = 1\n",
    b"from sys import modules as m\n",
    b"import sys\nsys._getframe().f_globals['x'] = 1\n",
    b"import sys\nsys._getframe().f_locals['x'] = 1\n",
    b"def f(): pass\nf.__globals__['x'] = 1\n",
    b"import importlib as i\nobject.__setattr__(i.import_module('x'), 'x', 1)\n",
    b"import sys\nsys._getframe().f_builtins['exec']('x')\n",
    b"def f(module): setattr(module, 'x', 1)\n",
    b"def f(module): module.__dict__['x'] = 1\n",
    b"import builtins\nbuiltins.exec('x')\n",
    b"__builtins__['exec']('x')\n",
    b"from . import version\nversion.{name} = 1\n",
    b"from . import version\nsetattr(version, 'x', 1)\n",
    b"from . import version\nversion.__dict__['x'] = 1\n",
    b"def f(run=exec): run('x')\n",
]


@pytest.mark.parametrize("name", ["__channel__", "SOURCE_COMMIT", "REPORT_URL"])
@pytest.mark.parametrize("second", SECOND_BINDINGS)
def test_a_name_that_is_bound_in_a_second_way_is_not_read(
    name: str, second: bytes
) -> None:
    tail = second.decode().format(name=name)
    source = PythonSource(f"{name} = 'stable'\n{tail}".encode(), PATH)

    with pytest.raises(SourceFileError, match=name):
        source.read_literals(name)


@pytest.mark.parametrize(
    "content",
    [
        b"__channel__ = 'st' + 'able'\n",
        b"__channel__ = f'stable'\n",
        b"__channel__ = compute()\n",
        b"from .other import __channel__\n",
        b"from .other import *\n",
        b"def __getattr__(name): return 'stable'\n",
    ],
)
def test_a_name_without_a_literal_is_not_read(content: bytes) -> None:
    with pytest.raises(SourceFileError, match="__channel__"):
        PythonSource(content, PATH).read_literals("__channel__")


USUAL_FILES = {
    "one literal": b"__channel__ = 'stable'\n",
    "hatch-vcs": b"""\
# file generated by vcs-versioning
# don't change, don't track in version control
from __future__ import annotations

__all__ = ["__version__", "__version_tuple__", "version", "version_tuple"]

version: str
__version__: str
__version_tuple__: tuple[int | str, ...]
version_tuple: tuple[int | str, ...]

__version__ = version = '1.4.0'
__version_tuple__ = version_tuple = (1, 4, 0)
__channel__ = "stable"
""",
    "installed metadata": b"""\
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("shelf")
except PackageNotFoundError:
    __version__ = "0.0.0"
__channel__ = "stable"
""",
    "paperless-ngx": b"""\
from typing import Final

__version__: Final[tuple[int, int, int]] = (2, 15, 0)
# Version string like X.Y.Z
__full_version_str__: Final[str] = ".".join(map(str, __version__))
# Version string like X.Y
__major_minor_version_str__: Final[str] = ".".join(map(str, __version__[:-1]))
__channel__ = "stable"
""",
    "numpy": b"""\
version = "2.1.0"
__version__ = version
full_version = version
git_revision = "2f7fe64b8b6d7591dd208942f1cc74473d5db4cb"
release = 'dev' not in version and '+' not in version
short_version = version.split("+")[0]
__channel__ = "stable"
""",
    "a re-export": b"""\
from ._version import __version__ as version
from .facts import *
__channel__ = "stable"
""",
    "a function and a class": b"""\
import os
import subprocess

class Version:
    def __init__(self, text):
        self.text = text
        channel = __channel__
        setattr(self, "channel", channel)

    def __eq__(self, other):
        return self.__dict__ == vars(other)

def get_version():
    revision = subprocess.run(["git", "describe"]).stdout
    return os.environ.get("VERSION", revision)

__version__ = get_version()
if not __version__:
    raise ImportError
__channel__ = "stable"
""",
}


@pytest.mark.parametrize("content", USUAL_FILES.values(), ids=USUAL_FILES)
def test_the_channel_of_a_usual_version_py_is_read(content: bytes) -> None:
    literals = PythonSource(content, PATH).read_literals("__channel__")

    assert literals == {"__channel__": "stable"}


def test_a_number_of_a_thousand_digits_is_named() -> None:
    source = PythonSource(f"__version__ = (0x{'f' * 5000}, 1)\n".encode(), PATH)

    with pytest.raises(SourceFileError, match="a number that is too long"):
        _ = source.version


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
