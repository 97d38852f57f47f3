"""Changes to the files of an artifact, the same for wheels and sdists."""

import importlib.util
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from build_hooks.stamp import NAMES

T = TypeVar("T")
Mutations = Sequence[tuple[str, Random]]
Table = Mapping[str, Callable[[Random, T], T]]

PACKAGE, TOP = "paperless", "paperless_ngx-2.15.0"
VERSION_PY = b'__version__ = (2, 15, 0)\n__channel__ = "stable"\n'
BUILD_INFO = b'SOURCE_COMMIT = "bd86dca57"\nBUILD_DATE = "2026-05-18T12:00:00Z"\n'
METADATA = b"Metadata-Version: 2.1\nName: paperless-ngx\nVersion: 2.15.0\n"
# The same two files with another stamp, and the facts in all four.
EVIL = {
    "version.py": VERSION_PY.replace(b"stable", b"beta"),
    "build_info.py": b'SOURCE_COMMIT = "0badc0de0"\nBUILD_DATE = "2001-01-01T00:00:00Z"\n',
}
FACTS = {"stable", "bd86dca57", "2026-05-18T12:00:00Z"}
FACTS |= {"beta", "0badc0de0", "2001-01-01T00:00:00Z"}
_BINDINGS = (
    "{0} = {1}", "if True:\n    {0} = {1}", "{0} = x = {1}", "({0}, x) = ({1}, 0)",
    "[*{0}] = {1}", "{0}: str = {1}", "{0} += {1}", "({0} := {1})", "import os as {0}",
    "for {0} in [{1}]: pass", "with open(__file__) as {0}: pass", "del {0}",
    "try: {0} = {1}\nfinally: pass", "while True:\n    {0} = {1}\n    break",
    "match {1}:\n    case {0}: pass", "def {0}(): pass", "class {0}: pass",
    "from os import sep as {0}", "def f():\n    global {0}\n    {0} = {1}\nf()",
    "class C:\n    global {0}\n    {0} = {1}", "[{0} := it for it in [{1}]]",
    "exec('''{0} = {1}''')", "globals()['{0}'] = {1}", "globals().update({0}={1})",
    "vars()['{0}'] = {1}", "import sys\nsetattr(sys.modules[__name__], '{0}', {1})",
    "(lambda: 0).__globals__['{0}'] = {1}", "def f(x=({0} := {1})): pass",
    "import sys\nsys._getframe().f_locals['{0}'] = {1}", "from this import *",
    "import importlib as i\ni.import_module(__name__).__dict__['{0}'] = {1}",
    "import importlib as i\nobject.__setattr__(i.import_module(__name__), '{0}', {1})",
    "import paperless.version as v\nv.{0} = {1}", "def __getattr__(x): return {1}",
    "\\\n{0} = {1}", "\x0c{0} = {1}", "x = 1; {0} = {1}", "x = 1\r{0} = {1}",
    "{2} = {1}",  # Python normalizes identifiers (NFKC)
)  # fmt: skip
_VALUES = (
    '"beta"', '"0badc0de0"', '"https://evil.example/"', r'"a\n::error::x"', r'"\x1b[2J"',
    f"0x{'f' * 5000}", "(9, 9, 9)",
)  # fmt: skip
_CODINGS = ("utf-7", "utf-16", "latin-1", "raw_unicode_escape", "idna", "rot13", "x")
_LINES = (b"Version: 9.9.9\n", b"Name: other\n", b" 9\n", b"\n\nVersion: 9\n")


@dataclass
class Draft:
    """An artifact before it is packed.

    Attributes:
        files: Names and contents.
        folder: The folder of the stamped package.
        places: The folders that are installed as that one, or might be.
        metadata: The paths that the metadata has, or might have.
    """

    files: list[tuple[str, bytes]]
    folder: str
    places: Sequence[str]
    metadata: Sequence[str]

    def insert(self, rng: Random, name: str, data: bytes) -> "Draft":
        """Add a file, anywhere in the order."""
        self.files.insert(rng.randrange(len(self.files) + 1), (name, data))
        return self


def by_name(*functions: Callable[[Random, T], T]) -> Table[T]:
    """Return a table of mutations."""
    return {it.__name__: it for it in functions}


def mutate(table: Table[T], mutations: Mutations, value: T) -> T:
    """Apply to *value* those of the *mutations* that are in *table*."""
    for name, rng in mutations:
        if name in table:
            value = table[name](rng, value)
    return value


def disguise(rng: Random, path: str) -> str:
    """Return a name that some program may unpack to the same *path*."""
    folder, _, name = path.rpartition("/")
    parent = folder.rpartition("/")[2]
    return rng.choice((
        path, f"./{path}", f"{folder}/./{name}", f"{folder}//{name}", f"../x/{path}",
        f"{folder}/x/../{name}", f"{folder}/../{parent}/{name}", f"/{path}", f"//{path}",
        f"C:{path}", f"C:/{path}", f"{path}/", f"{path}/.", f"{path}.", f"{path} ",
        f"{folder}\\{name}", f"{folder}/x\\..\\{name}", f"{folder.upper()}/{name}",
        f"{folder}/{name.title()}", f"{path}\0x", f"{path}\n", f"{path}::$DATA",
        path.replace("s", "\u017f"),  # the same letter where case does not matter
        f"{path}\n  ok    record   7 files match\n::error::x", f"{path}\x1b[2J\u202e",
    ))  # fmt: skip


def pick_evil(rng: Random, folder: str) -> tuple[str, bytes]:
    """Return a file of the package with another stamp."""
    name = rng.choice(tuple(EVIL))
    return f"{folder}/{name}", EVIL[name]


def bind_again(rng: Random, files: dict[str, bytes]) -> None:
    """Bind one of the constants in *files* a second time, or change the encoding."""
    name = rng.choice(("__channel__", "__version__", *NAMES))
    file = "build_info.py" if name in NAMES else "version.py"
    line = rng.choice(_BINDINGS).format(
        name,
        rng.choice(_VALUES),
        name.translate({ord("e"): "\uff45", ord("E"): "\uff25"}),
    )
    coding = f"# coding: {rng.choice(_CODINGS)}\n" if rng.random() < 0.1 else ""
    parts = [coding.encode() + files[file], f"{line}\n".encode()]
    files[file] = b"".join(parts if rng.random() < 0.8 else reversed(parts))


def damage(rng: Random, data: bytes) -> bytes:
    """Change, cut off, remove or repeat a few bytes."""
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 1, 4, 16, 512, 5000)))
    flipped = bytes(it ^ (1 << rng.randrange(8)) for it in data[at:end])
    middle = (flipped, b"", data[at:end] * 2, rng.randbytes(end - at))
    return rng.choice((*(data[:at] + it + data[end:] for it in middle), data[:at]))


def add_twin(rng: Random, draft: Draft) -> Draft:
    """Add a stamped file again, by another name for the same path."""
    name, data = pick_evil(rng, rng.choice((draft.folder, *draft.places)))
    return draft.insert(rng, disguise(rng, name), data)


def rename_file(rng: Random, draft: Draft) -> Draft:
    """Give a file another name for the same path."""
    at = rng.randrange(len(draft.files))
    name, data = draft.files[at]
    draft.files[at] = disguise(rng, name), data
    return draft


def add_shadow(rng: Random, draft: Draft) -> Draft:
    """Add what Python imports instead of a stamped file."""
    path, source = pick_evil(rng, rng.choice((draft.folder, *draft.places)))
    code = marshal.dumps(compile(source, path, "exec"))
    # Flag 1: never compared with its source (PEP 552).
    bytecode = importlib.util.MAGIC_NUMBER + b"\1\0\0\0" + bytes(8) + code
    stem = path.removesuffix(".py")
    cached = importlib.util.cache_from_source(path)
    return draft.insert(rng, *rng.choice((
        (f"{stem}/__init__.py", source), (f"{stem}/__init__.pyc", bytecode),
        (f"{stem}.so", b""), (f"{stem}.cpython-311-x86_64-linux-gnu.so", b""),
        (f"{stem}.abi3.so", b""), (f"{stem}.pyd", b""), (f"{stem}.PYD", b""),
        (cached, bytecode), (cached.replace("-3", "-39"), bytecode),
    )))  # fmt: skip


def edit_source(rng: Random, draft: Draft) -> Draft:
    """Bind a constant a second time."""
    files = dict(draft.files)
    package = {it: files.get(f"{draft.folder}/{it}", b"") for it in EVIL}
    bind_again(rng, package)
    files.update({f"{draft.folder}/{it}": data for it, data in package.items()})
    draft.files = list(files.items())
    return draft


def add_metadata(rng: Random, draft: Draft) -> Draft:
    """Add other metadata, or lines to it."""
    text = rng.choice((METADATA + rng.choice(_LINES), rng.choice(_LINES) + METADATA))
    path = rng.choice(draft.metadata)
    draft.files = [it for it in draft.files if it[0] != path]
    return draft.insert(rng, path, text)


def drop_file(rng: Random, draft: Draft) -> Draft:
    """Leave a file out."""
    draft.files.pop(rng.randrange(len(draft.files)))
    return draft


FILES = by_name(
    *(add_twin, rename_file, add_shadow, edit_source, add_metadata, drop_file)
)
