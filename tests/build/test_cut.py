import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli, cut_git
from build_hooks.discovery import find_project
from tests.support.needs import needs
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT, add_keys

pytestmark = pytest.mark.usefixtures("author")

Cut = Callable[..., tuple[int, str]]


@pytest.fixture
def remote(project: Repository, tmp_path: Path) -> Repository:
    """A bare remote with the project's branch."""
    return project.with_remote(tmp_path / "remote")


@pytest.fixture
def cut(
    project: Repository,
    remote: Repository,  # noqa: ARG001  # must be there
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Cut:
    """Run `build-stamp cut` in the project; return its status and output."""
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
    publish(project)

    status, printed = cut("beta", "--yes")

    assert status == 0
    assert "Tagged v2.15.0rc11." in printed
    assert "To push it: git push origin refs/tags/v2.15.0rc11" in printed
    assert project.git("cat-file", "-t", "v2.15.0rc11") == "tag"
    assert project.git("rev-parse", "v2.15.0rc11^{commit}") == project.git(
        "rev-parse", "HEAD"
    )


def test_nothing_is_pushed_without_push(cut: Cut, remote: Repository) -> None:
    cut("beta", "--yes")

    assert remote.git("tag") == ""


def test_push_pushes_the_tag_and_nothing_else(
    cut: Cut, project: Repository, remote: Repository
) -> None:
    project.git("branch", "private")
    project.tag("local-tag")

    status, printed = cut("stable", "--yes", "--push")

    assert status == 0
    assert printed.endswith(
        "Tagged v2.15.0.\nPushed v2.15.0 to origin, and nothing else.\n"
    )
    assert remote.git("tag") == "v2.15.0"
    assert remote.git("branch", "--format=%(refname:short)") == "main"


def test_the_form_of_the_tag_is_a_key(cut: Cut, project: Repository) -> None:
    publish(project, add('beta-tag = "v{version}-beta.rc{n}"\n'))

    assert "Tag v2.15.0-beta.rc1 (annotated)" in cut("beta", "--dry-run")[1]


def test_a_dry_run_makes_no_tag(cut: Cut, project: Repository) -> None:
    status, printed = cut("stable", "--dry-run", "--push")

    assert status == 0
    assert printed.splitlines() == [
        f"Tag v2.15.0 (annotated) at {project.git('rev-parse', 'HEAD')[:9]} on main.",
        "It will be pushed to origin.",
        "Dry run: no tag made.",
    ]
    assert project.git("tag") == ""


@pytest.mark.parametrize("answer", ["y", "YES"])
def test_yes_makes_the_tag(cut: Cut, project: Repository, answer: str) -> None:
    assert cut("stable", answer=answer)[0] == 0
    assert project.git("tag") == "v2.15.0"


@pytest.mark.parametrize("answer", ["", "n", "maybe"])
def test_any_other_answer_makes_no_tag(
    cut: Cut, project: Repository, answer: str
) -> None:
    status, printed = cut("stable", answer=answer)

    assert status == 1
    assert printed.endswith("No tag made.\n")
    assert project.git("tag") == ""


def publish(project: Repository, *changes: dict[str, str]) -> None:
    """Commit *changes* and push them, so that only they can be a reason to refuse."""
    for files in changes:
        project.write(files)
    project.commit()
    project.git("push", "--quiet")


def add(keys: str) -> dict[str, str]:
    return {"pyproject.toml": add_keys(keys)}


def dirty(project: Repository) -> None:
    project.write({"docs/index.md": "# Another\n"})


def staged_deletion(project: Repository) -> None:
    project.git("rm", "--quiet", "docs/index.md")


def other_branch(project: Repository) -> None:
    project.git("switch", "--quiet", "--create", "feature")


def detached(project: Repository) -> None:
    project.git("switch", "--quiet", "--detach")


def ahead(project: Repository) -> None:
    project.commit("Not pushed")


def behind(project: Repository) -> None:
    publish(project)
    project.git("reset", "--quiet", "--hard", "HEAD~")


def released(project: Repository) -> None:
    project.tag("v2.15.0")
    publish(project)


def released_on_the_remote_only(project: Repository) -> None:
    released(project)
    project.git("push", "--quiet", "--tags")
    project.git("tag", "--delete", "v2.15.0")


def stable(project: Repository) -> None:
    project.tag("v2.15.0rc1", "v2.15.0")


def stable_of_a_computed_version(project: Repository) -> None:
    computed_version(project)
    stable(project)


def candidate(project: Repository) -> None:
    project.tag("v2.15.0rc1")


def candidate_on_the_remote_only(project: Repository) -> None:
    project.tag("v2.15.0rc1", annotated=True)
    project.git("push", "--quiet", "--tags")
    project.git("tag", "--delete", "v2.15.0rc1")


def form_of_no_release(project: Repository) -> None:
    publish(
        project,
        add('beta-tag = "beta-{version}-{n}"\nstable-tag = "v{version}rc1"\n'),
    )


def form_of_no_ref(project: Repository) -> None:
    keys = (
        'tag-pattern = "(?P<version>.+)\\\\.lock"\nbeta-tag = "{version}rc{n}.lock"\n'
    )
    publish(project, add(keys))


def computed_version(project: Repository) -> None:
    """Of a project that Hatch does not build."""
    publish(
        project,
        {
            "pyproject.toml": "".join(PYPROJECT.partition("[project]")[1:]).replace(
                'version = "2.15.0"', 'dynamic = ["version"]'
            ),
            "src/paperless/version.py": "__version__ = compute()\n",
        },
    )


# How the repository came to be, what is cut, the reason against it, and the fix.
REFUSED = [
    (dirty, "beta", "The tree is changed:", "commit or remove docs/index.md"),
    (staged_deletion, "beta", "The tree is changed:", "commit or remove docs/index.md"),
    (other_branch, "beta", "from main, but HEAD is on feature", "git switch main"),
    (detached, "stable", "but HEAD is not on a branch", "git switch main"),
    (ahead, "beta", "main is at", "--ff-only origin main, then git push origin main"),
    (behind, "beta", "main is at", "git pull --ff-only origin main"),
    (released, "stable", "The tag v2.15.0 already exists", "raise the version in"),
    (released, "beta", "v2.15.0 is already released", "in pyproject.toml"),
    (released_on_the_remote_only, "stable", "tag v2.15.0 already exists", "raise"),
    (candidate, "stable", "is already released as v2.15.0rc1", "--promote"),
    (candidate, "beta", "is already released as v2.15.0rc1", "commit a change"),
    (candidate_on_the_remote_only, "stable", "released as v2.15.0rc1", "--promote"),
    (
        stable,
        "beta",
        "already stable, as v2.15.0",
        "raise the version in pyproject.toml",
    ),
    (
        stable_of_a_computed_version,
        "beta",
        "stable, as v2.15.0",
        "beta --version X.Y.Z",
    ),
    (stable, "stable", "The tag v2.15.0 already exists", "raise the version in"),
    (form_of_no_release, "beta", "beta-2.15.0-1 is not a release", "fix beta-tag"),
    (form_of_no_release, "stable", "v2.15.0rc1 means beta", "fix stable-tag"),
    (form_of_no_ref, "beta", "'2.15.0rc1.lock' is not a valid tag", "fix beta-tag"),
    (computed_version, "beta", "version.py computes the", "--version X.Y.Z"),
]


@pytest.mark.parametrize(
    ("prepare", "kind", "reason", "fix"),
    REFUSED,
    ids=[f"{prepare.__name__}, {kind}" for prepare, kind, *_ in REFUSED],
)
def test_a_refusal_says_why_and_how_to_fix_it(
    cut: Cut,
    project: Repository,
    prepare: Callable[[Repository], None],
    kind: str,
    reason: str,
    fix: str,
) -> None:
    prepare(project)
    tags = project.git("tag")

    status, printed = cut(kind, "--yes")

    assert status == 1
    assert reason in printed
    assert fix in printed
    assert project.git("tag") == tags


def test_a_tag_at_another_commit_is_located_and_can_be_deleted(
    cut: Cut, project: Repository
) -> None:
    released(project)
    commit = project.git("rev-parse", "HEAD~")[:9]

    printed = cut("stable")[1]
    project.git("push", "--quiet", "--tags")
    pushed = cut("stable")[1]

    place = f"The tag v2.15.0 already exists, at {commit}: raise the version in"
    assert place in printed
    assert place in pushed
    assert "delete it: git tag --delete v2.15.0\n" in printed
    assert "git tag --delete" not in pushed


def test_a_tag_that_only_the_remote_has_can_be_fetched(
    cut: Cut, project: Repository
) -> None:
    candidate_on_the_remote_only(project)

    assert "run git fetch origin tag v2.15.0rc1)" in cut("beta")[1]


def test_a_version_that_is_raised_but_not_committed_is_not_to_be_raised_again(
    cut: Cut, project: Repository
) -> None:
    stable(project)
    raised = PYPROJECT.replace('version = "2.15.0"', 'version = "2.16.0"')
    project.write({"pyproject.toml": raised})

    assert "commit or remove pyproject.toml." in cut("beta")[1]
    assert "raise" not in cut("beta")[1]


def test_a_new_file_that_a_build_writes_belongs_in_gitignore(
    cut: Cut, project: Repository
) -> None:
    project.write({"src/paperless/_version.py": ""})

    assert "add it to .gitignore.\n" in cut("beta")[1]


def test_a_pattern_for_one_package_brings_the_forms_of_its_tags(
    cut: Cut, project: Repository
) -> None:
    publish(project, add("tag-pattern = 'host-v(?P<version>.+)'\n"))
    project.tag("v2.15.0rc1")

    _, advice = cut("beta")[1].splitlines()
    keys = advice.partition(": set ")[2].partition(" in the hook's")[0]
    publish(
        project,
        add(
            "tag-pattern = 'host-v(?P<version>.+)'\n"
            + keys.replace(" and ", "\n")
            + "\n"
        ),
    )

    assert cut("beta", "--yes")[0] == 0
    assert project.git("tag", "--points-at", "HEAD") == "host-v2.15.0rc1"


def test_every_refusal_is_listed_at_once(cut: Cut, project: Repository) -> None:
    other_branch(project)
    dirty(project)
    candidate(project)

    assert len(cut("stable")[1].splitlines()) == 4


@pytest.mark.parametrize("state", [stable, stable_of_a_computed_version])
@pytest.mark.parametrize("arguments", [("beta",), ("beta", "--promote"), ("stable",)])
def test_a_stable_commit_gets_one_advice(
    cut: Cut,
    project: Repository,
    state: Callable[[Repository], None],
    arguments: tuple[str, ...],
) -> None:
    state(project)

    title, *advice = cut(*arguments)[1].splitlines()

    assert title == "build-stamp: this cannot be released."
    assert len(advice) == 1


def test_a_candidate_is_promoted_when_asked(cut: Cut, project: Repository) -> None:
    candidate(project)

    assert cut("stable", "--promote", "--yes")[0] == 0
    assert project.git("tag", "--points-at", "HEAD").split() == [
        "v2.15.0",
        "v2.15.0rc1",
    ]


def test_a_computed_version_is_passed_with_version(
    cut: Cut, project: Repository
) -> None:
    computed_version(project)

    assert cut("beta", "--version", "3.0.0", "--yes")[0] == 0
    assert project.git("tag") == "v3.0.0rc1"


def test_version_must_agree_with_the_tree(cut: Cut) -> None:
    status, printed = cut("beta", "--version", "3.0.0")

    assert status == 1
    assert "says 2.15.0, not 3.0.0" in printed


def test_without_a_remote_only_a_push_is_refused(cut: Cut, project: Repository) -> None:
    project.git("remote", "remove", "origin")

    assert cut("stable", "--push", "--yes") == (
        1,
        "build-stamp: there is no remote to push to.\n",
    )
    assert cut("stable", "--yes")[0] == 0


def test_the_only_remote_is_used_whatever_its_name(
    cut: Cut, project: Repository
) -> None:
    project.git("remote", "rename", "origin", "upstream")
    project.git("branch", "--unset-upstream")
    project.commit("Not pushed")

    assert "main is at" in cut("stable")[1]


def test_the_remote_that_the_branch_tracks_comes_before_origin(
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


def test_a_branch_that_the_remote_lacks_is_pushed_to_the_name_it_tracks(
    cut: Cut, project: Repository, remote: Repository
) -> None:
    project.git("push", "--quiet", "--set-upstream", "origin", "main:trunk")
    remote.git("update-ref", "-d", "refs/heads/trunk")

    assert (
        "origin has no branch trunk: run git push origin main:trunk" in cut("stable")[1]
    )


def test_one_of_several_remotes_must_be_selected(cut: Cut, project: Repository) -> None:
    project.git("remote", "rename", "origin", "one")
    project.git("remote", "add", "two", "/nowhere")
    project.git("branch", "--unset-upstream")

    assert "select one of one, two with --remote" in cut("stable")[1]


def test_betas_have_a_branch_of_their_own(cut: Cut, project: Repository) -> None:
    publish(project, add('beta-branch = "beta"\n'))

    assert "is cut from beta, but HEAD is on main" in cut("beta")[1]
    assert cut("stable", "--dry-run")[0] == 0


def versioned(version: str, keys: str = "") -> dict[str, str]:
    return {"pyproject.toml": add_keys(keys).replace('"2.15.0"', f'"{version}"')}


@pytest.mark.parametrize(
    ("version", "channel", "keys", "tag"),
    [
        ("1.4", "stable", "", "v1.4"),
        ("1.4", "beta", "", "v1.4rc1"),
        ("2026.05.03", "stable", "", "v2026.05.03"),
        ("1!2.0", "stable", "", "v1!2.0"),
        ("1.4.0.post1", "stable", "", "v1.4.0.post1"),
        ("1.4.0-1", "stable", "", "v1.4.0.post1"),
        # A prerelease that the version names is the one to cut.
        ("2.15.0rc3", "beta", "", "v2.15.0rc3"),
        ("2.15.0-rc.3", "beta", "", "v2.15.0rc3"),
        ("2.15.0a2", "beta", "", "v2.15.0a2"),
        ("v2.15.0a2", "beta", "", "v2.15.0a2"),
        ("2.15.0-beta.1", "beta", "", "v2.15.0-beta.1"),
        ("2.15.0b0", "beta", "", "v2.15.0b0"),
        ("2.15.0b1", "beta", 'beta-tag = "v{version}-beta.rc{n}"\n', "v2.15.0b1"),
        ("2.15.0b1", "beta", 'beta-tag = "v{version}-beta.{n}"\n', "v2.15.0-beta.1"),
        ("2.15.0a2", "beta", 'stable-tag = "{version}"\n', "2.15.0a2"),
    ],
)
def test_the_tag_is_made_of_the_version(
    cut: Cut, project: Repository, version: str, channel: str, keys: str, tag: str
) -> None:
    publish(project, versioned(version, keys))

    status, printed = cut(channel, "--dry-run")

    assert status == 0, printed
    assert f"Tag {tag} (annotated)" in printed


@pytest.mark.parametrize(
    ("version", "channel", "reason"),
    [
        ("2.15.0rc3", "stable", "The tag v2.15.0 does not fit version 2.15.0rc3"),
        ("2.15.0.dev1", "beta", "v2.15.0rc1 does not fit version 2.15.0.dev1"),
        ("2.15.0.post1", "beta", "a post release, which has no betas: cut stable"),
        ("banana", "stable", "banana, which is not a version that PEP 440 allows"),
    ],
)
def test_a_version_that_the_channel_cannot_have_is_refused(
    cut: Cut, project: Repository, version: str, channel: str, reason: str
) -> None:
    publish(project, versioned(version))

    status, printed = cut(channel)

    assert status == 1
    assert reason in printed


def test_a_post_release_follows_its_release(cut: Cut, project: Repository) -> None:
    project.tag("v2.15.0", "v2.15.0.post1")
    publish(project, versioned("2.15.0.post2"))

    assert "Tag v2.15.0.post2 " in cut("stable", "--dry-run")[1]


@pytest.mark.parametrize("name", ["2.15", "v2.15.0.0", "v2.15.0.post1"])
def test_a_version_is_released_under_any_equal_or_later_tag(
    cut: Cut, project: Repository, name: str
) -> None:
    project.tag(name)
    publish(project)

    assert f"{name} is already released" in cut("stable")[1]


@pytest.mark.parametrize("version", ["2.15.0.dev1", "2.15.0+local", "v3.0.0", "x"])
def test_version_must_be_one_that_can_be_released(cut: Cut, version: str) -> None:
    with pytest.raises(SystemExit):
        cut("stable", "--version", version)


def version_from_tags(project: Repository) -> None:
    dynamic = PYPROJECT.replace('version = "2.15.0"', 'dynamic = ["version"]')
    publish(
        project,
        {"pyproject.toml": f'{dynamic}\n[tool.hatch.version]\nsource = "vcs"\n'},
    )


@pytest.mark.parametrize("last", ["v2.14.0", "v2.15.0rc1"])
def test_a_version_that_follows_from_the_tags_is_passed_with_version(
    cut: Cut, project: Repository, last: str
) -> None:
    project.tag(last)
    version_from_tags(project)

    assert "source vcs computes the version: pass --version" in cut("stable")[1]
    _, printed = cut("stable", "--version", "2.15.0", "--dry-run")
    assert "Tag v2.15.0 (annotated)" in printed


def test_a_candidate_of_a_version_from_the_tags_is_promoted(
    cut: Cut, project: Repository
) -> None:
    version_from_tags(project)
    project.tag("v2.15.0rc1")

    status, printed = cut("stable", "--version", "2.15.0", "--promote", "--yes")

    assert status == 0, printed


def test_a_promoted_candidate_says_the_version(cut: Cut, project: Repository) -> None:
    version_from_tags(project)
    project.tag("v2.15.0rc1")

    assert cut("stable", "--promote", "--yes")[0] == 0
    assert "v2.15.0" in project.git("tag", "--points-at", "HEAD").split()


def test_a_version_that_hatchling_cannot_say_is_passed_with_version(
    cut: Cut, project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_from_tags(project)
    monkeypatch.setitem(sys.modules, "hatchling.metadata.core", None)

    printed = cut("stable")[1]
    assert "The version is unknown: " in printed
    assert "Install hatchling" in printed
    assert cut("stable", "--version", "2.15.0", "--yes")[0] == 0


def test_the_tag_is_made_at_the_commit_that_was_checked(project: Repository) -> None:
    """Even if someone commits between the question and the answer."""
    located = find_project(project.root)
    plan = cut_git.prepare(located, "stable")
    checked = project.git("rev-parse", "HEAD")
    project.commit("In between")

    cut_git.make_tag(located, plan, sign=False)

    assert project.git("rev-parse", "v2.15.0^{commit}") == checked


def test_the_users_settings_push_no_other_tag(
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
    project.sign_with_ssh(tmp_path / "key")

    status, printed = cut("stable", "--yes", "--sign")

    assert status == 0, printed
    assert "BEGIN SSH SIGNATURE" in project.git("cat-file", "tag", "v2.15.0")


def test_a_remote_that_does_not_answer_is_named(cut: Cut, project: Repository) -> None:
    project.git("remote", "set-url", "origin", "/nowhere")

    status, printed = cut("stable", "--yes")

    assert status == 1
    assert "The remote origin does not answer:" in printed
    assert "/nowhere" in printed
    assert ".." not in printed
    assert "Traceback" not in printed


def test_a_failed_push_says_how_to_push_or_remove_the_tag(
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


def test_a_failed_signature_makes_no_tag(cut: Cut, project: Repository) -> None:
    project.git("config", "gpg.program", "false")

    status, printed = cut("stable", "--yes", "--sign")

    assert status == 1
    assert "git did not make the tag:" in printed
    assert project.git("tag") == ""


def test_a_tag_whose_name_is_not_utf_8_is_no_obstacle(
    cut: Cut, project: Repository
) -> None:
    """gitpython-developers/GitPython#2064."""
    project.git("tag", os.fsdecode(b"vieux-\xe9t\xe9"))
    project.git("pack-refs", "--all")

    assert cut("beta", "--dry-run")[0] == 0


def test_a_repository_with_reftable_is_read(
    cut: Cut, project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gitpython-developers/GitPython#2113."""
    if not (project.root / ".git" / "reftable").is_dir():  # some make them by default
        try:
            project.git("refs", "migrate", "--ref-format=reftable")
        except AssertionError:
            pytest.skip(
                "this git cannot convert a repository to reftable: install git 2.48"
            )
    monkeypatch.chdir(project.root)

    assert cut("beta", "--yes")[0] == 0
    assert project.git("tag") == "v2.15.0rc1"


def test_new_files_in_a_submodule_are_no_obstacle(
    cut: Cut, project: Repository, tmp_path: Path
) -> None:
    library = Repository(tmp_path / "library")
    library.commit()
    project.git(
        *("-c", "protocol.file.allow=always", "submodule", "--quiet"),
        *("add", str(library.root), "vendor"),
    )
    publish(project, {"vendor/out.o": ""})

    assert cut("beta", "--dry-run")[0] == 0


def test_a_project_outside_a_repository_is_refused(
    cut: Cut, project: Repository
) -> None:
    (project.root / ".git").rename(project.root / "no-git")

    status, printed = cut("stable")

    assert status == 1
    assert "is not in a git repository" in printed
