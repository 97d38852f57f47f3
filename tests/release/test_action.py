"""Runs the steps of action.yml in a shell."""

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
    """A tagged project, with a module that a careless action would run."""
    repository = Repository(tmp_path / "project")
    repository.write({**FILES, "build_hooks/__init__.py": "raise SystemExit(3)\n"})
    repository.commit()
    repository.tag(TAG, annotated=True)
    return repository


@pytest.fixture
def act(project: Repository, tmp_path: Path) -> Act:
    """Run the steps of the action; return their processes and the outputs."""
    output = tmp_path / "output"

    def run(
        folder: Path = project.root, **inputs: str
    ) -> tuple[list[subprocess.CompletedProcess[str]], dict[str, str]]:
        output.write_text("")
        dashed = {name.replace("_", "-"): value for name, value in inputs.items()}
        return workflows.run_action(folder, dashed, output, {})

    return run


def test_the_action_outputs_the_stamp(act: Act, project: Repository) -> None:
    commit = project.git("rev-parse", "HEAD")

    (done,), outputs = act()

    assert done.returncode == 0, done.stderr
    assert workflows.declared_outputs(outputs) == {
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


def test_the_build_arguments_state_the_stamp_to_a_build(act: Act) -> None:
    _, outputs = act(env_prefix="PAPERLESS_NGX")
    environ = dict(line.split("=", 1) for line in outputs["build-args"].splitlines())

    stated = overrides.read_facts(environ, "PAPERLESS_NGX", DEFAULT_PATTERN)

    assert stated.tag is not None
    assert (stated.tag.name, stated.channel) == (TAG, "beta")


def test_a_copy_is_stamped(act: Act, project: Repository, tmp_path: Path) -> None:
    copy = tmp_path / "a copy" / "paperless"
    shutil.copytree(project.root / "src" / "paperless", copy)

    done, outputs = act(copy=str(copy))

    assert [it.returncode for it in done] == [0, 0], done[-1].stderr
    assert f'"{outputs["commit"]}"' in (copy / "build_info.py").read_text()
    assert '__channel__: Final[str] = "beta"' in (copy / "version.py").read_text()
    assert project.git("status", "--porcelain") == ""


def test_without_a_copy_nothing_is_written(act: Act, project: Repository) -> None:
    act()

    assert project.git("status", "--porcelain", "--ignored") == ""


@pytest.mark.parametrize("strict", ["true", "false"])
def test_an_untagged_commit_fails_unless_strict_is_false(
    act: Act, project: Repository, strict: str
) -> None:
    project.git("tag", "--delete", TAG)

    (done,), outputs = act(strict=strict)

    if strict == "true":
        assert done.returncode == 1
        assert "its commit has no release tag" in done.stderr
        assert outputs == {}
    else:
        assert outputs["channel"] == "dev"


@pytest.mark.parametrize("strict", ["True", "yes", "1", ""])
def test_any_other_value_of_strict_fails(act: Act, strict: str) -> None:
    (done,), outputs = act(strict=strict)

    assert done.returncode == 1
    assert "::error::The input strict must be true or false." in done.stdout
    assert outputs == {}


@pytest.mark.parametrize("path", ['"; touch pwned; "', "$(touch pwned)", "--help"])
def test_an_input_is_never_run(act: Act, project: Repository, path: str) -> None:
    (done,), outputs = act(path=path)

    assert done.returncode == 1
    assert outputs == {}
    assert not (project.root / "pwned").exists()
