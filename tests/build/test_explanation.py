"""What `build-stamp show` says about the channel, in words."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT, add_keys

Explain = Callable[..., list[str]]
NO_ADVICE: list[str] = []


@pytest.fixture
def explain(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Explain:
    """Run `build-stamp show` in the project or a folder; return its sentences."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.chdir(project.root)

    def run(*arguments: str, **environ: str) -> list[str]:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        assert cli.main(["show", *arguments]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out.partition("\n\n")[2].splitlines()

    return run


CUT = [
    "To make it a beta: build-stamp cut beta",
    "To make it stable: build-stamp cut stable",
    "To build a beta without a tag, set HOST_CHANNEL=beta.",
]


def test_a_commit_after_a_release_names_the_release(
    explain: Explain, project: Repository
) -> None:
    project.tag("v2.13.0")
    project.commit()
    project.tag("v2.14.0", "v2.14.0rc3", "nightly")
    for _ in range(12):
        project.commit()

    assert explain() == [
        "dev, because no tag is at HEAD; the nearest is v2.14.0, 12 commits back.",
        *CUT,
    ]


def test_one_commit_is_not_commits(explain: Explain, project: Repository) -> None:
    project.tag("v2.14.0", annotated=True)
    project.commit()

    assert explain()[0].endswith("the nearest is v2.14.0, 1 commit back.")


def test_a_version_that_is_released_must_be_raised_first(
    explain: Explain, project: Repository
) -> None:
    project.tag("v2.15.0")
    project.commit()

    assert explain()[1:3] == [
        f"To make it {channel}, raise the version in pyproject.toml, commit, then run: "
        f"build-stamp cut {command}"
        for channel, command in (("a beta", "beta"), ("stable", "stable"))
    ]


def test_only_a_tag_that_is_read_as_a_release_is_the_nearest(
    explain: Explain, project: Repository
) -> None:
    project.write(
        {"pyproject.toml": add_keys("tag-pattern = 'host-v(?P<version>.+)'\n")}
    )
    project.commit()
    project.tag("host-v2.14.0")
    project.commit()
    project.tag("v2.15.0-other")
    project.commit()

    assert "the nearest is host-v2.14.0, 2 commits back." in explain()[0]


def test_a_release_on_another_branch_is_not_near(
    explain: Explain, project: Repository
) -> None:
    project.git("switch", "--quiet", "--create", "side")
    project.commit("Another")
    project.tag("v2.14.0")
    project.git("switch", "--quiet", "main")

    assert explain() == ["dev, because no tag is at HEAD.", *CUT]


def test_a_tag_that_is_not_read_comes_with_its_fix(
    explain: Explain, project: Repository
) -> None:
    project.tag("shelf-v2.15.0")

    first, fix, *others = explain()

    assert first == "dev, because no release tag is at HEAD."
    assert "add this line to the hook's table: tag-pattern = " in fix
    assert others == CUT


def test_a_clone_without_tags_says_how_to_fetch_them(
    explain: Explain, project: Repository, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    project.git("clone", "--quiet", "--depth=1", f"file://{project.root}", str(clone))

    _, fetch, *others = explain(str(clone))

    assert fetch.startswith("This clone is shallow and has no tag at its commit.")
    assert others[0] == f"To make it a beta: build-stamp cut beta {clone}"


CHANGED = {"docs/index.md": "# Another\n"}
NEW = {"src/paperless/new.py": ""}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (CHANGED, "docs/index.md is changed"),
        (NEW, "src/paperless/new.py is new and not committed"),
        (
            {**CHANGED, **NEW},
            (
                "the tree is not what was committed (docs/index.md, "
                "src/paperless/new.py (untracked))"
            ),
        ),
    ],
)
def test_a_changed_tree_names_the_change(
    explain: Explain, project: Repository, files: dict[str, str], reason: str
) -> None:
    project.write(files)

    assert explain() == [
        f"dev, because {reason}.",
        "To make it a beta, commit or remove the changes, then run: build-stamp cut beta",
        "To make it stable, commit or remove the changes, then run: build-stamp cut stable",
    ]


@pytest.mark.parametrize(
    ("files", "stash"),
    [(CHANGED, "git stash"), (NEW, "git stash --include-untracked")],
)
def test_the_advice_about_a_changed_release_leads_back_to_it(
    explain: Explain, project: Repository, files: dict[str, str], stash: str
) -> None:
    project.tag("v2.15.0")
    project.write(files)

    first, back, *release = explain()

    assert first.endswith(", though tag v2.15.0 is at HEAD.")
    for line in release:
        assert "raise the version in pyproject.toml, commit, then run: " in line
    assert back == f"To build v2.15.0, put the changes aside: {stash}"
    project.git(*stash.split()[1:])
    assert explain() == ["stable, because tag v2.15.0 is at HEAD."]


def test_a_beta_says_how_to_make_it_stable(
    explain: Explain, project: Repository
) -> None:
    project.tag("v2.15.0rc1")

    assert explain() == [
        "beta, because tag v2.15.0rc1 is at HEAD.",
        "To make it stable: build-stamp cut stable --promote",
    ]


def test_a_beta_with_a_version_of_its_own_needs_another_version_first(
    explain: Explain, project: Repository
) -> None:
    project.write({"pyproject.toml": PYPROJECT.replace("2.15.0", "2.15.0b1")})
    project.commit()
    project.tag("v2.15.0b1")

    assert explain()[1] == (
        "To make it stable, set version 2.15.0 in pyproject.toml, commit, then run: "
        "build-stamp cut stable"
    )


@pytest.mark.parametrize(
    ("tag", "advice"),
    [
        ("v2.15.0rc1", "stable: build-stamp cut stable --version 2.15.0 --promote"),
        ("nightly", "stable: build-stamp cut stable --version X.Y.Z"),
    ],
)
def test_a_computed_version_is_part_of_the_command(
    explain: Explain, project: Repository, tag: str, advice: str
) -> None:
    text = PYPROJECT.replace('version = "2.15.0"', 'dynamic = ["version"]')
    project.write({"pyproject.toml": f'{text}\n[tool.hatch.version]\nsource = "vcs"\n'})
    project.commit()
    project.tag(tag)

    assert f"To make it {advice}" in explain()


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize("tags", [(), ("v2.15.0rc1",)])
def test_every_command_of_the_advice_works(
    explain: Explain, project: Repository, tags: tuple[str, ...]
) -> None:
    project.tag(*tags)
    advice = explain()

    for line in advice:
        if "build-stamp cut" in line:
            command = line.partition("build-stamp ")[2].split()
            assert cli.main([*command, "--dry-run"]) == 0


def test_a_tag_of_a_development_release_says_so(
    explain: Explain, project: Repository
) -> None:
    project.tag("v2.15.0.dev3")

    assert explain()[0] == (
        "dev, because tag v2.15.0.dev3 is a development release and is at HEAD."
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HOST_CHANNEL", "beta", "beta, because HOST_CHANNEL says so."),
        ("HOST_TAG", "v2.15.0", "stable, because HOST_TAG states v2.15.0."),
    ],
)
def test_a_variable_is_named(
    explain: Explain, name: str, value: str, reason: str
) -> None:
    assert explain(**{name: value}) == [
        reason,
        f"Without the variable {name}, the tree decides.",
    ]


def test_a_variable_on_a_changed_tree_is_a_warning_that_names_it(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOST_TAG", "v2.15.0")
    project.write(CHANGED)

    cli.main(["show", str(project.root)])

    assert capsys.readouterr().err == (
        "build-stamp: HOST_TAG decides the channel, but the tree is changed. Commit or "
        "remove: docs/index.md.\n"
    )


def test_other_trees_say_where_the_channel_comes_from(
    explain: Explain, project: Repository, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(project.root, bare, ignore=shutil.ignore_patterns(".git"))
    first, advice = explain(str(bare))
    assert first.startswith("dev, because the commit of this tree is unknown (")
    assert "set HOST_SOURCE_COMMIT, HOST_BUILD_DATE and HOST_TAG" in advice

    (bare / ".git_archival.txt").write_text(f"node: {'a' * 40}\n")
    first, advice = explain(str(bare))
    assert (
        first == "dev, because an archive of git does not name the tags of its commit."
    )
    assert "set HOST_TAG" in advice

    (bare / ".git_archival.txt").unlink()
    stamp = 'SOURCE_COMMIT = "012345678"\nCHANNEL = "beta"\n'
    (bare / "src/paperless/build_info.py").write_text(stamp)
    assert explain(str(bare)) == [
        "beta, because it was beta when this copy was stamped."
    ]

    (bare / "PKG-INFO").touch()
    assert explain(str(bare)) == [
        "beta, because it was beta when this sdist was built."
    ]


def test_the_words_need_no_hatchling(
    explain: Explain, project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hatchling", None)

    assert explain()[0] == "dev, because no tag is at HEAD."
    assert project.git("tag") == ""
