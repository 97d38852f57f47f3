import os
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import cli, git_head
from build_hooks.errors import NoGitFactsError
from tests.build.dirty_trees import TREES, Tree
from tests.build.recipes import run_recipe
from tests.support.needs import as_root, needs, require, require_root
from tests.support.repository import COMMITTED, Repository, hermetic

PACKAGE = PurePosixPath("src/paperless")


def read(repository: Repository, **environ: str) -> git_head.GitFacts:
    return git_head.read_head(repository.root, PACKAGE, {**os.environ, **environ})


def test_head_has_its_commit_date_and_tags(project: Repository) -> None:
    project.tag("v2.15.0", "a,comma")
    project.tag("v2.15.0-beta.rc1", annotated=True)

    facts = read(project)

    assert facts.commit == project.git("rev-parse", "HEAD")
    assert facts.committed == COMMITTED
    assert sorted(facts.tags) == ["a,comma", "v2.15.0", "v2.15.0-beta.rc1"]
    assert facts.changed == ()


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_a_tree_is_dirty_if_what_it_ships_differs_from_the_commit(
    project: Repository, tree: Tree
) -> None:
    require("sh")
    run_recipe(project, tree.recipe)

    facts = git_head.read_head(
        project.root / tree.root, PurePosixPath(tree.package), hermetic(os.environ)
    )

    assert facts.changed == tree.changed
    assert facts.unchecked == ""


def test_a_failing_status_costs_only_its_own_answer(project: Repository) -> None:
    """goreleaser/goreleaser#4123: git-lfs is missing in a small image."""
    project.write({".gitattributes": "*.bin filter=big\n", "a.bin": "data"})
    project.git("config", "filter.big.required", "true")
    project.git("config", "filter.big.clean", "cat")
    project.commit()
    project.tag("v2.15.0")
    project.git("config", "filter.big.clean", "no-such-program")
    os.utime(project.root / "a.bin", (1, 1))

    facts = read(project)

    assert facts.commit == project.git("rev-parse", "HEAD")
    assert facts.tags == ("v2.15.0",)
    assert "no-such-program" in facts.unchecked
    assert "clean filter 'big' failed" in facts.unchecked


def test_a_broken_index_costs_only_the_comparison(project: Repository) -> None:
    (project.root / ".git" / "index").write_bytes(b"broken")

    facts = read(project)

    assert facts.commit == project.git("rev-parse", "HEAD")
    assert "index file" in facts.unchecked


def test_gits_whole_message_is_given(project: Repository) -> None:
    project.git("config", "core.repositoryFormatVersion", "1")
    project.git("config", "extensions.noSuchThing", "true")

    with pytest.raises(NoGitFactsError, match=r"extension found: nosuchthing$"):
        read(project)


def test_a_repository_of_another_owner_needs_gits_own_permission(
    project: Repository,
) -> None:
    """Decision B10: a repository's settings can name programs to run."""
    require_root()
    for path in (project.root, project.root / ".git"):
        os.chown(path, 12345, 12345)
    allowed = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(project.root),
    }

    with pytest.raises(
        NoGitFactsError, match=r"git config --global --add safe\.directory"
    ):
        read(project)
    assert read(project, **allowed).changed == ()


@as_root
@pytest.mark.parametrize("above", [False, True], ids=["here", "above"])
def test_a_repository_of_another_owner_runs_no_program(
    project: Repository, *, above: bool
) -> None:
    """CVE-2022-24765: the repository may be planted in a shared folder, such as /tmp."""
    root = project.root / "src" if above else project.root
    package = PACKAGE.relative_to("src") if above else PACKAGE
    (project.root / ".git/info").mkdir(exist_ok=True)
    (project.root / ".git/info/attributes").write_text("* filter=x\n")
    for setting in (
        "filter.x.clean",
        "filter.x.process",
        "core.fsmonitor",
        "gpg.program",
    ):
        project.git("config", setting, "touch ran; cat")
    project.write({"src/paperless/__init__.py": "A = 1\n"})
    for path in (project.root / ".git", *(() if above else (project.root,))):
        os.chown(path, 12345, 12345)

    with pytest.raises(NoGitFactsError, match="git config --global --add"):
        git_head.read_head(root, package, hermetic(os.environ))

    assert not [*project.root.rglob("ran")]


@needs("sh")
@as_root
def test_the_warning_about_another_owner_contains_a_command_that_works(
    project: Repository,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    os.chown(project.root, 12345, 12345)
    os.chown(project.root / ".git", 12345, 12345)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))

    assert cli.main(["show", str(project.root)]) == 0
    warning = capsys.readouterr().out
    assert "HOST_SOURCE_COMMIT, HOST_BUILD_DATE and HOST_TAG" in warning
    command = re.search(r"git config --global --add safe\.directory [^)]+", warning)
    assert command
    subprocess.run(("sh", "-euc", command[0]), check=True)

    assert read(project).changed == ()


def test_a_mounted_folder_is_read_if_the_caller_says_so(project: Repository) -> None:
    seen = project.root / "seen"
    git = project.root.parent / "git"
    git.write_text(f'#!/bin/sh\nenv >> "{seen}"\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)

    read(
        project,
        PATH=f"{git.parent}{os.pathsep}{os.environ['PATH']}",
        GIT_DISCOVERY_ACROSS_FILESYSTEM="1",
        GIT_CEILING_DIRECTORIES="/nowhere",
        GIT_INDEX_FILE="/nowhere/index",
    )

    passed = seen.read_text()
    assert "GIT_DISCOVERY_ACROSS_FILESYSTEM=1" in passed
    assert "GIT_CEILING_DIRECTORIES=/nowhere" in passed
    assert "GIT_INDEX_FILE" not in passed


@pytest.mark.parametrize(
    ("recipe", "missing"),
    [
        ("git clone --quiet --no-tags file://$PWD ../clone", "none"),
        ("git clone --quiet --no-tags file://$PWD ../clone; git -C ../clone tag x HEAD~", "skipped"),
        ("git clone --quiet --depth=1 --no-tags file://$PWD ../clone", "shallow"),
        ("git clone --quiet file://$PWD ../clone", ""),
        ("git clone --quiet file://$PWD ../clone; git -C ../clone remote add --no-tags fork x", ""),
        ("git clone --quiet --no-tags file://$PWD ../clone; git -C ../clone tag v2.15.0", ""),
        ("git init --quiet ../clone; cd ../clone; git pull --quiet --no-tags $OLDPWD", ""),
    ],
)  # fmt: skip
def test_a_clone_without_tags_is_recognised(
    project: Repository, recipe: str, missing: str
) -> None:
    require("sh")
    project.tag("v1.0.0")
    project.commit()
    subprocess.run(
        ("sh", "-euc", recipe), cwd=project.root, env=hermetic(os.environ), check=True
    )

    clone = Repository.at(project.root.parent / "clone")

    assert read(clone).missing_tags == missing


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

    facts = git_head.read_head(tmp_path / "one", PACKAGE, os.environ)

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
        git_head.read_head(project.root, PurePosixPath("dist/paperless"), os.environ)
