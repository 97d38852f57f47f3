"""Runs `nox -s release` on a small project with a real remote."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from release import __main__ as command
from tests.support.repository import Repository, hermetic
from tests.support.sample_project import FILES

pytestmark = pytest.mark.slow

CHANGELOG = "# Changelog\n\n## 2.15.0\n\n- Everything new.\n"
Release = Callable[..., tuple[int, str]]


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "project")
    repository.write({**FILES, "CHANGELOG.md": CHANGELOG})
    repository.commit()
    return repository


@pytest.fixture
def remote(project: Repository, tmp_path: Path) -> Repository:
    return project.with_remote(tmp_path / "remote")


@pytest.fixture
def release(
    project: Repository,
    remote: Repository,  # noqa: ARG001  # must be there
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Release:
    """Run the command with an answer; return its status and all output."""
    monkeypatch.chdir(project.root)
    for name, value in hermetic({}).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, answer: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        status = command.main(arguments)
        printed = capfd.readouterr()
        return status, printed.out + printed.err

    return run


def test_a_yes_pushes_a_tag_that_was_built_and_verified(
    release: Release, project: Repository, remote: Repository
) -> None:
    status, printed = release("beta", answer="y\n")

    assert status == 0, printed
    assert "- Everything new." in printed
    assert printed.count("ok    rebuild") == 2
    assert printed.count("ok    commit") == 2
    assert "  host-2.15.0.tar.gz\n" in printed
    assert "Ready to push to origin: refs/tags/v2.15.0rc1" in printed
    assert remote.git("rev-parse", "v2.15.0rc1^{commit}") == project.git(
        "rev-parse", "HEAD"
    )
    assert project.git("status", "--porcelain", "--ignored") == ""


def test_the_receiver_is_built_and_verified_with_the_same_tag(
    release: Release, project: Repository
) -> None:
    project.write({f"usage_receiver/{name}": text for name, text in FILES.items()})
    project.commit()
    project.git("push", "--quiet", "origin", "main")

    status, printed = release("beta", answer="")  # standard input ends

    assert "Ready to push" in printed, printed
    assert printed.count("ok    rebuild") == 4
    assert status == 1
    assert project.git("tag") == ""


def test_any_other_answer_removes_the_tag(
    release: Release, project: Repository, remote: Repository
) -> None:
    status, printed = release("stable", answer="maybe\n")

    assert status == 1
    assert "Nothing was pushed, and the tag v2.15.0 was deleted." in printed
    assert (project.git("tag"), remote.git("tag")) == ("", "")


def test_a_dry_run_makes_no_tag(release: Release, project: Repository) -> None:
    status, printed = release("stable", "--dry-run")

    assert status == 0
    assert printed.splitlines()[0].startswith("v2.15.0 will be ")
    assert printed.endswith("Dry run: no tag made, nothing built.\n")
    assert project.git("tag") == ""


def test_a_failed_build_removes_the_tag(
    release: Release, project: Repository, remote: Repository
) -> None:
    project.write(
        {"pyproject.toml": FILES["pyproject.toml"].replace("packages =", "pckgs =")}
    )
    project.commit()
    project.git("push", "--quiet")

    status, printed = release("stable", answer="y\n")

    assert status == 1
    assert "build failed: see above." in printed
    assert (project.git("tag"), remote.git("tag")) == ("", "")


def test_every_refusal_is_listed_at_once(release: Release, project: Repository) -> None:
    project.write({"CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- New.\n"})

    status, printed = release("stable")

    assert status == 1
    assert "The tree is changed: commit or remove CHANGELOG.md." in printed
    assert "CHANGELOG.md has no notes for v2.15.0" in printed
    assert project.git("tag") == ""


def test_without_a_remote_there_is_no_release(
    release: Release, project: Repository
) -> None:
    project.git("remote", "remove", "origin")

    assert "There is no remote to push to" in release("stable")[1]


def test_without_a_changelog_there_is_no_release(
    release: Release, project: Repository
) -> None:
    project.git("rm", "--quiet", "CHANGELOG.md")
    project.commit()
    project.git("push", "--quiet")

    assert "CHANGELOG.md: No such file or directory." in release("stable")[1]


def test_a_candidate_is_promoted_by_its_own_tag(
    release: Release, project: Repository, remote: Repository
) -> None:
    project.tag("v2.15.0rc1")

    status, printed = release("stable", "--promote", answer="y\n")

    assert status == 0, printed
    assert printed.count("ok    channel  stable") == 2
    assert remote.git("tag") == "v2.15.0"


def test_version_must_be_one_that_can_be_released(release: Release) -> None:
    with pytest.raises(SystemExit) as caught:
        release("beta", "--version", "2.15.0.dev1")

    assert caught.value.code == 2
