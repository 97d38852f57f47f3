"""The version of a tree is the one that hatchling builds, whatever states it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hatchling.builders.wheel import WheelBuilder

from build_hooks import cli
from tests.support.repository import Repository

PYPROJECT = """\
[build-system]
requires = ["hatchling", "hatch-vcs", "paperless-report"]
build-backend = "hatchling.build"

[project]
name = "shelf"
requires-python = ">=3.11"
{version}

[tool.hatch.build.hooks.build-info]
package = "src/shelf"
{tables}
"""
DYNAMIC = 'dynamic = ["version"]'
HOOK = """\
from hatchling.metadata.plugin.interface import MetadataHookInterface

class Hook(MetadataHookInterface):
    def update(self, metadata):
        metadata["version"] = "1.4.0"
"""


class Source(NamedTuple):
    """A way to state version 1.4.0, and the place that a message names."""

    tables: str
    place: str
    files: dict[str, str] = {}  # noqa: RUF012  # never changed
    version: str = DYNAMIC


SOURCES = {
    "the project's table": Source("", "pyproject.toml", version='version = "1.4.0"'),
    "about": Source(
        '[tool.hatch.version]\npath = "src/shelf/__about__.py"',
        "src/shelf/__about__.py",
        {"src/shelf/__about__.py": '__version__ = "1.4.0"\n'},
    ),
    "another name": Source(
        '[tool.hatch.version]\npath = "src/shelf/version.py"',
        "src/shelf/version.py",
        {"src/shelf/version.py": 'VERSION = "1.4.0"\n'},
    ),
    "a pattern": Source(
        "[tool.hatch.version]\npath = \"VERSION\"\npattern = '(?P<version>.+)'",
        "VERSION",
        {"VERSION": "1.4.0\n"},
    ),
    "code": Source(
        '[tool.hatch.version]\nsource = "code"\npath = "src/shelf/version.py"',
        "src/shelf/version.py",
        {"src/shelf/version.py": '__version__ = ".".join(map(str, (1, 4, 0)))\n'},
    ),
    "code that prints": Source(
        '[tool.hatch.version]\nsource = "code"\npath = "src/shelf/version.py"',
        "src/shelf/version.py",
        {
            "src/shelf/version.py": "import os\nprint('noise')\nos.system('echo noise')\n"
            '__version__ = "1.4.0"\n'
        },
    ),
    "a variable": Source(
        '[tool.hatch.version]\nsource = "env"\nvariable = "SHELF_VERSION"',
        "variable SHELF_VERSION",
    ),
    "the tags": Source('[tool.hatch.version]\nsource = "vcs"', "version source vcs"),
    "a metadata hook": Source(
        "[tool.hatch.metadata.hooks.custom]",
        "hatchling",
        {"hatch_build.py": HOOK},
    ),
}
Write = Callable[[Source], Repository]
Show = Callable[..., tuple[dict[str, object], str]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Commit a project whose version is stated by a source."""
    monkeypatch.setenv("SHELF_VERSION", "1.4.0")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)

    def write(source: Source) -> Repository:
        repository = Repository(tmp_path / "shelf")
        pyproject = PYPROJECT.format(version=source.version, tables=source.tables)
        repository.write(
            {
                ".gitignore": "build_info.py\n__pycache__/\n",
                "pyproject.toml": pyproject,
                "src/shelf/__init__.py": "",
                **source.files,
            }
        )
        repository.commit()
        return repository

    return write


@pytest.fixture
def show(capfd: pytest.CaptureFixture[str]) -> Show:
    """Run `build-stamp show --format json`; return its output and its messages."""

    def show(root: Path, *options: str) -> tuple[dict[str, object], str]:
        capfd.readouterr()
        assert cli.main(["show", str(root), "--format", "json", *options]) == 0
        printed = capfd.readouterr()
        return json.loads(printed.out), printed.err

    return show


def build(repository: Repository) -> str:
    """Build the wheel; return its file's name."""
    builder = WheelBuilder(str(repository.root))
    folder = str(repository.root / "dist")
    (wheel,) = builder.build(directory=folder, versions=["standard"])
    return Path(wheel).name


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_show_says_the_version_that_hatchling_builds(
    write: Write, show: Show, source: Source
) -> None:
    repository = write(source)
    repository.tag("v1.4.0")

    stamp, messages = show(repository.root)

    assert (stamp["version"], stamp["channel"]) == ("1.4.0", "stable")
    assert "build-stamp:" not in messages
    assert build(repository) == "shelf-1.4.0-py3-none-any.whl"


@pytest.mark.parametrize(
    "source",
    [pytest.param(it, id=name) for name, it in SOURCES.items() if name != "the tags"],
)
def test_a_tag_that_disagrees_with_the_version_stops_build_and_show(
    write: Write,
    source: Source,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository = write(source)
    repository.tag("v1.5.0")
    message = f"Tag v1.5.0 means version 1.5.0, but {source.place} says 1.4.0."

    with pytest.raises(SystemExit):
        build(repository)
    assert message in capsys.readouterr().err
    assert cli.main(["show", str(repository.root)]) == 1
    assert message in capsys.readouterr().err


def test_a_lower_tag_that_fits_the_version_is_named(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = write(SOURCES["about"])
    repository.tag("v1.4.0")
    repository.tag("v1.5.0")

    assert cli.main(["show", str(repository.root)]) == 1

    assert (
        "Tag v1.4.0, at the same commit, means that version. To build it, set "
        "SHELF_TAG=v1.4.0, or remove one of the tags."
    ) in capsys.readouterr().err


@pytest.mark.parametrize("tag", ["v1.4.0rc1", "v1.4.0-rc.1", "v1.4.0RC1"])
@pytest.mark.parametrize("version", ["1.4.0", "1.4.0rc1", "1.4.0-c1", "1.4rc1"])
def test_a_candidate_may_have_its_own_version_or_that_of_the_release(
    write: Write, show: Show, tag: str, version: str
) -> None:
    repository = write(SOURCES["about"])
    repository.write({"src/shelf/__about__.py": f'__version__ = "{version}"\n'})
    repository.commit()
    repository.tag(tag)

    assert show(repository.root)[0]["channel"] == "beta"


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        ("1.4", "v1.4"),
        ("1.4", "1.4.0"),
        ("2026.11", "v2026.11"),
        ("2026.05.03", "v2026.5.3"),
        ("1.2.3.4", "v1.2.3.4"),
        ("1!2.0", "v1!2.0"),
        ("1.4.0.post1", "v1.4.0-1"),
    ],
)
def test_every_version_that_pep_440_allows_can_be_released(
    write: Write, show: Show, version: str, tag: str
) -> None:
    source = SOURCES["the project's table"]
    repository = write(source._replace(version=f'version = "{version}"'))
    repository.tag(tag)

    stamp, messages = show(repository.root, "--strict")

    assert (stamp["channel"], stamp["version"]) == ("stable", version)
    assert messages == ""
    build(repository)


@pytest.mark.parametrize(
    "version_py",
    [
        '__version__ = "0.0"\ntry:\n    from shelf._v import __version__\nfinally:\n    0',
        '__version__ = "0.0.0"\nif True:\n    __version__ = "1.4.0"\n',
        '__version__ = "1.4"\n__version__ += ".0"\n',
        '__version__ = "unknown"\nfrom shelf._v import __version__\n',
        '__version__ = (1, 4, 0, "final", 0)\n',
        '__version__ = "1.4.0 "\n',
        '__version__ = "0.0.0"  # replaced in the image\n',
        '__version__ = "@VERSION@"\n',
    ],
)
def test_a_placeholder_in_version_py_is_not_the_version(
    write: Write, show: Show, version_py: str
) -> None:
    source = SOURCES["the project's table"]
    repository = write(source._replace(files={"src/shelf/version.py": version_py}))
    repository.tag("v1.4.0")

    assert show(repository.root, "--strict")[0]["version"] == "1.4.0"
    build(repository)


def test_between_two_tags_the_version_follows_from_the_last_one(
    write: Write, show: Show
) -> None:
    repository = write(SOURCES["the tags"])
    repository.tag("v1.4.0")
    repository.commit("Next")

    stamp, messages = show(repository.root)

    assert str(stamp["version"]).startswith("1.4.1.dev1+g")
    assert (stamp["channel"], stamp["tag"], messages) == ("dev", None, "")
    build(repository)


def test_a_changed_tree_has_the_development_version_and_no_tag(
    write: Write, show: Show
) -> None:
    repository = write(SOURCES["the tags"])
    repository.tag("v1.4.0")
    repository.write({"src/shelf/__init__.py": "changed = True\n"})

    stamp, messages = show(repository.root)

    assert ".dev" in str(stamp["version"])
    assert (stamp["channel"], stamp["tag"]) == ("dev", None)
    assert len(messages.splitlines()) == 1
    assert ".dev" in build(repository)


BROKEN = {
    "a missing plugin": (
        '[tool.hatch.version]\nsource = "of-the-moon"',
        "Unknown version source: of-the-moon. Install hatchling, hatch-vcs here.",
    ),
    "a variable that is not set": (
        '[tool.hatch.version]\nsource = "env"\nvariable = "NOT_SET"',
        "environment variable `NOT_SET` is not set",
    ),
    "a file that does not exist": (
        '[tool.hatch.version]\npath = "nowhere.py"',
        "file does not exist: nowhere.py",
    ),
    "code that exits": (
        '[tool.hatch.version]\nsource = "code"\npath = "exit.py"',
        "hatchling cannot say it here: 3.",
    ),
    "code that lacks a package": (
        '[tool.hatch.version]\nsource = "code"\npath = "lacks.py"',
        "No module named 'not_installed'. Install hatchling, hatch-vcs here.",
    ),
    "no version": ("", "Missing `tool.hatch.version` configuration"),
}


@pytest.mark.parametrize(("tables", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_version_that_hatchling_cannot_say_is_unknown_and_not_the_tags(
    write: Write, show: Show, tables: str, reason: str
) -> None:
    files = {"exit.py": "raise SystemExit(3)\n", "lacks.py": "import not_installed\n"}
    repository = write(Source(tables, "", files))
    repository.tag("v1.4.0")

    stamp, messages = show(repository.root)

    assert (stamp["version"], stamp["channel"]) == (None, "stable")
    assert "build-stamp: The version is unknown here: " in messages
    assert reason in messages
    assert "Traceback" not in messages


def test_without_hatchling_the_version_is_unknown_and_the_packages_are_named(
    write: Write, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = write(SOURCES["about"])
    repository.write({"src/shelf/version.py": '__version__ = "9.9.9"\n'})
    repository.commit()
    repository.tag("v1.4.0")
    monkeypatch.setitem(sys.modules, "hatchling.metadata.core", None)

    stamp, messages = show(repository.root)

    assert stamp["version"] is None
    assert "Install hatchling, hatch-vcs here." in messages


def test_without_hatchling_a_static_version_and_that_of_an_sdist_are_known(
    write: Write, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hatchling.metadata.core", None)
    repository = write(SOURCES["the project's table"])
    assert show(repository.root)[0]["version"] == "1.4.0"

    repository = write(SOURCES["the tags"])
    repository.write({"PKG-INFO": "Metadata-Version: 2.4\nVersion: 1.4.0\n\nText\n"})
    assert show(repository.root)[0]["version"] == "1.4.0"


def test_a_failing_version_source_changes_nothing_for_the_caller(
    write: Write, show: Show
) -> None:
    code = "import sys\nsys.path.insert(0, 'x')\nraise SystemExit\n"
    tables = '[tool.hatch.version]\nsource = "code"\npath = "exit.py"'
    repository = write(Source(tables, "", {"exit.py": code}))
    before = (Path.cwd(), list(sys.path))

    show(repository.root)

    assert (Path.cwd(), sys.path) == before


def test_a_copy_may_have_the_placeholder_of_its_source(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version_py = {"src/shelf/version.py": '__version__ = "0.0.0"\n'}
    source = SOURCES["the project's table"]._replace(files=version_py)
    repository = write(source)
    copy = tmp_path / "copy"
    copy.mkdir()
    arguments = ["write", str(copy), "--from", str(repository.root)]

    (copy / "version.py").write_text('__version__ = "0.0.0"\n')
    assert cli.main(arguments) == 0
    (copy / "version.py").write_text('__version__ = "1.4"\n')
    assert cli.main(arguments) == 0
    (copy / "version.py").write_text('__version__ = "1.3.0"\n')
    assert cli.main(arguments) == 1
    assert "says 1.3.0, but the stamp is for 1.4.0" in capsys.readouterr().err


def test_another_backend_builds_the_version_of_project(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (project.root / "pyproject.toml").read_text()
    project.write(
        {
            "pyproject.toml": text.replace("hatchling.build", "setuptools.build_meta"),
            "src/paperless/version.py": "",
        }
    )

    cli.main(["show", str(project.root)])

    assert "version    : 2.15.0" in capsys.readouterr().out
