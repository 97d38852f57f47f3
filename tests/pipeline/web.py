"""The programs of docs/how-to/admin-page.md, served by uvicorn, with a receiver of their own."""

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.pipeline import shelf
from tests.pipeline.shelf import Shelf
from tests.support import pages
from tests.support.waiting import wait_until

PAGE = "docs/how-to/admin-page.md"
MOUNT = "/usage-reporting/"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NAMES = ("web.py", "password.py", "alone.py", "settings_api.py")

_ADDRESS = re.compile(r"running on (http://\S+)\s")


def make(folder: Path, url: str) -> Shelf:
    """Write the page's programs into *folder*, which has a receiver's project, served at *url*."""
    programs = shelf.make(folder, Path(sys.executable), folder, url)
    texts = [block.text for block in pages.blocks(PAGE, "python")]
    for name, text in zip(NAMES, texts, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    return programs


@contextlib.contextmanager
def serve(programs: Shelf, module: str, *options: str) -> Iterator[str]:
    """Serve the app of *module* with uvicorn on a free port; yield its URL."""
    app = f"{module}:app"
    with programs.start("-m", "uvicorn", app, "--port", "0", *options) as (_, log):
        wait_until(lambda: _ADDRESS.search(log.read_text("utf-8")), log.read_text)
        (address,) = _ADDRESS.findall(log.read_text("utf-8"))
        yield address


@contextlib.contextmanager
def serve_both(folder: Path) -> Iterator[tuple[str, Shelf]]:
    """Make and serve the receiver and `web.py` in *folder*; yield the page's URL."""
    shelf.make_receiver(folder)
    with shelf.serve(folder) as receiver:
        programs = make(folder, receiver)
        with serve(programs, "web") as url:
            yield f"{url}{MOUNT}", programs
