import os
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import git
from build_hooks.errors import NoGitFactsError
from tests.support.repository import COMMITTED, Repository

PACKAGE = PurePosixPath("src/paperless")
Change = Callable[[Repository], None]


def read(repository: Repository, **environ: str) -> git.GitFacts:
    return git.read_head(repository.root, PACKAGE, {**os.environ, **environ})


def test_head_gives_commit_date_and_every_tag(project: Repository) -> None:
    project.tag("v2.15.0", "a,comma")
    project.tag("v2.15.0-beta.rc1", annotated=True)

    facts = read(project)

    assert facts.commit == project.git("rev-parse", "HEAD")
    assert facts.committed == COMMITTED
    assert sorted(facts.tags) == ["a,comma", "v2.15.0", "v2.15.0-beta.rc1"]
    assert facts.changed == ()


def test_a_tag_on_another_commit_says_nothing(project: Repository) -> None:
    project.tag("v2.15.0")
    project.commit("The next one")

    assert read(project).tags == ()


def test_a_branch_named_like_a_tag_says_nothing(project: Repository) -> None:
    project.git("branch", "v2.15.0")

    assert read(project).tags == ()


def edit(project: Repository) -> None:
    project.write({"docs/index.md": "# Another\n"})


def stage(project: Repository) -> None:
    edit(project)
    project.git("add", "--all")


def untracked_inside(project: Repository) -> None:
    project.write({"src/paperless/new.py": ""})


def deleted_inside(project: Repository) -> None:
    (project.root / "src/paperless/__init__.py").unlink()


def moved(project: Repository) -> None:
    project.git("mv", "docs/index.md", "docs/\N{LATIN SMALL LETTER E WITH ACUTE} x.md")


DIRTY: dict[Change, tuple[str, ...]] = {
    edit: ("docs/index.md",),
    stage: ("docs/index.md",),
    untracked_inside: ("src/paperless/new.py (untracked)",),
    deleted_inside: ("src/paperless/__init__.py",),
    moved: ("docs/\N{LATIN SMALL LETTER E WITH ACUTE} x.md",),
}


@pytest.mark.parametrize("change", DIRTY, ids=lambda change: change.__name__)
def test_a_change_that_could_be_shipped_is_dirty(
    project: Repository, change: Change
) -> None:
    change(project)

    assert read(project).changed == DIRTY[change]


def untracked_outside(project: Repository) -> None:
    project.write({"notes.txt": ""})


def ignored_inside(project: Repository) -> None:
    project.write({"src/paperless/build_info.py": ""})


def deleted_outside(project: Repository) -> None:
    (project.root / "docs/index.md").unlink()


def touched(project: Repository) -> None:
    os.utime(project.root / "docs/index.md", (1, 1))


@pytest.mark.parametrize(
    "change",
    [untracked_outside, ignored_inside, deleted_outside, touched],
    ids=lambda change: change.__name__,
)
def test_anything_else_is_clean(project: Repository, change: Change) -> None:
    change(project)

    assert read(project).changed == ()


def test_the_index_is_not_rewritten(project: Repository) -> None:
    index = project.root / ".git" / "index"
    touched(project)
    before = index.read_bytes(), index.stat().st_mtime_ns

    read(project)

    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_a_project_in_a_subfolder_is_judged_alone(tmp_path: Path) -> None:
    whole = Repository(tmp_path)
    whole.write({"one/src/paperless/version.py": "", "two/file": ""})
    whole.commit()
    whole.write({"two/file": "changed"})
    (tmp_path / "one" / "src" / "paperless" / "version.py").unlink()

    facts = git.read_head(tmp_path / "one", PACKAGE, os.environ)

    assert facts.changed == ("one/src/paperless/version.py",)


def test_the_callers_git_variables_speak_of_another_repository(
    project: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    other.commit()

    facts = read(project, GIT_DIR=str(other.root / ".git"), GIT_TRACE="1")

    assert facts.commit == project.git("rev-parse", "HEAD")


def test_headers_that_configuration_adds_are_no_changes(project: Repository) -> None:
    edit(project)
    project.git("stash")
    project.git("config", "status.showStash", "true")

    assert read(project).changed == ()


def test_a_conflict_is_dirty(project: Repository) -> None:
    project.git("switch", "--quiet", "--create", "other")
    edit(project)
    project.commit()
    project.git("switch", "--quiet", "main")
    project.write({"docs/index.md": "# A third\n"})
    project.commit()
    with pytest.raises(AssertionError):
        project.git("merge", "other")

    assert read(project).changed == ("docs/index.md",)


def test_a_fsmonitor_of_the_repository_is_not_run(
    project: Repository, tmp_path: Path
) -> None:
    project.git("config", "core.fsmonitor", f"touch {tmp_path}/run; false")

    read(project)

    assert not (tmp_path / "run").exists()


def test_a_replaced_commit_is_itself(project: Repository) -> None:
    commit = project.git("rev-parse", "HEAD")
    stand_in = project.git("commit-tree", "-m", "Another", "HEAD^{tree}")
    project.git("replace", commit, stand_in)

    facts = read(project)

    assert (facts.commit, facts.committed) == (commit, COMMITTED)


def test_a_git_that_cannot_be_run_is_told(
    project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").touch()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoGitFactsError, match="git cannot be run: Permission denied"):
        read(project)


def test_a_tree_unpacked_inside_another_repository_is_not_its(tmp_path: Path) -> None:
    outer = Repository(tmp_path)
    outer.write({"file": ""})
    outer.commit()
    inner = tmp_path / "inner"
    (inner / PACKAGE).mkdir(parents=True)
    (inner / PACKAGE / "version.py").touch()

    with pytest.raises(NoGitFactsError, match="git does not track src/paperless"):
        git.read_head(inner, PACKAGE, os.environ)


def test_a_copy_beside_what_is_tracked_is_not_its(project: Repository) -> None:
    copy = project.root / "dist" / "paperless"
    shutil.copytree(project.root / "src" / "paperless", copy)

    with pytest.raises(NoGitFactsError, match="git does not track dist/paperless"):
        git.read_head(project.root, PurePosixPath("dist/paperless"), os.environ)


def test_no_repository_is_told_in_gits_words(tmp_path: Path) -> None:
    with pytest.raises(NoGitFactsError, match="git says: not a git repository"):
        git.read_head(tmp_path, PACKAGE, os.environ)


def test_no_commit_is_told_in_gits_words(tmp_path: Path) -> None:
    Repository(tmp_path)

    with pytest.raises(NoGitFactsError, match="does not have any commits yet"):
        git.read_head(tmp_path, PACKAGE, os.environ)


def test_no_git_is_told(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NoGitFactsError, match="there is no git on this machine"):
        read(project)
