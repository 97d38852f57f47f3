"""Facts are of the tree that is built, whatever the repository's settings say."""

import contextlib
import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import cli, git_head
from build_hooks.errors import NoGitFactsError
from tests.support.needs import needs, require
from tests.support.repository import COMMITTED, Repository, hermetic

PACKAGE = PurePosixPath("src/paperless")
TAG = "v2.15.0-\N{LATIN SMALL LETTER E WITH ACUTE}"
RUN = "touch ran; cat"


def run(project: Repository, recipe: str) -> None:
    require("sh")
    subprocess.run(
        ("sh", "-euc", recipe), cwd=project.root, env=hermetic(os.environ), check=True
    )


SETTINGS = {
    "encodings": "i18n.logOutputEncoding=UTF-16 i18n.commitEncoding=latin1",
    "dates": "log.date=relative format.pretty=oneline",
    "signatures": "log.showSignature=true gpg.program=false",
    "no decorations": "log.decorate=no log.excludeDecoration=refs/tags/*",
    "all decorations": "log.initialDecorationSet=all log.decorate=short",
    "roots and merges": "log.showRoot=true log.diffMerges=on log.follow=true log.mailmap=true",
    "colours": "color.ui=always color.decorate=always color.status=always",
    "columns and pagers": "column.ui=always core.pager=false pager.log=true pager.status=true",
    "aliases": "alias.log=!false alias.status=!false alias.ls-files=!false",
    "status": "status.short=true status.branch=true status.showStash=true "
    "status.relativePaths=true status.showUntrackedFiles=no status.renames=copies",
    "differences": "diff.external=false diff.renames=copies diff.ignoreSubmodules=all "
    "diff.noprefix=true",
    "names": "core.quotePath=true core.abbrev=4 core.commentChar=#",
    "caches": "core.untrackedCache=true core.splitIndex=true core.preloadIndex=false "
    "index.threads=1 feature.manyFiles=true",
    "monitors": "core.fsmonitor=false-program core.hooksPath=/nowhere",
    "submodules": "submodule.recurse=true status.submoduleSummary=true",
    "notes": "core.notesRef=refs/notes/x notes.displayRef=*",
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_no_setting_changes_the_facts(project: Repository, settings: str) -> None:
    project.tag("v2.15.0", TAG)
    project.write({"docs/index.md": "# Another\n"})
    for setting in settings.split(" "):
        project.git("config", *setting.split("=", 1))

    facts = git_head.read_head(project.root, PACKAGE, hermetic(os.environ))

    assert facts == git_head.GitFacts(
        _read_ref(project), COMMITTED, facts.tags, ("docs/index.md",)
    )
    assert sorted(facts.tags) == ["v2.15.0", TAG]


def _read_ref(project: Repository) -> str:
    """Return HEAD's commit without git, whose settings may be broken."""
    return (project.root / ".git/refs/heads/main").read_text().strip()


OBJECTS = {
    "a replacement": "git replace HEAD $(git commit-tree -m other HEAD^{tree})",
    "a graft": 'echo "$(git rev-parse HEAD)" > .git/info/grafts',
    "an included file": 'printf "[core]\\n bare = true\\n worktree = /\\n" > ../more; '
    'git config includeIf.gitdir:/**.path "$PWD/../more"',
    "a packed reference that lies": "git tag --annotate --message x v1 HEAD~; "
    'git pack-refs --all; sed -i "s/^\\^.*/^$(git rev-parse HEAD)/" .git/packed-refs',
}


@needs("sh")
@pytest.mark.parametrize("recipe", OBJECTS.values(), ids=OBJECTS)
def test_no_other_object_takes_the_place_of_head(
    project: Repository, recipe: str
) -> None:
    commit = project.commit()
    run(project, recipe)

    facts = git_head.read_head(project.root, PACKAGE, hermetic(os.environ))

    assert facts.commit == commit
    assert facts.tags == ()
    assert facts.changed == ()


VARIABLES = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX"),
    *("GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE", "GIT_ATTR_SOURCE"),
    *("GIT_EXTERNAL_DIFF", "GIT_TRACE", "GIT_TRACE2", "GIT_REDIRECT_STDOUT"),
)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_for_another_repository_does_not_reach_git(
    project: Repository, tmp_path: Path, name: str
) -> None:
    other = Repository(tmp_path / "other")
    other.commit()
    project.tag("v2.15.0")

    facts = git_head.read_head(
        project.root, PACKAGE, {**hermetic(os.environ), name: str(other.root / ".git")}
    )

    assert facts.commit == project.git("rev-parse", "HEAD")
    assert facts.tags == ("v2.15.0",)
    assert facts.changed == ()


@needs("sh")
@pytest.mark.parametrize("root", [".", "src"])
def test_a_folder_of_the_tree_that_looks_like_a_repository_is_none(
    project: Repository, root: str
) -> None:
    """Git would read its settings, and run their programs: safe.bareRepository."""
    run(
        project,
        "git init --quiet --bare --initial-branch=main ../bare; "
        "git push --quiet ../bare main; git -C ../bare tag v2.15.0; "
        f"cp -R ../bare/* .git/index {root}",
    )
    package = (project.root / PACKAGE).relative_to(project.root / root)

    with contextlib.suppress(NoGitFactsError):
        facts = git_head.read_head(
            project.root / root, PurePosixPath(package), hermetic(os.environ)
        )
        assert facts.commit == _read_ref(project)
        assert facts.tags == ()


@needs("sh")
def test_a_broken_repository_does_not_give_way_to_one_above(
    project: Repository,
) -> None:
    run(project, "cp -R . ../copy; mv ../copy inner; git tag v2.15.0")
    (project.root / "inner/.git/HEAD").write_text("broken")

    with pytest.raises(NoGitFactsError):
        git_head.read_head(project.root / "inner", PACKAGE, hermetic(os.environ))


def test_a_ceiling_of_the_caller_stays_in_force(project: Repository) -> None:
    ceilings = {"GIT_CEILING_DIRECTORIES": str(project.root)}

    with pytest.raises(NoGitFactsError):
        git_head.read_head(
            project.root / "src", PurePosixPath("paperless"), {**os.environ, **ceilings}
        )


@needs("sh")
def test_a_missing_object_is_not_fetched(project: Repository, tmp_path: Path) -> None:
    project.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    project.git(
        *("clone", "--quiet", "--filter=blob:none", "--no-checkout"),
        *(f"file://{project.root}", str(clone)),
    )
    Repository.at(clone).git("reset", "--quiet")
    Repository.at(clone).git("config", "remote.origin.uploadpack", f"{RUN} #")

    git_head.read_head(clone, PACKAGE, hermetic(os.environ))

    assert not (clone / "ran").exists()


PATTERNS = {
    "repeated repetitions": "(?P<version>(v+)+)x",
    "alternatives that are the same": "(?P<version>(v|v)+)x",
    "repetitions in a row": f"(?P<version>{'v*' * 12})x",
    "optional parts in a row": f"(?P<version>{'v?' * 30})x",
    "a reference back": r"(?P<version>(v*)*\2)x",
    "a look ahead": "(?P<version>(?=(v+)+x)v*)",
    "slow to compile": "(?i)" + "[\\0-\U0010ffff]" * 200 + "(?P<version>x)",
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
@pytest.mark.parametrize("place", ["a tag", "the variable"])
def test_a_tag_pattern_that_explodes_is_stopped(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    pattern: str,
    place: str,
) -> None:
    monkeypatch.setattr("build_hooks.time_limit._SECONDS", 0.2)
    tag = "v" * 40
    if place == "a tag":
        project.tag(tag)
    else:
        monkeypatch.setenv("HOST_TAG", tag)
    table = f'tag-pattern = {pattern!r}\npackage = "src/paperless"\n'
    text = (project.root / "pyproject.toml").read_text()
    project.write(
        {"pyproject.toml": text.replace('package = "src/paperless"\n', table)}
    )

    assert cli.main(["show", str(project.root)]) == 1

    assert "takes too long" in capsys.readouterr().err
