"""A clean checkout of a commit has what git would check out, and nothing else."""

import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import git_checkout, git_head
from build_hooks.errors import CheckoutError
from build_hooks.git_checkout import Checkout
from tests.build.recipes import run_recipe
from tests.support.needs import require_root
from tests.support.repository import Repository, hermetic

TAG = "git tag --annotate --message x v2.15.0; "
# Each recipe tags a commit, and then changes what the checkout must not depend on.
RECIPES = {
    "files that are not committed": f"{TAG} touch new.py src/paperless/build_info.py; "
    "echo x > docs/index.md; rm src/paperless/version.py",
    "a changed index": f"{TAG} echo x > docs/new.md; echo x > docs/index.md; git add --all",
    "a later commit": f"{TAG} echo x > docs/new.md; save",
    "a detached HEAD": f"{TAG} git checkout --quiet --detach; echo x > new; save",
    "a tag of another branch": f"git switch --quiet --create aside; echo x > docs/aside; save; "
    f"{TAG} git switch --quiet main",
    "a sparse checkout": f"{TAG} git sparse-checkout set src",
    "a worktree": f"{TAG} git worktree add --quiet --detach tree; cd tree; touch new.py",
    "a bare setting": f"{TAG} git config core.bare true",
    "a work tree elsewhere": f'{TAG} mkdir ../o; git config core.worktree "$PWD/../o"',
    "a clone that borrows objects": f"{TAG} git clone --quiet --shared . tree; cd tree; "
    "touch new.py",
    "a shallow clone": f"echo x > docs/index.md; save; {TAG}"
    'git clone --quiet --depth=1 --branch v2.15.0 "file://$PWD" tree; cd tree',
    "line ends that git converts": f"{TAG} git config core.autocrlf true; "
    "rm docs/index.md; git checkout --quiet -- docs/index.md",
    "a filter of the repository": "git config filter.up.clean 'tr a-z A-Z'; "
    "git config filter.up.smudge 'tr \"A-Z\" a-z'; git config filter.up.required true; "
    f"echo '*.md filter=up' > .gitattributes; echo x > docs/index.md; save; {TAG}",
    "a filter of attributes that are not committed": "git config filter.up.clean "
    "'tr a-z A-Z'; git config filter.up.smudge 'tr \"A-Z\" a-z'; mkdir -p .git/info; "
    f"echo '*.md filter=up' > .git/info/attributes; echo x > docs/index.md; save; {TAG}",
    "a submodule": f"library; submodule ../library vendor; save; {TAG}"
    "(cd vendor; echo 'A = 2' > code/a.py; touch new; save)",
    "a submodule in the package": "library; submodule ../library src/paperless/vendor; "
    f"save; {TAG} echo 'A = 2' > src/paperless/vendor/code/a.py",
    "a submodule in a submodule": "library; (cd ../library; git init --quiet ../inner; "
    "cd ../inner; echo x > x; save; cd ../library; submodule ../inner inner; save); "
    "git -c protocol.file.allow=always submodule --quiet add ../library vendor; "
    "git -c protocol.file.allow=always submodule --quiet update --init --recursive; "
    f"save; {TAG} touch vendor/inner/y",
    "links in the repository": "ln -s version.py src/paperless/link.py; "
    f"ln -s ../docs src/docs; ln -s nowhere dangling; save; {TAG}",
    "names with spaces and line breaks": "echo x > \"docs/a b$(printf 'a\\nb')\"; "
    f"save; {TAG}",
    "a hook that changes what is checked out": f"{TAG} git config core.hooksPath "
    '"$PWD/../hooks"; mkdir ../hooks; for it in post-checkout post-index-change; do '
    'printf "#!/bin/sh\\ntouch hooked\\n" > ../hooks/$it; chmod +x ../hooks/$it; done',
}


def make(project: Repository, recipe: str) -> Path:
    """Run *recipe* in the project. Return the work tree that it made, if any."""
    run_recipe(project, recipe)
    tree = project.root / "tree"
    return tree if tree.is_dir() else project.root


def check_out(source: Path, top: Path, **environ: str) -> Checkout:
    commit = Repository.at(source).git("rev-parse", "v2.15.0^{commit}")
    given = {**hermetic(os.environ), **environ}
    return git_checkout.check_out(source, commit, top, given)


def list_files(top: Path) -> set[str]:
    return {
        it.relative_to(top).as_posix()
        for it in top.rglob("*")
        if ".git" not in it.relative_to(top).parts and (it.is_symlink() or it.is_file())
    }


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_checkout_has_the_files_and_facts_of_the_commit_alone(
    project: Repository, tmp_path: Path, recipe: str
) -> None:
    source = make(project, recipe)
    before = Repository.at(source).git("rev-parse", "HEAD", "v2.15.0^{commit}")
    index = Repository.at(source).git("ls-files", "--stage")

    made = check_out(source, tmp_path / "made")

    checkout = Repository.at(made.top)
    facts = git_head.read_head(
        made.top, PurePosixPath("src/paperless"), hermetic(os.environ)
    )
    assert (facts.commit, facts.tags) == (before.splitlines()[1], ("v2.15.0",))
    assert (facts.changed, facts.unchecked) == ((), "")
    assert checkout.git("status", "--porcelain", "--ignored") == ""
    tracked = checkout.git("ls-files", "-z", "--recurse-submodules").split("\0")
    assert list_files(made.top) == set(tracked) - {""}
    assert (made.links, made.missing) == ((), ())
    # The repository that it comes from stays as it was.
    after = Repository.at(source).git("rev-parse", "HEAD", "v2.15.0^{commit}")
    assert (after, Repository.at(source).git("ls-files", "--stage")) == (before, index)


def test_the_folder_of_a_repository_may_have_a_line_break(tmp_path: Path) -> None:
    repository = Repository(tmp_path / 'a\n"b')
    repository.write({"docs/index.md": "x\n"})
    repository.commit()
    repository.tag("v2.15.0")
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))

    for source in (repository.root, tmp_path / "tree"):
        made = check_out(source, tmp_path / f"{source.name} made")

        assert list_files(made.top) == {"docs/index.md"}


def test_line_ends_and_filters_are_those_of_the_repository(
    project: Repository, tmp_path: Path
) -> None:
    for name in (
        "line ends that git converts",
        "a filter of attributes that are not committed",
    ):
        repository = Repository(tmp_path / name)
        repository.write({"docs/index.md": "x\n"})
        repository.commit()
        source = make(repository, RECIPES[name])

        check_out(source, tmp_path / f"{name} made")

        made = tmp_path / f"{name} made/docs/index.md"
        assert made.read_bytes() == (source / "docs/index.md").read_bytes()
        assert made.read_bytes() != project.root.joinpath("docs/index.md").read_bytes()


def test_every_tag_and_branch_is_there(project: Repository, tmp_path: Path) -> None:
    make(project, f"{TAG} git branch 1.x; echo x > new; save; git tag v2.16.0")

    made = Repository.at(check_out(project.root, tmp_path / "made").top)

    refs = ("for-each-ref", "--format=%(objectname) %(refname)")
    assert made.git(*refs) == project.git(*refs)
    assert made.git("describe") == "v2.15.0"


def test_a_repository_with_sha256_is_checked_out(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    subprocess.run(
        ("git", "init", "--quiet", "--object-format=sha256", root),
        env=hermetic(os.environ),
        check=True,
    )
    repository = Repository.at(root)
    repository.write({"a": "x"})
    repository.commit()
    repository.tag("v2.15.0")

    made = check_out(root, tmp_path / "made")

    assert Repository.at(made.top).git("status", "--porcelain") == ""
    assert list_files(made.top) == {"a"}


def test_links_that_lead_out_are_named(project: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    make(
        project,
        f"ln -s {tmp_path}/outside out; ln -s ../out/.. docs/up; ln -s /no/such none; "
        f"ln -s /dev/null null; save; {TAG}",
    )

    made = check_out(project.root, tmp_path / "made")

    assert made.links == ("docs/up", "out")


def test_a_submodule_that_is_not_checked_out_stays_empty(
    project: Repository, tmp_path: Path
) -> None:
    make(
        project,
        f"library; submodule ../library vendor; save; {TAG}"
        "git submodule --quiet deinit --force vendor",
    )

    made = check_out(project.root, tmp_path / "made")

    assert made.missing == ("vendor",)
    assert list((made.top / "vendor").iterdir()) == []


def test_a_submodule_without_the_commit_is_named(
    project: Repository, tmp_path: Path
) -> None:
    make(
        project,
        f"library; submodule ../library vendor; (cd vendor; save); save; {TAG}"
        "rm -rf vendor .git/modules; git clone --quiet ../library vendor",
    )

    with pytest.raises(
        CheckoutError, match=r"The submodule .*vendor cannot be checked"
    ):
        check_out(project.root, tmp_path / "made")


def test_git_says_why_a_filter_fails(project: Repository, tmp_path: Path) -> None:
    make(
        project,
        f"echo '*.md filter=big' > .gitattributes; save; {TAG}"
        "git config filter.big.smudge no-such-program; git config filter.big.required true",
    )

    with pytest.raises(CheckoutError, match=r"git says: .*smudge filter big failed"):
        check_out(project.root, tmp_path / "made")


def test_a_partial_clone_without_the_files_says_so(
    project: Repository, tmp_path: Path
) -> None:
    make(
        project,
        f"{TAG} echo later > docs/index.md; save; git config uploadpack.allowFilter true; "
        'git clone --quiet --filter=blob:none "file://$PWD" tree',
    )

    with pytest.raises(CheckoutError, match="git says: "):
        check_out(project.root / "tree", tmp_path / "made")


def test_a_repository_that_variables_trust_is_checked_out(
    project: Repository, tmp_path: Path
) -> None:
    require_root()
    project.tag("v2.15.0")
    for path in (project.root, project.root / ".git"):
        os.chown(path, 12345, 12345)
    trust = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(project.root),
    }

    with pytest.raises(CheckoutError, match=r"safe\.directory"):
        check_out(project.root, tmp_path / "refused")
    made = check_out(project.root, tmp_path / "made", **trust)

    assert "src/paperless/version.py" in list_files(made.top)
