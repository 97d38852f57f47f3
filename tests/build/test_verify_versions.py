"""`verify` reads any version that PEP 440 allows, and packages without a version.py."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from build_hooks import cli
from tests.support.repository import Repository

PYPROJECT = """\
[build-system]
requires = ["hatchling", "paperless-report"]
build-backend = "hatchling.build"

[project]
name = "shelf"
version = "{version}"

[tool.hatch.build.hooks.build-info]
"""
Make = Callable[..., list[Path]]
Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Commit, tag and build a project; return its wheel and its sdist."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)

    def make(version: str, tag: str = "", version_py: str = "") -> list[Path]:
        repository = Repository(tmp_path / "shelf")
        repository.write(
            {
                ".gitignore": "build_info.py\n/dist/\n",
                "pyproject.toml": PYPROJECT.format(version=version),
                "src/shelf/__init__.py": "",
            }
        )
        if version_py:
            repository.write({"src/shelf/version.py": version_py})
        repository.commit()
        if tag:
            repository.tag(tag)
        monkeypatch.chdir(repository.root)
        root, folder = str(repository.root), str(repository.root / "dist")
        return [
            Path(path)
            for builder in (WheelBuilder(root), SdistBuilder(root))
            for path in builder.build(directory=folder, versions=["standard"])
        ]

    return make


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    def run(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        status = cli.main(["verify", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def rewrite(wheel: Path, name: str, content: str) -> None:
    """Replace a file of a *wheel*, or add it, without its row in RECORD."""
    with zipfile.ZipFile(wheel) as archive:
        contents = {it: archive.read(it) for it in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for it, old in {**contents, name: content.encode()}.items():
            archive.writestr(it, content if it == name else old)


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        ("1.4", "v1.4"),
        ("1.4", "v1.4.0"),
        ("0.11", "0.11"),
        ("2025.03.0", "v2025.03.0"),
        ("2025.3.0", "v2025.03"),
        ("1!2.0", "v1!2.0"),
        ("1.2.3.4", "v1.2.3.4"),
        ("1.4.0-rc1", "v1.4.0rc1"),
        ("1.4.0-beta.1", "v1.4.0-beta.1"),
        ("1.4.0.rc.1", "v1.4.0RC1"),
        ("1.4.0-1", "v1.4.0.post1"),
        ("1.4.0+cu-128", "v1.4.0"),
    ],
)
@pytest.mark.parametrize("version_py", ["", "{version}"])
def test_an_untouched_artifact_passes_whatever_its_version_looks_like(
    make: Make, verify: Verify, version: str, tag: str, version_py: str
) -> None:
    literal = version_py and f'__version__ = "{version}"\n'

    status, printed = verify(*make(version, tag, literal), "--tag", tag, "--strict")

    assert status == 0, printed
    assert printed.count("ok    name") == 2


@pytest.mark.parametrize(
    ("version", "literal", "agree"),
    [
        ("1.4.0", "(1, 4, 0, 'final', 0)", True),
        ("1.4.0rc1", "(1, 4, 0, 'rc', 1)", True),
        ("1.4.0", "'1.4'", True),
        ("2026.5.3", "'2026.05.03'", True),
        ("1.4.0rc1", "'1.4.0'", True),
        ("1.4.0", "'1.4.0rc1'", False),
        ("1.4.0", "'0.0.0'", False),
        ("1.4.0", "compute()", True),
    ],
)
def test_version_py_and_metadata_are_compared_as_versions(
    make: Make, verify: Verify, *, version: str, literal: str, agree: bool
) -> None:
    wheel, _ = make(version, version_py=f"__version__ = {literal}\n")

    status, printed = verify(wheel)

    assert (status == 0) is agree, printed
    assert ("FAIL  version" in printed) is not agree


@pytest.mark.parametrize("renamed", ["1.4.1", "1.4.0.post1", "1!1.4.0", "1.4.0+x"])
def test_a_file_of_another_version_fails(
    make: Make, verify: Verify, renamed: str
) -> None:
    for path in make("1.4.0", "v1.4.0"):
        other = path.rename(path.with_name(path.name.replace("1.4.0", renamed)))

        assert "FAIL  name     the file is" in verify(other)[1]


def test_a_package_without_a_version_py_states_its_channel_in_build_info(
    make: Make, verify: Verify
) -> None:
    wheel, sdist = make("1.4.0", "v1.4.0rc1")

    status, printed = verify(wheel, sdist, "--tag", "v1.4.0rc1", "--strict")

    assert status == 0, printed
    assert printed.count("ok    channel  beta") == 2
    assert (
        "FAIL  channel  beta, but tag v1.4.0 means"
        in verify(wheel, "--tag", "v1.4.0")[1]
    )


@pytest.mark.parametrize(
    ("version_py", "message"),
    [
        (
            '__channel__ = "dev"',
            "version.py says 'dev', but build_info.py says 'stable'",
        ),
        ('__channel__ = "gold"', "version.py says 'gold', but build_info.py says"),
        ("__channel__ = [1]", "version.py says [1], but build_info.py says 'stable'"),
    ],
)
def test_two_channels_that_disagree_fail(
    make: Make, verify: Verify, version_py: str, message: str
) -> None:
    wheel, _ = make("1.4.0", "v1.4.0")
    rewrite(wheel, "shelf/version.py", version_py)

    assert f"FAIL  channel  {message}" in verify(wheel)[1]


def test_a_stamp_without_a_channel_fails_only_where_one_is_needed(
    make: Make, verify: Verify
) -> None:
    wheel, _ = make("1.4.0", "v1.4.0")
    facts = 'SOURCE_COMMIT = "012345678"\nBUILD_DATE = "2026-05-18T12:00:00Z"\n'
    rewrite(wheel, "shelf/build_info.py", facts)

    assert "ok    channel  none is stated, which means dev" in verify(wheel)[1]
    assert (
        "FAIL  channel  neither version.py nor build_info.py states one"
        in verify(wheel, "--strict")[1]
    )


def test_a_wheel_without_any_stamp_fails_only_where_one_is_needed(
    make: Make, verify: Verify, tmp_path: Path
) -> None:
    wheel, _ = make("1.4.0")
    bare = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(bare, "w") as copy:
        for name in archive.namelist():
            if not name.endswith("build_info.py"):
                copy.writestr(name, archive.read(name))

    _, printed = verify(bare)
    assert "ok    stamp    none: there is no build_info.py" in printed
    assert "FAIL  stamp" in verify(bare, "--strict")[1]
    assert (
        "has no package shelf with a version.py"
        in verify(bare, "--package", "shelf")[1]
    )


def test_another_build_info_next_to_the_stamped_one_is_ignored(
    make: Make, verify: Verify
) -> None:
    wheel, _ = make("1.4.0", "v1.4.0")
    rewrite(wheel, "shelf/vendored/build_info.py", "HOST = 'here'\n")

    assert "ok    channel  stable" in verify(wheel)[1]
