import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli, cut_git
from build_hooks.discovery import find_project
from tests.support.needs import needs
from tests.support.repository import Repository, hermetic
from tests.support.sample_project import PYPROJECT

Cut = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def _author(monkeypatch: pytest.MonkeyPatch) -> None:
    """`cut` takes the tag's author from git's settings, of which there are none here."""
    for name, value in hermetic({}).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def remote(project: Repository, tmp_path: Path) -> Repository:
    """A bare remote, level with the project."""
    return project.with_remote(tmp_path / "remote")


@pytest.fixture
def cut(
    project: Repository,
    remote: Repository,  # noqa: ARG001  # must be there
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Cut:
    """`build-stamp cut`, run in the project; its status, and what it printed."""
    monkeypatch.chdir(project.root)

    def run(*arguments: str, answer: str | None = None) -> tuple[int, str]:
        monkeypatch.setattr("builtins.input", lambda _: answer or "")
        status = cli.main(["cut", *arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_a_beta_is_an_annotated_tag_with_the_next_number(
    cut: Cut, project: Repository
) -> None:
    project.tag("v2.15.0rc1", "v2.15.0rc9", "v2.15.0rc10", "v2.14.0rc30")
    project.commit()
    project.git("push", "--quiet")

    status, printed = cut("beta", "--yes")

    assert status == 0
    assert "Tagged v2.15.0rc11." in printed
    assert "To push it: git push origin refs/tags/v2.15.0rc11" in printed
    assert project.git("cat-file", "-t", "v2.15.0rc11") == "tag"
    assert project.git("rev-parse", "v2.15.0rc11^{commit}") == project.git(
        "rev-parse", "HEAD"
    )


def test_nothing_is_pushed_unasked(cut: Cut, remote: Repository) -> None:
    cut("beta", "--yes")

    assert remote.git("tag") == ""


def test_push_pushes_the_tag_and_nothing_else(
    cut: Cut, project: Repository, remote: Repository
) -> None:
    project.git("branch", "private")
    project.tag("local-tag")

    status, _ = cut("stable", "--yes", "--push")

    assert status == 0
    assert remote.git("tag") == "v2.15.0"
    assert remote.git("branch", "--format=%(refname:short)") == "main"


def test_the_form_of_the_tag_is_a_key(cut: Cut, project: Repository) -> None:
    hook = 'package = "src/paperless"\n'
    form = 'beta-tag = "v{version}-beta.rc{n}"\n'
    project.write({"pyproject.toml": PYPROJECT.replace(hook, hook + form)})
    project.commit()
    project.git("push", "--quiet")

    assert "Tag v2.15.0-beta.rc1 (annotated)" in cut("beta", "--dry-run")[1]


def test_a_dry_run_makes_nothing(cut: Cut, project: Repository) -> None:
    status, printed = cut("stable", "--dry-run", "--push")

    assert status == 0
    assert printed.splitlines() == [
        f"Tag v2.15.0 (annotated) at {project.git('rev-parse', 'HEAD')[:9]} on main.",
        "It will be pushed to origin.",
        "Dry run: no tag made.",
    ]
    assert project.git("tag") == ""


@pytest.mark.parametrize("answer", ["y", "YES"])
def test_it_asks_and_heeds_a_yes(cut: Cut, project: Repository, answer: str) -> None:
    assert cut("stable", answer=answer)[0] == 0
    assert project.git("tag") == "v2.15.0"


@pytest.mark.parametrize("answer", ["", "n", "maybe"])
def test_anything_else_tags_nothing(cut: Cut, project: Repository, answer: str) -> None:
    status, printed = cut("stable", answer=answer)

    assert status == 1
    assert printed.endswith("No tag made.\n")
    assert project.git("tag") == ""


def dirty(project: Repository) -> None:
    project.write({"docs/index.md": "# Another\n"})


def other_branch(project: Repository) -> None:
    project.git("switch", "--quiet", "--create", "feature")


def detached(project: Repository) -> None:
    project.git("switch", "--quiet", "--detach")


def ahead(project: Repository) -> None:
    project.commit("Not pushed")


def behind(project: Repository) -> None:
    project.commit("Pushed by another")
    project.git("push", "--quiet")
    project.git("reset", "--quiet", "--hard", "HEAD~")


def already_out(project: Repository) -> None:
    project.tag("v2.15.0")
    project.commit()
    project.git("push", "--quiet")


def out_on_the_remote_only(project: Repository) -> None:
    already_out(project)
    project.git("push", "--quiet", "--tags")
    project.git("tag", "--delete", "v2.15.0")


def candidate_here(project: Repository) -> None:
    project.tag("v2.15.0rc1")


def candidate_here_on_the_remote_only(project: Repository) -> None:
    project.git("tag", "--annotate", "--message", "x", "v2.15.0rc1")
    project.git("push", "--quiet", "--tags")
    project.git("tag", "--delete", "v2.15.0rc1")


def staged_deletion(project: Repository) -> None:
    project.git("rm", "--quiet", "docs/index.md")


def form_of_no_release(project: Repository) -> None:
    hook = 'package = "src/paperless"\n'
    forms = 'beta-tag = "beta-{version}-{n}"\nstable-tag = "v{version}rc1"\n'
    project.write({"pyproject.toml": PYPROJECT.replace(hook, hook + forms)})
    project.commit()
    project.git("push", "--quiet")


def form_of_no_ref(project: Repository) -> None:
    hook = 'package = "src/paperless"\n'
    form = (
        'tag-pattern = "(?P<version>.+)\\\\.lock"\nbeta-tag = "{version}rc{n}.lock"\n'
    )
    project.write({"pyproject.toml": PYPROJECT.replace(hook, hook + form)})
    project.commit()
    project.git("push", "--quiet")


def computed_version(project: Repository) -> None:
    project.write({"src/paperless/version.py": "__version__ = compute()\n"})
    project.commit()
    project.git("push", "--quiet")


REFUSED: list[tuple[Callable[[Repository], None], str, str, str]] = [
    (dirty, "beta", "The tree is changed:", "commit or remove docs/index.md"),
    (
        other_branch,
        "beta",
        "is cut from main, but HEAD is on feature",
        "git switch main",
    ),
    (detached, "stable", "but HEAD is not on a branch", "git switch main"),
    (
        ahead,
        "beta",
        "main is at",
        "git pull --ff-only origin main, then git push origin main",
    ),
    (behind, "beta", "main is at", "git pull --ff-only origin main"),
    (already_out, "stable", "The tag v2.15.0 already exists", "bump __version__ in"),
    (already_out, "beta", "v2.15.0 is already released", "bump __version__ in"),
    (out_on_the_remote_only, "stable", "The tag v2.15.0 already exists", "bump"),
    (
        candidate_here,
        "stable",
        "This commit is already released as v2.15.0rc1",
        "--promote",
    ),
    (
        candidate_here,
        "beta",
        "This commit is already released as v2.15.0rc1",
        "commit a change",
    ),
    (
        candidate_here_on_the_remote_only,
        "stable",
        "This commit is already released as v2.15.0rc1",
        "--promote",
    ),
    (
        staged_deletion,
        "beta",
        "The tree is changed:",
        "commit or remove docs/index.md",
    ),
    (
        form_of_no_release,
        "beta",
        "The tag beta-2.15.0-1 is not a release",
        "fix beta-tag",
    ),
    (form_of_no_release, "stable", "v2.15.0rc1 means beta", "fix stable-tag"),
    (
        form_of_no_ref,
        "beta",
        "'2.15.0rc1.lock' is not a valid tag name",
        "fix beta-tag",
    ),
    (computed_version, "beta", "computes its version", "--version X.Y.Z"),
]


@pytest.mark.parametrize(
    ("make", "kind", "why", "mend"), REFUSED, ids=lambda it: getattr(it, "__name__", "")
)
def test_a_refusal_says_why_and_how_to_mend_it(  # a table's columns
    cut: Cut,
    project: Repository,
    make: Callable[[Repository], None],
    kind: str,
    why: str,
    mend: str,
) -> None:
    make(project)
    tags = project.git("tag")

    status, printed = cut(kind, "--yes")

    assert status == 1
    assert why in printed
    assert mend in printed
    assert project.git("tag") == tags


def test_every_refusal_is_told_at_once(cut: Cut, project: Repository) -> None:
    other_branch(project)
    dirty(project)
    candidate_here(project)

    assert len(cut("stable")[1].splitlines()) == 4


def test_a_candidate_is_promoted_when_asked(cut: Cut, project: Repository) -> None:
    candidate_here(project)

    assert cut("stable", "--promote", "--yes")[0] == 0
    assert project.git("tag", "--points-at", "HEAD").split() == [
        "v2.15.0",
        "v2.15.0rc1",
    ]


def test_a_version_that_is_computed_is_named(cut: Cut, project: Repository) -> None:
    computed_version(project)

    assert cut("beta", "--version", "3.0.0", "--yes")[0] == 0
    assert project.git("tag") == "v3.0.0rc1"


def test_a_named_version_must_be_that_of_the_tree(cut: Cut) -> None:
    status, printed = cut("beta", "--version", "3.0.0")

    assert status == 1
    assert "says 2.15.0, not 3.0.0" in printed


def test_without_a_remote_it_tags_all_the_same(cut: Cut, project: Repository) -> None:
    project.git("remote", "remove", "origin")

    assert cut("stable", "--push", "--yes") == (
        1,
        "build-stamp: there is no remote to push to.\n",
    )
    assert cut("stable", "--yes")[0] == 0


def test_the_only_remote_is_the_one_whatever_its_name(
    cut: Cut, project: Repository
) -> None:
    project.git("remote", "rename", "origin", "upstream")
    project.git("branch", "--unset-upstream")
    project.commit("Not pushed")

    assert "main is at" in cut("stable")[1]


def test_the_branchs_own_remote_comes_before_origin(
    cut: Cut, project: Repository, tmp_path: Path
) -> None:
    project.git("remote", "add", "fork", str(Repository.bare(tmp_path / "fork").root))
    project.git("push", "--quiet", "--set-upstream", "fork", "main")

    assert "It will be pushed to fork." in cut("stable", "--dry-run", "--push")[1]
    assert (
        "It will be pushed to origin."
        in cut("stable", "--dry-run", "--push", "--remote", "origin")[1]
    )


def test_a_branch_may_have_another_name_on_the_remote(
    cut: Cut, project: Repository
) -> None:
    project.git("push", "--quiet", "--set-upstream", "origin", "main:trunk")
    assert cut("stable", "--dry-run")[0] == 0
    project.commit("Not pushed")

    _, printed = cut("stable")

    assert "git pull --ff-only origin trunk, then git push origin main:trunk" in printed


def test_a_branch_that_the_remote_lacks_is_pushed_by_its_name_there(
    cut: Cut, project: Repository, remote: Repository
) -> None:
    project.git("push", "--quiet", "--set-upstream", "origin", "main:trunk")
    remote.git("update-ref", "-d", "refs/heads/trunk")

    assert (
        "origin has no branch trunk: run git push origin main:trunk" in cut("stable")[1]
    )


def test_several_remotes_need_a_name(cut: Cut, project: Repository) -> None:
    project.git("remote", "rename", "origin", "one")
    project.git("remote", "add", "two", "/nowhere")
    project.git("branch", "--unset-upstream")

    assert "select one of one, two with --remote" in cut("stable")[1]


def test_betas_have_a_branch_of_their_own(cut: Cut, project: Repository) -> None:
    hook = 'package = "src/paperless"\n'
    project.write(
        {"pyproject.toml": PYPROJECT.replace(hook, f'{hook}beta-branch = "beta"\n')}
    )
    project.commit()
    project.git("push", "--quiet")

    assert "is cut from beta, but HEAD is on main" in cut("beta")[1]
    assert cut("stable", "--dry-run")[0] == 0


def test_a_version_that_names_its_candidate_is_taken_at_its_word(
    cut: Cut, project: Repository
) -> None:
    project.write({"src/paperless/version.py": '__version__ = "2.15.0rc3"\n'})
    project.commit()
    project.git("push", "--quiet")

    assert "Tag v2.15.0rc3 " in cut("beta", "--dry-run")[1]
    assert "The tag v2.15.0 does not fit __version__ 2.15.0rc3" in cut("stable")[1]


@pytest.mark.parametrize("version", ["2.15", "2.15.0rc5", "v3.0.0"])
def test_a_named_version_is_x_y_z(cut: Cut, version: str) -> None:
    with pytest.raises(SystemExit):
        cut("stable", "--version", version)


def test_what_was_looked_at_is_what_is_tagged(project: Repository) -> None:
    """Though a commit comes between the question and the answer."""
    found = find_project(project.root)
    planned = cut_git.prepare(found, "stable")
    seen = project.git("rev-parse", "HEAD")
    project.commit("In between")

    cut_git.make_tag(found, planned, sign=False)

    assert project.git("rev-parse", "v2.15.0^{commit}") == seen


def test_settings_of_the_user_push_nothing_more(
    cut: Cut, project: Repository, remote: Repository
) -> None:
    project.git("config", "push.followTags", "true")
    project.tag("private-note", annotated=True)

    cut("stable", "--yes", "--push")

    assert remote.git("tag") == "v2.15.0"


@needs("ssh-keygen")
def test_a_tag_is_signed_when_asked(
    cut: Cut, project: Repository, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    subprocess.run(
        ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)), check=True
    )
    project.git("config", "gpg.format", "ssh")
    project.git("config", "user.signingKey", str(key))

    status, printed = cut("stable", "--yes", "--sign")

    assert status == 0, printed
    assert "BEGIN SSH SIGNATURE" in project.git("cat-file", "tag", "v2.15.0")


def test_a_remote_that_does_not_answer_is_told(cut: Cut, project: Repository) -> None:
    project.git("remote", "set-url", "origin", "/nowhere")

    status, printed = cut("stable", "--yes")

    assert status == 1
    assert "The remote origin does not answer:" in printed
    assert "/nowhere" in printed
    assert "Traceback" not in printed


def test_a_push_that_fails_says_what_is_left(
    cut: Cut, project: Repository, remote: Repository
) -> None:
    hook = remote.root / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    status, printed = cut("stable", "--yes", "--push")

    assert status == 1
    assert "The tag is made, but not pushed:" in printed
    assert "To remove it: git tag --delete v2.15.0" in printed
    assert project.git("tag") == "v2.15.0"


def test_a_signature_that_cannot_be_made_makes_no_tag(
    cut: Cut, project: Repository
) -> None:
    project.git("config", "gpg.program", "false")

    status, printed = cut("stable", "--yes", "--sign")

    assert status == 1
    assert "git did not make the tag:" in printed
    assert project.git("tag") == ""


def test_outside_a_repository_it_says_so(cut: Cut, project: Repository) -> None:
    (project.root / ".git").rename(project.root / "no-git")

    status, printed = cut("stable")

    assert status == 1
    assert "is not in a git repository" in printed
