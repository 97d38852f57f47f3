"""Stamps projects of every layout that Hatch builds, with the hook's one line alone."""

from pathlib import Path
from typing import NamedTuple

import pytest

from build_hooks import cli
from tests.build.artifacts import build_targets, read_wheel, run_build
from tests.support.repository import Repository
from tests.support.tarballs import unpack

pytestmark = pytest.mark.slow

LINE = "[tool.hatch.build.hooks.build-info]\n"
PROJECT = """\
[build-system]
requires = ["hatchling", "paperless-report"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.4.0"

"""
WHEEL = "[tool.hatch.build.targets.wheel]\n"
INIT = {"src/shelf/__init__.py": ""}


class Layout(NamedTuple):
    """A project, and the folder of the wheel that gets the stamp.

    Attributes:
        files: Its files, in addition to pyproject.toml.
        tables: More tables of pyproject.toml.
        stamped: The folder in the wheel.
        name: The project's name.
        line: The hook's table, in pyproject.toml.
    """

    files: dict[str, str] = INIT
    tables: str = ""
    stamped: str = "shelf"
    name: str = "shelf"
    line: str = LINE


LAYOUTS = {
    "a package at the root": Layout({"shelf/__init__.py": ""}),
    "a package in src": Layout(),
    "a name that is spelled differently": Layout(
        {"src/shelf_life/__init__.py": ""}, stamped="shelf_life", name="Shelf-Life"
    ),
    "a namespace that hatchling guesses": Layout(
        {"books/shelf/__init__.py": ""}, stamped="books/shelf"
    ),
    "a namespace of two levels": Layout(
        {"src/books/old/shelf/__init__.py": ""},
        WHEEL + 'packages = ["src/books"]',
        stamped="books/old/shelf",
    ),
    "a package without __init__.py": Layout(
        {"src/shelf/core.py": ""}, WHEEL + 'packages = ["src/shelf"]'
    ),
    "packages in packages": Layout({**INIT, "src/shelf/books/__init__.py": ""}),
    "a package of another name": Layout(
        {"lib/books/__init__.py": ""},
        WHEEL + 'packages = ["lib/books"]',
        stamped="books",
    ),
    "a module next to the package": Layout(
        {"shelf/__init__.py": "", "shelf_cli.py": ""},
        WHEEL + 'only-include = ["shelf", "shelf_cli.py"]',
    ),
    "patterns": Layout(
        {**INIT, "src/shelf/core.py": "", "tests/__init__.py": ""},
        WHEEL + 'include = ["/src/shelf/*.py"]\nsources = ["src"]',
    ),
    "exclusions": Layout(
        {**INIT, "src/shelf/tests/__init__.py": ""},
        "[tool.hatch.build]\nexclude = ['tests']",
    ),
    "only-include": Layout(
        INIT, WHEEL + 'only-include = ["src/shelf"]\nsources = ["src"]'
    ),
    "sources of every target": Layout(INIT, '[tool.hatch.build]\nsources = ["src"]'),
    "sources that rename": Layout(
        {"code/__init__.py": ""},
        WHEEL + 'only-include = ["code"]\nsources = {code = "shelf"}',
    ),
    "sources with an empty prefix": Layout(
        {"__init__.py": "", "core.py": "", "docs/conf.py": ""},
        WHEEL + 'include = ["/*.py"]\nsources = {"" = "shelf"}',
    ),
    "sources that add a folder": Layout(
        {"shelf/__init__.py": ""},
        WHEEL + 'packages = ["shelf"]\nsources = {"shelf" = "books/shelf"}',
        stamped="books/shelf",
    ),
    "sources of two folders": Layout(
        {**INIT, "made/shelf/extra.py": ""},
        WHEEL + 'only-include = ["src/shelf", "made"]\nsources = ["src", "made"]',
    ),
    "a forced package": Layout(
        {"code/__init__.py": ""},
        WHEEL + 'bypass-selection = true\nforce-include = {code = "shelf"}',
    ),
    "a forced file in the package": Layout(
        {**INIT, "data/books.json": "{}"},
        WHEEL + 'packages = ["src/shelf"]\n'
        'force-include = {"data/books.json" = "shelf/books.json"}',
    ),
    "a key that names one of several packages": Layout(
        {**INIT, "src/books/__init__.py": ""},
        WHEEL + 'packages = ["src/shelf", "src/books"]',
        line=LINE + 'package = "src/shelf"\n',
    ),
    "a key that names the package before it moves in the sdist": Layout(
        INIT,
        '[tool.hatch.build]\nsources = ["src"]',
        line=LINE + 'package = "src/shelf"\n',
    ),
    "hatch.toml": Layout({**INIT, "hatch.toml": "[build.hooks.build-info]\n"}, line=""),
    "hatch.toml without a build table": Layout({**INIT, "hatch.toml": "[envs.test]\n"}),
    "a table of each target in hatch.toml": Layout(
        {
            **INIT,
            "hatch.toml": "[build.targets.wheel.hooks.build-info]\n"
            "[build.targets.sdist.hooks.build-info]\n",
        },
        "[tool.hatch.build.targets.wheel]\npackages = ['elsewhere']",
        line="",
    ),
    "development mode": Layout(
        {**INIT, "src/shelf/version.py": 'VERSION = "1.4.0"\n'},
        '[tool.hatch.build]\ndev-mode-dirs = ["src"]\ndev-mode-exact = true',
    ),
}


def make_project(root: Path, layout: Layout) -> Repository:
    repository = Repository(root)
    pyproject = PROJECT.format(name=layout.name) + layout.line + layout.tables
    ignore = "build_info.py\n/dist/\n"
    repository.write(
        {"pyproject.toml": pyproject, ".gitignore": ignore, **layout.files}
    )
    repository.commit()
    repository.tag("v1.4.0")
    return repository


@pytest.mark.point("B11")
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_is_stamped_in_the_wheel_and_in_the_wheel_from_the_sdist(
    tmp_path: Path, layout: Layout
) -> None:
    project = make_project(tmp_path / "project", layout)
    commit = project.git("rev-parse", "HEAD")[:9]

    sdist, wheel = build_targets(project.root, tmp_path / "tree", "sdist", "wheel")
    unpacked = unpack(sdist, tmp_path / "unpacked")
    (again,) = build_targets(unpacked, tmp_path / "sdist", "wheel")

    stamp = read_wheel(wheel)[f"{layout.stamped}/build_info.py"]
    assert f'SOURCE_COMMIT = "{commit}"' in stamp
    assert 'CHANNEL = "stable"' in stamp
    assert again.read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_command_finds_the_package_that_the_build_stamps(
    tmp_path: Path, layout: Layout, capfd: pytest.CaptureFixture[str]
) -> None:
    project = make_project(tmp_path, layout)

    assert cli.main(["show", str(project.root)]) == 0, capfd.readouterr().err
    assert "stable" in capfd.readouterr().out


class Refusal(NamedTuple):
    """A project whose package the hook cannot choose, and what the error says."""

    layout: Layout
    messages: tuple[str, ...]


REFUSALS = {
    "several packages": Refusal(
        Layout(
            {
                **{
                    f"src/{name}/__init__.py": "" for name in ("books", "attr", "attrs")
                },
                "src/tests/__init__.py": "",
            },
            WHEEL + 'packages = ["src/attr", "src/attrs", "src/books", "src/tests"]',
            name="attrs",
        ),
        (
            "The wheel ships 4 packages.",
            "add one of these lines to [tool.hatch.build.hooks.build-info].\n",
            '\npackage = "src/attrs"\npackage = "src/attr"\n',
        ),
    ),
    "several packages of a namespace": Refusal(
        Layout(
            {
                "books/old/__init__.py": "",
                "books/shelf/__init__.py": "",
            },
            WHEEL + 'packages = ["books"]',
            name="books-shelf",
        ),
        ('\npackage = "books/shelf"\npackage = "books/old"\n',),
    ),
    "several packages, in hatch.toml": Refusal(
        Layout(
            {
                "a/__init__.py": "",
                "b/__init__.py": "",
                "hatch.toml": "[build.hooks.build-info]\n"
                "[build.targets.wheel]\npackages = ['a', 'b']\n",
            },
            line="",
        ),
        ("[build.hooks.build-info].\n",),
    ),
    "a single module": Refusal(
        Layout({"shelf.py": ""}),
        ("the module shelf.py", "move shelf.py to shelf/__init__.py"),
    ),
    "no package with the project's name": Refusal(
        Layout({"src/books/__init__.py": ""}),
        ("cannot choose what the wheel ships", 'packages = ["src/shelf"]'),
    ),
    "no module": Refusal(
        Layout({"data/books.json": "{}"}, WHEEL + 'only-include = ["data"]'),
        ("ships no Python package", 'package = "src/shelf"'),
    ),
}


@pytest.mark.parametrize("target", ["wheel", "sdist"])
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_package_that_cannot_be_chosen_stops_the_build_with_the_line_to_add(
    tmp_path: Path, refusal: Refusal, target: str
) -> None:
    project = make_project(tmp_path, refusal.layout)

    done = run_build(project.root, f"--{target}")
    printed = done.stdout + done.stderr

    assert done.returncode != 0
    assert "Traceback" not in printed
    assert not list(project.root.glob("dist/*"))
    for message in refusal.messages:
        assert message in printed
