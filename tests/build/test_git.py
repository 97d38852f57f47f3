import os
import shutil
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import git
from build_hooks.errors import NoGitFactsError
from tests.support.needs import needs
from tests.support.repository import COMMITTED, Repository

PACKAGE = PurePosixPath("src/paperless")


def read(repository: Repository, **environ: str) -> git.GitFacts:
    return git.read_head(repository.root, PACKAGE, {**os.environ, **environ})


def test_head_has_its_commit_date_and_tags(project: Repository) -> None:
    project.tag("v2.15.0", "a,comma")
    project.tag("v2.15.0-beta.rc1", annotated=True)

    facts = read(project)

    assert facts.commit == project.git("rev-parse", "HEAD")
    assert facts.committed == COMMITTED
    assert sorted(facts.tags) == ["a,comma", "v2.15.0", "v2.15.0-beta.rc1"]
    assert facts.changed == ()


def edit(project: Repository) -> None:
    project.write({"docs/index.md": "# Another\n"})


def test_a_moved_file_is_dirty_under_its_new_name(project: Repository) -> None:
    name = "docs/\N{LATIN SMALL LETTER E WITH ACUTE} x.md"
    project.git("mv", "docs/index.md", name)

    assert read(project).changed == (name,)


def test_an_untracked_file_is_marked(project: Repository) -> None:
    project.write({"src/paperless/new.py": ""})

    assert read(project).changed == ("src/paperless/new.py (untracked)",)


def test_the_index_is_not_rewritten(project: Repository) -> None:
    index = project.root / ".git" / "index"
    os.utime(project.root / "docs/index.md", (1, 1))
    before = index.read_bytes(), index.stat().st_mtime_ns

    read(project)

    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_changes_outside_the_projects_folder_do_not_count(tmp_path: Path) -> None:
    whole = Repository(tmp_path)
    whole.write({"one/src/paperless/version.py": "", "two/file": ""})
    whole.commit()
    whole.write({"two/file": "changed"})
    (tmp_path / "one" / "src" / "paperless" / "version.py").unlink()

    facts = git.read_head(tmp_path / "one", PACKAGE, os.environ)

    assert facts.changed == ("one/src/paperless/version.py",)


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


def test_the_fsmonitor_of_a_repository_is_not_run(
    project: Repository, tmp_path: Path
) -> None:
    project.git("config", "core.fsmonitor", f"touch {tmp_path}/run; false")

    read(project)

    assert not (tmp_path / "run").exists()


@needs("ssh-keygen")
def test_a_shown_signature_is_not_parsed(project: Repository, tmp_path: Path) -> None:
    """jwodder/versioningit#111, with a commit that is really signed."""
    project.sign_with_ssh(tmp_path / "key")
    project.git("config", "log.showSignature", "true")
    project.git("commit", "--quiet", "--amend", "--no-edit", "--gpg-sign")
    assert "gpgsig" in project.git("cat-file", "commit", "HEAD")

    assert read(project).commit == project.git("rev-parse", "HEAD")


def test_a_git_that_cannot_be_run_is_named(
    project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").touch()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoGitFactsError, match="git cannot be run: Permission denied"):
        read(project)


def test_an_untracked_copy_in_a_repository_has_no_facts(project: Repository) -> None:
    copy = project.root / "dist" / "paperless"
    shutil.copytree(project.root / "src" / "paperless", copy)

    with pytest.raises(NoGitFactsError, match="git does not track dist/paperless"):
        git.read_head(project.root, PurePosixPath("dist/paperless"), os.environ)
