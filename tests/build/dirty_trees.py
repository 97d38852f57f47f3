"""Trees, and the paths that must count as changed in each (decision B3). Data only.

`sh -eu` runs each recipe in a committed, clean project, whose package is `src/paperless`
(tests/support/sample_project.py). `save` commits everything. A comment names the issue
of another tool that the tree comes from.
"""

from typing import NamedTuple

SHELL = """\
save() { git add --all && git commit --quiet --allow-empty --message x; }
submodule() { git -c protocol.file.allow=always submodule --quiet add "$1" "$2"; }
library() {
  git init --quiet --initial-branch=main ../library
  (cd ../library; mkdir code; echo 'A = 1' > code/a.py; echo x > notes; save)
}
"""


class Tree(NamedTuple):
    """A tree, and what is dirty in it.

    Attributes:
        recipe: Shell commands.
        changed: What makes the tree dirty, relative to the top of the repository.
        root: The project's root, relative to the top.
        package: The package, relative to the root.
    """

    recipe: str
    changed: tuple[str, ...] = ()
    root: str = "."
    package: str = "src/paperless"


INIT = "src/paperless/__init__.py"
# A filter that gives git the committed content, and a change that it hides, even from a
# status that is not cached.
HIDE = "git config filter.hide.clean 'git cat-file blob HEAD:%f'"
CHANGE = f"echo 'A = 1' > {INIT}; git add --update"
# A monorepo: the project moves into the folder `task`, and shares the folder `shared`.
MONOREPO = """\
mkdir task shared; git mv pyproject.toml src docs .gitignore task
echo 'A = 1' > shared/clock.py
ln -s ../../../shared task/src/paperless/shared; save
"""


def share(recipe: str, *changed: str) -> Tree:
    """Make a tree that begins with the monorepo."""
    return Tree(MONOREPO + recipe, changed, "task")


TREES = {
    # apache/airflow#53149: code is shared by links.
    "a linked folder, unchanged": share(""),
    "a changed file in a linked folder": share(
        "echo 'A = 2' > shared/clock.py", "shared/clock.py"
    ),
    "a staged file in a linked folder": share(
        "echo 'A = 2' > shared/clock.py; git add shared", "shared/clock.py"
    ),
    "a new file in a linked folder": share(
        "touch shared/new.py", "shared/new.py (untracked)"
    ),
    "a file deleted in a linked folder": share(
        "touch shared/b.py; save; rm shared/b.py", "shared/b.py"
    ),
    "bytecode in a linked folder": share(
        "mkdir shared/__pycache__; touch shared/__pycache__/a.pyc"
    ),
    "a change next to a linked folder": share("echo x > other; save; echo y > other"),
    "a changed file behind a link to a file": share(
        "echo 1 > one.py; ln -s ../../../one.py task/src/paperless/one.py; save; "
        "echo 2 > one.py",
        "one.py",
    ),
    "a changed file behind a chain of links": share(
        "mkdir deep; echo 1 > deep/one.py; ln -s deep hop; "
        "ln -s ../../../hop task/src/paperless/hop; save; echo 2 > deep/one.py",
        "deep/one.py",
    ),
    "a changed link in a chain of links": share(
        "mkdir deep deeper; touch deep/a deeper/a; ln -s deep hop; "
        "ln -s ../../../hop task/src/paperless/hop; save; ln -sfn deeper hop",
        "hop",
    ),
    "a changed file behind a link in a linked folder": share(
        "mkdir deep; echo 1 > deep/one.py; ln -s ../deep shared/deep; save; "
        "echo 2 > deep/one.py",
        "deep/one.py",
    ),
    "a changed file behind an absolute link": share(
        'ln -s "$PWD/shared" task/src/paperless/again; save; echo 2 > shared/clock.py',
        "shared/clock.py",
    ),
    "links in a circle": Tree("ln -s ../paperless src/paperless/self; ln -s b a; save"),
    "a link to itself": Tree("ln -s loop src/paperless/loop; save"),
    "a link to nothing": Tree("ln -s ../nothing src/paperless/nothing; save"),
    "a link out of the repository": Tree(
        "mkdir ../outside; ln -s ../../../outside src/paperless/outside; save",
        ("src/paperless/outside (outside the repository)",),
    ),
    "a link into another repository": Tree(
        "library; ln -s ../../../library/code src/paperless/code; save",
        ("src/paperless/code (outside the repository)",),
    ),
    "a link to ignored files": Tree(
        "echo /out/ >> .gitignore; mkdir out; touch out/x; "
        "ln -s ../../out src/paperless/out; save"
    ),
    "a new file in a package that is a link": Tree(
        "mkdir code; git mv src/paperless code/; ln -s ../code/paperless src/paperless; "
        "save; touch code/paperless/new.py",
        ("code/paperless/new.py (untracked)",),
    ),
    "a package below a link, unchanged": Tree(
        "mkdir code; git mv src code/; ln -s code/src src; save"
    ),
    "a file deleted in a package below a link": Tree(
        "mkdir code; git mv src code/; ln -s code/src src; save; "
        "rm code/src/paperless/__init__.py",
        ("code/src/paperless/__init__.py",),
    ),
    "a changed file in a package outside the root": Tree(
        MONOREPO + "echo 'A = 2' > shared/clock.py; touch shared/new.py",
        ("shared/clock.py", "shared/new.py (untracked)"),
        "task",
        "../shared",
    ),
    # soletta-project/soletta#1480, pypa/setuptools-scm#780: dirty after a build.
    "a new file in a submodule": Tree(
        "library; submodule ../library vendor; save; touch vendor/out.o"
    ),
    "a changed file in a submodule": Tree(
        "library; submodule ../library vendor; save; echo y > vendor/notes"
    ),
    "another commit of a submodule": Tree(
        "library; submodule ../library vendor; save; (cd vendor; save)", ("vendor",)
    ),
    "another commit of a submodule whose changes are ignored": Tree(
        "library; submodule ../library vendor; git config submodule.vendor.ignore all; "
        "save; (cd vendor; save)",
        ("vendor",),
    ),
    "a submodule in the package, unchanged": Tree(
        "library; submodule ../library src/paperless/vendor; save"
    ),
    "a submodule in the package that is not checked out": Tree(
        "library; submodule ../library src/paperless/vendor; save; "
        "git submodule --quiet deinit --force src/paperless/vendor"
    ),
    "a changed file in a submodule in the package": Tree(
        "library; submodule ../library src/paperless/vendor; save; "
        "echo y > src/paperless/vendor/notes",
        ("src/paperless/vendor/notes",),
    ),
    "a new file in a submodule in the package": Tree(
        "library; submodule ../library src/paperless/vendor; save; "
        "touch src/paperless/vendor/new.py",
        ("src/paperless/vendor/new.py (untracked)",),
    ),
    "bytecode in a submodule in the package": Tree(
        "library; submodule ../library src/paperless/vendor; save; "
        "mkdir src/paperless/vendor/__pycache__; touch src/paperless/vendor/__pycache__/x"
    ),
    "a changed file behind a link into a submodule": Tree(
        "library; submodule ../library vendor; ln -s ../../vendor/code src/paperless/code; "
        "save; echo 'A = 2' > vendor/code/a.py; echo y > vendor/notes",
        ("vendor/code/a.py",),
    ),
    "another commit of a submodule behind a link": share(
        "library; submodule ../library vendor; "
        "ln -s ../../../vendor/code task/src/paperless/code; save; (cd vendor; save)",
        "vendor",
    ),
    # nemerosa/versioning#55
    "files that hatchling never ships": Tree(
        "echo > .gitignore; save; cd src/paperless; touch .DS_Store a.pyc b.pyo; "
        "mkdir -p __pycache__ old/__pycache__ .mypy_cache; "
        "touch __pycache__/x old/__pycache__/y .mypy_cache/z"
    ),
    "a tracked file that hatchling never ships": Tree(
        "touch docs/.DS_Store; save; echo x > docs/.DS_Store"
    ),
    "a project below a folder that hatchling never ships": Tree(
        "mkdir -p .tox/p; git mv pyproject.toml src docs .tox/p; save; "
        "echo x >> .tox/p/pyproject.toml; touch .tox/p/src/paperless/new.py",
        (".tox/p/pyproject.toml", ".tox/p/src/paperless/new.py (untracked)"),
        ".tox/p",
    ),
    "a repository inside the package": Tree(
        "git init --quiet src/paperless/inner; touch src/paperless/inner/a.py",
        ("src/paperless/inner/ (untracked)",),
    ),
    "a changed file that git must assume unchanged": Tree(
        "git update-index --assume-unchanged src/paperless/__init__.py; "
        "echo 'A = 1' > src/paperless/__init__.py",
        ("src/paperless/__init__.py",),
    ),
    "an unchanged file that git must assume unchanged": Tree(
        "git update-index --assume-unchanged src/paperless/__init__.py"
    ),
    "a changed file that is marked skip-worktree": Tree(
        "git update-index --skip-worktree src/paperless/__init__.py; "
        "echo 'A = 1' > src/paperless/__init__.py",
        ("src/paperless/__init__.py",),
    ),
    "a sparse checkout": Tree("git sparse-checkout set src"),
    "settings of git status": Tree(
        "touch src/paperless/new.py; git config status.branch true; "
        "git config status.relativePaths true; git config status.short true; "
        "git config status.showUntrackedFiles no; git config core.quotePath true; "
        "git config diff.ignoreSubmodules all",
        ("src/paperless/new.py (untracked)",),
    ),
    "names with line breaks": Tree(
        "touch \"src/paperless/$(printf 'a\\nb.py')\"",
        ("src/paperless/a\nb.py (untracked)",),
    ),
    # The settings point to another work tree, or to none.
    "core.worktree elsewhere": Tree(
        'mkdir ../elsewhere; cp -R . ../elsewhere; git config core.worktree "$PWD/../elsewhere"; '
        "echo x > docs/index.md",
        ("docs/index.md",),
    ),
    "core.bare": Tree(
        "echo x > docs/index.md; git config core.bare true", ("docs/index.md",)
    ),
    "core.worktree in the settings of a worktree": Tree(
        "git config extensions.worktreeConfig true; mkdir ../elsewhere; "
        'git config --worktree core.worktree "$PWD/../elsewhere"; echo x > docs/index.md',
        ("docs/index.md",),
    ),
    # A clean filter converts what is in the tree to what the commit contains.
    "a change that a filter hides": Tree(
        f"{HIDE}; echo '* filter=hide' > .git/info/attributes; {CHANGE}",
        (INIT,),
    ),
    "a change that a filter in a file of attributes hides": Tree(
        f"{HIDE}; echo '* filter=hide' > ../attributes; "
        f'git config core.attributesFile "$PWD/../attributes"; {CHANGE}',
        (INIT,),
    ),
    "a change that a committed filter hides": Tree(
        f"{HIDE}; echo '*.py filter=hide' > .gitattributes; save; {CHANGE}",
        (INIT,),
    ),
    "a change that a filter in the package hides": Tree(
        f"{HIDE}; echo '*.py filter=hide' > src/paperless/.gitattributes; save; {CHANGE}",
        (INIT,),
    ),
    "a change that an ignored file of attributes hides": Tree(
        f"{HIDE}; echo .gitattributes >> .gitignore; save; "
        f"echo '*.py filter=hide' > src/paperless/.gitattributes; {CHANGE}",
        (INIT, "src/paperless/.gitattributes (untracked)"),
    ),
    "a change that a filter hides in a worktree": Tree(
        f"{HIDE}; mkdir -p .git/info; echo '* filter=hide' > .git/info/attributes; "
        f"git worktree add --quiet --detach tree; cd tree; {CHANGE}",
        (INIT,),
        "tree",
    ),
    "a change that a filter hides behind a link": share(
        f"{HIDE}; echo '*.py filter=hide' > shared/.gitattributes; save; "
        "echo 'A = 2' > shared/clock.py; git add --update",
        "shared/clock.py",
    ),
    "a change outside the package that a filter hides": Tree(
        f"{HIDE}; echo '* filter=hide' > .git/info/attributes; echo x > docs/index.md; "
        "git add --update",
        ("docs/index.md",),
    ),
    "files that a filter converts, unchanged": Tree(
        "git config filter.up.clean 'tr a-z A-Z'; git config filter.up.smudge "
        "'tr A-Z a-z'; echo '*.md filter=up' > .gitattributes; echo x > docs/index.md; save"
    ),
    "line ends that core.autocrlf converts": Tree(
        f"git config core.autocrlf input; printf 'A = 1\\r\\n' > {INIT}; save; "
        f"printf 'A = 1\\r\\n' > {INIT}; git add --update",
        (INIT,),
    ),
    "a checkout with core.autocrlf": Tree(
        f"echo 'A = 1' > {INIT}; save; git config core.autocrlf true; rm {INIT}; "
        f"git checkout --quiet -- {INIT}",
    ),
    "line ends that an attribute converts": Tree(
        f"echo '* text=auto' > .gitattributes; echo 'A = 1' > {INIT}; save; "
        f"printf 'A = 1\\r\\n' > {INIT}; git add --update",
        (INIT,),
    ),
    "a keyword that git would expand": Tree(
        f"echo '*.py ident' > .gitattributes; echo '# $Id$' > {INIT}; save; "
        f"echo '# $Id: other $' > {INIT}",
        (INIT,),
    ),
    "an encoding that git converts, unchanged": Tree(
        "echo '*.md working-tree-encoding=UTF-16' > .gitattributes; "
        "printf '\\377\\376x\\0' > docs/index.md; save"
    ),
    "a change after which a file has the same size and time": Tree(
        f"git config core.checkStat minimal; git config core.trustctime false; "
        f"echo 'A = 1' > {INIT}; touch -d 2020-01-01 {INIT}; save; "
        f"sleep 1.1; echo 'A = 2' > {INIT}; touch -d 2020-01-01 {INIT}",
        (INIT,),
    ),
    "core.ignoreStat": Tree(
        f"git config core.ignoreStat true; echo 'A = 1' > {INIT}; git add {INIT}; save; "
        f"echo 'A = 2' > {INIT}",
        (INIT,),
    ),
    "a file that takes the place of a link": Tree(
        "ln -s __init__.py src/paperless/link.py; save; git config core.symlinks false; "
        "rm src/paperless/link.py; printf __init__.py > src/paperless/link.py",
        ("src/paperless/link.py",),
    ),
    "a new file whose name differs by case": Tree(
        "git config core.ignoreCase true; touch src/paperless/Version.py",
        ("src/paperless/Version.py (untracked)",),
    ),
    "a new file that the user's settings ignore": Tree(
        "echo '*.py' > ../ignored; git config core.excludesFile \"$PWD/../ignored\"; "
        "echo '*.py' > .git/info/exclude; touch src/paperless/new.py",
        ("src/paperless/new.py (untracked)",),
    ),
    "a new .gitignore that ignores itself": Tree(
        "echo '*' > src/paperless/.gitignore; touch src/paperless/new.py",
        ("src/paperless/.gitignore (untracked)",),
    ),
    "a worktree, linked by a relative path": Tree(
        "git worktree add --quiet --detach tree; "
        'printf "gitdir: ../.git/worktrees/tree\\n" > tree/.git; '
        "touch tree/src/paperless/new.py",
        ("src/paperless/new.py (untracked)",),
        "tree",
    ),
    "an empty folder .git in the project": share(
        "mkdir task/.git; touch task/src/paperless/new.py",
        "task/src/paperless/new.py (untracked)",
    ),
}
