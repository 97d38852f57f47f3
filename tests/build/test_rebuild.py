"""`build-stamp verify --rebuild`: with a tag, the second build is of the tag alone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli
from tests.build.artifacts import build_targets
from tests.build.recipes import run_recipe
from tests.support.needs import require_root
from tests.support.repository import Repository, hermetic
from tests.support.sample_project import PYPROJECT

pytestmark = pytest.mark.slow

TAG = "v2.15.0"
Verify = Callable[..., tuple[int, str]]
FORCED = '\n[tool.hatch.build.targets.sdist.force-include]\n"docs/a.mo" = "docs/a.mo"\n'
CLEAN = f"ok    rebuild  a clean build of tag {TAG} is the same bytes"
ABSENT = "which the tag does not hold: commit what the build needs, and add everything"


@pytest.fixture
def verify(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Verify:
    """Build the sdist of a project, do what comes *then*, and verify it by a second build."""
    for name, value in hermetic({}).items():
        monkeypatch.setenv(name, value)

    def run(
        root: Path, *arguments: str, then: Callable[[], object] = lambda: None
    ) -> tuple[int, str]:
        (artifact,) = build_targets(root, tmp_path / "dist", "sdist")
        then()
        capsys.readouterr()
        words = ("--rebuild", "--no-isolation", "--from", str(root))
        status = cli.main(["verify", str(artifact), *words, *arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_a_file_that_the_tag_does_not_hold_fails(
    project: Repository, verify: Verify
) -> None:
    """The same file was in both builds, because both were of the work tree."""
    project.tag(TAG)
    project.write({"wheels/a.whl": "A copy", "docs/new.md": "A page"})

    status, printed = verify(project.root, "--tag", TAG, "--strict")

    assert status == 1
    made = f"FAIL  rebuild  a clean build of tag {TAG}"
    assert f"{made} has no docs/new.md, wheels/a.whl, {ABSENT}" in printed
    assert printed.count("FAIL") == 1
    steps = (f"checking out tag {TAG} in a clean folder ...", f"building tag {TAG} ...")
    assert [it.strip() for it in printed.splitlines()[-2:]] == list(steps)
    assert project.git("status", "--porcelain").splitlines() == [
        "?? docs/new.md",
        "?? wheels/",
    ]


@pytest.mark.nightly
def test_a_file_that_only_the_tag_holds_fails(
    project: Repository, verify: Verify
) -> None:
    project.tag(TAG)
    (project.root / "docs/index.md").unlink()

    status, printed = verify(project.root, "--tag", TAG)

    assert status == 1
    assert "FAIL  rebuild  this artifact lacks docs/index.md\n" in printed


def test_an_ignored_file_that_the_build_needs_is_named(
    project: Repository, verify: Verify
) -> None:
    project.write({"pyproject.toml": PYPROJECT + FORCED, ".gitignore": "*.mo\n"})
    project.commit()
    project.tag(TAG)
    project.write({"docs/a.mo": "compiled"})

    status, printed = verify(project.root, "--tag", TAG)

    assert status == 1
    made = f"FAIL  rebuild  the build of tag {TAG} in a clean folder failed"
    assert f"{made}: it needs docs/a.mo, {ABSENT}" in printed


def test_the_hook_says_why_a_tag_does_not_build(
    project: Repository, verify: Verify
) -> None:
    status, printed = verify(
        project.root, "--tag", "v2.16.0", then=lambda: project.tag("v2.16.0")
    )

    assert status == 1
    line = next(it for it in printed.splitlines() if "FAIL  rebuild" in it)
    reason = "in a clean folder failed: Tag v2.16.0 means version 2.16.0, but "
    assert reason in line
    assert " | " not in line
    assert "TIP" not in line
    assert "ERROR" not in line


@pytest.mark.nightly
def test_a_link_that_leads_out_of_the_repository_fails(
    project: Repository, verify: Verify, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.md").write_text("Not in the repository")
    (project.root / "docs/more").symlink_to(outside)
    project.commit()
    project.tag(TAG)

    status, printed = verify(project.root, "--tag", TAG)

    assert status == 1
    assert "the tag has a link docs/more to files outside the repository" in printed


VCS = (
    PYPROJECT.replace('version = "2.15.0"', 'dynamic = ["version"]').replace(
        '"hatchling"', '"hatchling", "hatch-vcs"'
    )
    + '\n[tool.hatch.version]\nsource = "vcs"\n'
)


def test_a_hatch_vcs_project_is_built_even_in_a_hook_of_git(
    project: Repository, verify: Verify, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A hook has GIT_DIR, with which the build's own git would read another repository."""
    project.write({"pyproject.toml": VCS})
    project.commit()
    project.tag(TAG)
    other = Repository(tmp_path / "other")
    other.commit()
    other.tag("v9.0.0")

    status, printed = verify(
        project.root,
        *("--tag", TAG, "--strict"),
        then=lambda: monkeypatch.setenv("GIT_DIR", str(other.root / ".git")),
    )

    assert CLEAN in printed
    assert status == 0


# What happens before the build, where the project then is, and what happens after it.
REPOSITORIES = {
    "an earlier tag": ("", ".", "echo x > docs/new.md; save; touch docs/later"),
    "a tag of another branch": (
        "git switch --quiet --create aside; echo x > docs/aside.md; save",
        ".",
        "git switch --quiet main",
    ),
    "a project in a folder": (
        "mkdir task; git mv pyproject.toml src docs task; ln -s docs task/x; save",
        "task",
        "",
    ),
    "a worktree": ("git worktree add --quiet --detach tree", "tree", ""),
    "a submodule in the package": (
        "library; submodule ../library src/paperless/vendor; save",
        ".",
        "echo 'A = 2' > src/paperless/vendor/code/a.py",
    ),
    "line ends that git converts": (
        "git config core.autocrlf true; git ls-files | xargs rm; git checkout -- .",
        ".",
        "",
    ),
}


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("before", "folder", "after"), REPOSITORIES.values(), ids=REPOSITORIES
)
def test_a_tag_is_built_wherever_it_is(
    project: Repository, verify: Verify, before: str, folder: str, after: str
) -> None:
    run_recipe(project, before)
    at = project.root / folder
    Repository.at(at).tag(TAG)

    status, printed = verify(
        at, "--tag", TAG, "--strict", then=lambda: run_recipe(project, after)
    )

    assert CLEAN in printed
    assert status == 0


@pytest.mark.nightly
def test_a_tag_that_moved_fails(project: Repository, verify: Verify) -> None:
    project.tag(TAG)
    move = f"echo x > docs/new.md; save; git tag --force {TAG}"

    status, printed = verify(
        project.root, "--tag", TAG, then=lambda: run_recipe(project, move)
    )

    assert status == 1
    assert f"FAIL  rebuild  a clean build of tag {TAG} has other bytes: " in printed
    assert "; this artifact lacks docs/new.md\n" in printed


def test_without_a_tag_the_files_that_git_does_not_have_are_named(
    project: Repository, verify: Verify
) -> None:
    project.write({"docs/new.md": "A page", "docs/index.md": "Changed", "x.mo": "y"})
    project.write({".gitignore": "*.mo\n/dist/\n"})

    status, printed = verify(project.root)

    assert status == 0
    assert (
        "warn  rebuild  a second build is the same bytes, but git does not have all of it: "
        "commit or remove .gitignore, docs/index.md, docs/new.md. With --tag, "
    ) in printed


@pytest.mark.nightly
def test_without_a_repository_the_folder_is_built_with_a_warning(
    project: Repository, verify: Verify
) -> None:
    project.tag(TAG)

    status, printed = verify(
        project.root,
        *("--tag", TAG),
        then=lambda: (project.root / ".git").rename(project.root.parent / "git"),
    )

    assert status == 1  # the second build has no facts
    assert f"FAIL  rebuild  a second build of {project.root} has other bytes" in printed


def test_a_repository_without_the_tag_is_not_built(
    project: Repository, verify: Verify
) -> None:
    status, printed = verify(project.root, "--tag", TAG)

    assert status == 1
    advice = f"no repository here has tag {TAG}: run git fetch --tags, or pass --from"
    assert f"skip  commit   {advice}\n" in printed
    assert f"FAIL  rebuild  {advice}\n" in printed


def test_a_repository_that_git_refuses_is_not_built(
    project: Repository, verify: Verify
) -> None:
    require_root()
    project.tag(TAG)

    status, printed = verify(
        project.root,
        *("--tag", TAG),
        then=lambda: os.chown(project.root, 12345, 12345),
    )

    assert status == 1
    assert f"FAIL  rebuild  tag {TAG} cannot be read: git says: " in printed
    assert "safe.directory" in printed


@pytest.mark.nightly
def test_a_tag_of_another_layout_says_which_folder_it_lacks(
    project: Repository, verify: Verify
) -> None:
    project.tag(TAG)
    run_recipe(project, "mkdir task; git mv pyproject.toml src docs task; save")

    _, printed = verify(project.root / "task", "--tag", TAG)

    assert (
        f"FAIL  rebuild  tag {TAG} has no task/pyproject.toml: pass the folder that the "
        "project has there with --from\n"
    ) in printed
