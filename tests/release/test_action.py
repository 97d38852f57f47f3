"""action.yml: its steps, run as the shell that they are."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import overrides
from build_hooks.tags import DEFAULT_PATTERN
from tests.support import workflows
from tests.support.repository import Repository
from tests.support.sample_project import FILES

TAG = "v2.15.0-beta.rc1"
Act = Callable[..., tuple[list[subprocess.CompletedProcess[str]], dict[str, str]]]


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A tagged project, and in it what would be run if the action were careless."""
    repository = Repository(tmp_path / "project")
    repository.write({**FILES, "build_hooks/__init__.py": "raise SystemExit(3)\n"})
    repository.commit()
    repository.tag(TAG, annotated=True)
    return repository


@pytest.fixture
def act(project: Repository, tmp_path: Path) -> Act:
    """Runs the action's steps in turn; what each did, and the outputs."""
    output = tmp_path / "output"

    def run(
        folder: Path = project.root, **inputs: str
    ) -> tuple[list[subprocess.CompletedProcess[str]], dict[str, str]]:
        output.write_text("")
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return workflows.run_action(folder, given, output, {})

    return run


def test_it_tells_the_stamp(act: Act, project: Repository) -> None:
    commit = project.git("rev-parse", "HEAD")

    (done,), found = act()

    assert done.returncode == 0, done.stderr
    assert workflows.declared_outputs(found) == {
        "version": "2.15.0",
        "channel": "beta",
        "commit": commit[:9],
        "date": "2026-05-18T12:00:00Z",
        "tag": TAG,
        "labels": "org.opencontainers.image.title=host\n"
        "org.opencontainers.image.version=2.15.0-beta.rc1\n"
        f"org.opencontainers.image.revision={commit}\n"
        "org.opencontainers.image.created=2026-05-18T12:00:00Z",
        "build-args": f"HOST_SOURCE_COMMIT={commit}\n"
        "HOST_BUILD_DATE=2026-05-18T12:00:00Z\n"
        f"HOST_TAG={TAG}\n"
        "HOST_CHANNEL=beta",
    }


def test_build_arguments_are_what_a_build_reads(act: Act) -> None:
    _, found = act(env_prefix="PAPERLESS_NGX")
    environ = dict(line.split("=", 1) for line in found["build-args"].splitlines())

    given = overrides.read_facts(environ, "PAPERLESS_NGX", DEFAULT_PATTERN)

    assert given.tag is not None
    assert (given.tag.name, given.channel) == (TAG, "beta")


def test_it_stamps_a_copy(act: Act, project: Repository, tmp_path: Path) -> None:
    copy = tmp_path / "a copy" / "paperless"
    shutil.copytree(project.root / "src" / "paperless", copy)

    done, found = act(copy=str(copy))

    assert [it.returncode for it in done] == [0, 0], done[-1].stderr
    assert f'"{found["commit"]}"' in (copy / "build_info.py").read_text()
    assert '__channel__: Final[str] = "beta"' in (copy / "version.py").read_text()
    assert project.git("status", "--porcelain") == ""


def test_without_a_copy_nothing_is_written(act: Act, project: Repository) -> None:
    act()

    assert project.git("status", "--porcelain", "--ignored") == ""


@pytest.mark.parametrize("strict", ["true", "false"])
def test_an_untagged_commit_stops_it_unless_it_may_be_a_dev_build(
    act: Act, project: Repository, strict: str
) -> None:
    project.git("tag", "--delete", TAG)

    (done,), found = act(strict=strict)

    if strict == "true":
        assert done.returncode == 1
        assert "its commit has no release tag" in done.stderr
        assert found == {}
    else:
        assert found["channel"] == "dev"


@pytest.mark.parametrize("strict", ["True", "yes", "1", ""])
def test_what_is_neither_true_nor_false_allows_no_build(act: Act, strict: str) -> None:
    (done,), found = act(strict=strict)

    assert done.returncode == 1
    assert "::error::The input strict must be true or false." in done.stdout
    assert found == {}


@pytest.mark.parametrize("path", ['"; touch pwned; "', "$(touch pwned)", "--help"])
def test_what_it_is_given_is_never_run(
    act: Act, project: Repository, path: str
) -> None:
    (done,), found = act(path=path)

    assert done.returncode == 1
    assert found == {}
    assert not (project.root / "pwned").exists()
