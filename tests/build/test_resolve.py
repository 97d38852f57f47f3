import os
import shutil
from pathlib import Path, PurePosixPath

import pytest

from build_hooks.config import Config
from build_hooks.errors import (
    EnvironmentVariableError,
    StrictError,
)
from build_hooks.own_stamp import read_package_files
from build_hooks.project import Project
from build_hooks.project_version import read_version
from build_hooks.resolve import resolve
from build_hooks.stamp import Resolution, Stamp
from tests.support.repository import Repository

CONFIG = Config(PurePosixPath("src/paperless"), env_prefix="HOST")
DATE = "2026-05-18T12:00:00Z"  # of tests.support.repository.COMMITTED


def resolved(root: Path, **environ: str) -> Resolution:
    clean = {
        key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"
    }
    project = Project(root, "host", CONFIG)
    files = read_package_files(project.package_dir)
    version = read_version(project, files)
    return resolve(project, files, version, {**clean, **environ})


def stamped(root: Path, **environ: str) -> Stamp:
    return resolved(root, **environ).stamp


def facts(resolution: Resolution) -> Stamp:
    """Return the stamp without the sources that decided its facts."""
    return resolution.stamp._replace(decided={})


def test_a_tagged_commit_gets_every_fact(project: Repository) -> None:
    commit = project.git("rev-parse", "HEAD")
    project.tag("v2.15.0-beta.rc1")

    assert facts(resolved(project.root)) == Stamp(
        version="2.15.0",
        channel="beta",
        commit=commit[:9],
        build_date=DATE,
        tag="v2.15.0-beta.rc1",
        dirty=False,
        source="git",
        tag_version="2.15.0-beta.rc1",
        revision=commit,
        decided={},
    )


def test_a_changed_tree_is_dev_and_says_what_changed(project: Repository) -> None:
    project.tag("v2.15.0")
    project.write({"docs/index.md": "# Another\n"})

    resolution = resolved(project.root)

    assert (resolution.stamp.channel, resolution.stamp.tag) == ("dev", None)
    assert resolution.stamp.dirty
    assert len(resolution.warnings) == 1
    assert "docs/index.md" in resolution.warnings[0]


@pytest.mark.parametrize(
    ("version_py", "version"),
    [
        ('__version__ = "2.15.0"', "2.15.0"),
        ("__version__ = [2, 15, 0]", "2.15.0"),
        ("__version__ = compute()", "2.15.0"),  # the tag's
        ("", "2.15.0"),
    ],
)
def test_without_hatchling_version_py_states_the_version(
    project: Repository, version_py: str, version: str
) -> None:
    project.write({"pyproject.toml": "", "src/paperless/version.py": version_py})
    project.commit()
    project.tag("v2.15.0")

    assert stamped(project.root).version == version


def test_source_date_epoch_sets_the_build_date_and_nothing_else(
    project: Repository,
) -> None:
    plain = stamped(project.root)

    stamp = stamped(project.root, SOURCE_DATE_EPOCH="315532800")

    assert stamp.build_date == "1980-01-01T00:00:00Z"
    assert stamp.commit == plain.commit


@pytest.mark.parametrize(
    "value", ["yesterday", "-1", "1.5", "\N{SUPERSCRIPT TWO}", "9" * 13]
)
def test_a_malformed_source_date_epoch_is_named(
    project: Repository, value: str
) -> None:
    with pytest.raises(EnvironmentVariableError, match="SOURCE_DATE_EPOCH must be"):
        stamped(project.root, SOURCE_DATE_EPOCH=value)


@pytest.fixture
def sdist(project: Repository, tmp_path: Path) -> Path:
    """The unpacked sdist of the project."""
    sdist = tmp_path / "sdist"
    shutil.copytree(project.root, sdist, ignore=shutil.ignore_patterns(".git"))
    (sdist / "PKG-INFO").touch()
    package = sdist / "src" / "paperless"
    (package / "version.py").write_text(
        '__version__ = (2, 15, 0)\n__channel__ = "beta"\n'
    )
    (package / "build_info.py").write_text(
        f'SOURCE_COMMIT = "012345678"\nBUILD_DATE = "{DATE}"\n'
    )
    return sdist


def test_an_sdist_keeps_its_own_stamp(sdist: Path, tmp_path: Path) -> None:
    # Even inside another repository, and with SOURCE_DATE_EPOCH.
    Repository(tmp_path).commit()

    assert facts(resolved(sdist, SOURCE_DATE_EPOCH="1")) == Stamp(
        "2.15.0",
        "beta",
        "012345678",
        DATE,
        None,
        dirty=False,
        source="sdist",
        revision="012345678",
        untouched=True,
        decided={},
    )


def test_without_any_source_it_is_dev_with_one_warning(
    project: Repository, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(project.root, bare, ignore=shutil.ignore_patterns(".git"))

    resolution = resolved(bare)

    assert facts(resolution) == Stamp(
        "2.15.0", "dev", None, None, None, dirty=False, source="none", decided={}
    )
    assert len(resolution.warnings) == 1
    assert "is not in a git repository" in resolution.warnings[0]


def test_an_override_replaces_one_fact_of_an_sdist(sdist: Path) -> None:
    stamp = stamped(sdist, HOST_CHANNEL="stable")

    assert (stamp.channel, stamp.commit, stamp.build_date) == (
        "stable",
        "012345678",
        DATE,
    )
    assert not stamp.untouched


def test_each_fact_names_its_source(project: Repository) -> None:
    project.tag("v2.15.0-beta.rc1")

    stamp = stamped(project.root, HOST_CHANNEL="stable", SOURCE_DATE_EPOCH="0")

    assert stamp.decided == {
        "version": "pyproject.toml",
        "channel": "environment",
        "commit": "git",
        "build_date": "SOURCE_DATE_EPOCH",
        "tag": "git",
        "dirty": "git",
    }


@pytest.mark.parametrize(
    "environ", [{}, {"HOST_CHANNEL": "dev"}, {"HOST_CHANNEL": "beta"}]
)
def test_a_stated_channel_alone_identifies_no_commit(
    project: Repository, environ: dict[str, str]
) -> None:
    (project.root / ".git").rename(project.root / "no-git")

    stamp = stamped(project.root, **environ, SOURCE_DATE_EPOCH="1")

    assert (stamp.source, stamp.commit, stamp.build_date) == ("none", None, None)
    assert stamp.channel == environ.get("HOST_CHANNEL", "dev")


def test_strict_mode_lists_every_problem(project: Repository) -> None:
    project.write({"docs/index.md": "# Another\n"})

    with pytest.raises(StrictError) as caught:
        stamped(project.root, HOST_STRICT="1")

    assert "The tree is changed" in str(caught.value)
    assert "its commit has no release tag" in str(caught.value)


def test_a_strict_wheel_from_an_sdist_needs_a_stamp(sdist: Path) -> None:
    assert stamped(sdist, HOST_STRICT="1").channel == "beta"

    (sdist / "src/paperless/build_info.py").unlink()
    with pytest.raises(StrictError, match="The commit of this tree is unknown"):
        stamped(sdist, HOST_STRICT="1")
