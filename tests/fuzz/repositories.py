"""Makes repositories whose settings, refs and files mislead, and judges `show` on them."""

import functools
import os
import re
import shutil
import tempfile
from pathlib import Path
from random import Random

from build_hooks import cli
from tests.fuzz import mutations as shared
from tests.fuzz.limits import run_limited
from tests.fuzz.mutations import Mutations, by_name, mutate
from tests.fuzz.verdicts import find_problem, run_build_stamp
from tests.support.repository import Repository
from tests.support.sample_project import FILES, PYPROJECT, add_keys

_PACKAGE = "src/paperless"
_OTHER_USER = 12345
# Settings that change what git prints, which tree it looks at, or which program it runs.
# PROGRAM leaves a file behind; COPY is a clean copy of the tree.
_SETTINGS = """
core.worktree=COPY core.worktree=.. core.bare=true core.bare=maybe core.fsmonitor=PROGRAM
core.excludesFile=COPY/all core.attributesFile=COPY/all core.quotePath=true
core.fileMode=false core.symlinks=false core.ignoreCase=true core.autocrlf=true core.eol=crlf
core.trustctime=false core.checkStat=minimal core.ignoreStat=true core.untrackedCache=true
core.sparseCheckout=true core.abbrev=4 core.repositoryFormatVersion=9 core.pager=PROGRAM
core.repositoryFormatVersion=1 core.compression=x core.hooksPath=COPY core.editor=PROGRAM
core.sshCommand=PROGRAM core.precomposeUnicode=true core.splitIndex=true core.packedGitLimit=0
i18n.logOutputEncoding=UTF-16 i18n.logOutputEncoding=x i18n.commitEncoding=UTF-16
log.date=relative log.date=format:%n%n log.decorate=no log.excludeDecoration=refs/tags/*
log.initialDecorationSet=all log.showSignature=true log.mailmap=true log.diffMerges=x
log.abbrevCommit=true log.follow=true log.showRoot=true status.showUntrackedFiles=no
status.short=true status.branch=true status.showStash=true status.renames=x
status.submoduleSummary=true status.relativePaths=false diff.ignoreSubmodules=all
diff.external=PROGRAM diff.noprefix=true alias.log=!PROGRAM alias.status=!PROGRAM
color.ui=always color.status=always column.ui=always pager.log=PROGRAM pager.status=PROGRAM
format.pretty=fuller format.pretty=%n gpg.program=PROGRAM extensions.worktreeConfig=true
extensions.partialClone=origin extensions.objectFormat=sha256 extensions.x=y index.version=9
index.sparse=true include.path=COPY/all include.path=config include.path=/dev/zero
transfer.hideRefs=refs/tags trace2.normalTarget=COPY/trace feature.manyFiles=true
advice.graftFileDeprecated=false safe.bareRepository=explicit filter.evil.clean=PROGRAM
filter.evil.process=PROGRAM filter.evil.required=true remote.origin.tagOpt=--no-tags
remote.origin.url=/nowhere submodule.x.ignore=all credential.helper=PROGRAM
""".split()
_PLACES = """
pyproject.toml hatch.toml PKG-INFO .git_archival.txt hatch_build.py .gitignore .hgignore
.gitattributes .gitmodules .mailmap src src/paperless src/paperless/version.py
src/paperless/build_info.py src/paperless/__init__.py src/paperless/.gitignore
src/paperless/.gitattributes .git .git/HEAD .git/config .git/index .git/packed-refs
.git/shallow .git/info/exclude .git/info/attributes .git/info/grafts .git/commondir .git/refs
.git/refs/tags .git/refs/tags/v2.15.0 .git/refs/heads/main .git/objects
.git/objects/info/alternates .git/config.worktree ../.git ../.git_archival.txt
../pyproject.toml
""".split()
_CONTENTS = (
    b"", b"\xff\xfe", b"\0", b"*", b"!*", b"* filter=evil\n", b"ref: refs/heads/x", b"gitdir: .git",
    b"gitdir: ../copy/.git", b"../copy/.git", b"0123456789" * 4, b"* text eol=crlf ident\n",
    b"node: 0123456789012345678901234567890123456789\nnode-date: \x1b\nref-names: tag: v9\n",
    b"* working-tree-encoding=UTF-16\n", b"[" * 99_999, b"x = " + b"[" * 99_999, b"(" * 9_999,
)  # fmt: skip
_KEYS = (
    r'tag-pattern = "(?P<version>(v+)+)x"', r'tag-pattern = "(?P<version>.*)*$"',
    r'tag-pattern = "(?P<version>(a|v|a)*)=$"', r'tag-pattern = "(?P<version>.+)"',
    r'report-url = "https://x/\nA=1"', r'report-url = "https://x/ --network=host"',
    r'env-prefix = "X\nY"', 'package = "../.."', 'package = "src/../src/paperless"',
)  # fmt: skip
# What must not reach a line that a program reads.
_TEXTS = (
    r"\nBUILDKIT_SYNTAX=evil", r"\nchannel=stable", " --network=host", r"\u001B[2J", r"\u202E",
    r"\n::error::x", r"\u2028", r"\r", "'", "x" * 9_999, "9" * 9_999,
)  # fmt: skip
_SUFFIXES = ("", "-x" * 90, "v" * 60, "9" * 200, ".1" * 99, "\u0661", "\udcff", "\x1b", "\u202e",
    "\x85", "\u2028", "::error::x")  # fmt: skip
_NAME = (
    r"[A-Z_][A-Z0-9_]*_(?:SOURCE_COMMIT|BUILD_DATE|TAG|CHANNEL|REPORT_URL|REPORTING)"
)
_FORMATS = {
    "github": "version|channel|commit|build_date|tag|dirty|source|env_prefix|report_url|"
    "reporting",
    "docker": f"--build-arg {_NAME}",
    "labels": r"org\.opencontainers\.image\.(?:title|version|revision|created)",
}


@functools.cache
def _make_base() -> tempfile.TemporaryDirectory[str]:
    """Make a tagged project, its copy, and a program that notes that it ran."""
    base = tempfile.TemporaryDirectory(prefix="fuzz-base-")
    root = Path(base.name, "project")
    repository = Repository(root)
    shutil.rmtree(root / ".git/hooks")
    repository.write(FILES)
    repository.commit("The first")
    repository.write({f"{_PACKAGE}/other.py": "other = 1\n"})
    for path in root.rglob("*.py"):
        os.utime(path, (10**9, 10**9))  # or git would compare contents, as they are new
    repository.commit("The second")
    repository.tag("v2.15.0")
    shutil.copytree(root, Path(base.name, "copy"))
    Path(base.name, "copy/all").write_text("*\n[core]\nbare = true\n")
    Path(base.name, "program").write_text('#!/bin/sh\necho ran >> "${0%/*}/ran"\ncat\n')
    Path(base.name, "program").chmod(0o755)
    return base


def make(folder: Path, mutations: Mutations) -> Path:
    """Make a tagged project with these *mutations* in *folder*; return its root."""
    shutil.copytree(_make_base().name, folder, dirs_exist_ok=True)
    root = folder / "project"
    for mutation in mutations:
        # In a child process, because git may hang after an earlier mutation. One that
        # is impossible after an earlier one is left out.
        run_limited(folder, _change, mutation, root)
    return root


def _change(mutation: tuple[str, Random], root: Path) -> None:
    mutate(CHANGES, [mutation], root)


def change_settings(rng: Random, root: Path) -> Path:
    """Change settings, in the file itself: git may refuse them. Also change the tree."""
    _write_settings(root.parent, root, rng.choices(_SETTINGS, k=rng.choice((1, 2, 4))))
    return change_tree(rng, root) if rng.random() < 0.5 else root


def _write_settings(folder: Path, top: Path, settings: list[str]) -> None:
    for setting in settings:
        name, _, value = setting.partition("=")
        section, *middle, key = name.split(".")
        header = " ".join((section, *(f'"{it}"' for it in middle)))
        value = value.replace("PROGRAM", f"{folder}/program")
        with (top / ".git/config").open("a") as config:
            config.write(
                f"[{header}]\n{key} = {value.replace('COPY', str(folder / 'copy'))}\n"
            )
    if "filter.evil.clean=PROGRAM" in settings:
        (top / ".git/info/attributes").write_text("* filter=evil\n")


def change_tree(rng: Random, root: Path) -> Path:
    """Change a file of the package, but not its size or time."""
    path = root / _PACKAGE / "other.py"
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    os.utime(path, (10**9, 10**9))
    if rng.random() < 0.5:
        mark = rng.choice(
            ("--assume-unchanged", "--skip-worktree", "--fsmonitor-valid")
        )
        Repository.at(root).git("update-index", mark, str(path))
    return root


def add_tag(rng: Random, root: Path) -> Path:
    """Add a tag that git would not make, or would not make like this."""
    name = f"{rng.choice(('v9.9.9', 'v2.15.0', '', 'v', 'v2.15.0-beta.rc1'))}{rng.choice(_SUFFIXES)}"
    commit = Repository.at(root).git("rev-parse", rng.choice(("HEAD", "HEAD~1")))
    line = f"{commit} refs/tags/{name}\n".encode(errors="surrogateescape")
    lines = (
        line,
        line,
        line + f"^{commit}\n".encode(),
        line * 2,
        line[1:],
        line.upper(),
    )
    with (root / ".git/packed-refs").open("ab") as refs:
        refs.write(rng.choice(lines))
    return root


def replace_file(rng: Random, root: Path) -> Path:
    """Put a pipe, a device, a link, a folder or other content at a path that is read."""
    path, aside = root / rng.choice(_PLACES), root.parent / "aside"
    if path.exists():
        path.rename(aside)
    path.parent.mkdir(parents=True, exist_ok=True)
    content, kind = rng.choice(_CONTENTS), rng.randrange(8)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    elif kind < 5:
        path.symlink_to(("/dev/zero", path.name, aside)[kind - 2])
    else:
        path.write_bytes(content)
        os.truncate(path, 1 << 32 if kind == 5 else len(content))
    return root


def change_bytes(rng: Random, root: Path) -> Path:
    """Change a few bytes of a file."""
    path = root / rng.choice([it for it in _PLACES if (root / it).is_file()])
    path.write_bytes(shared.damage(rng, path.read_bytes()))
    return root


def change_configuration(rng: Random, root: Path) -> Path:
    """Give the project, committed and tagged again, another key, name or version."""
    text = rng.choice(_TEXTS)
    keys = add_keys(f"{rng.choice(_KEYS)}\n")
    name = PYPROJECT.replace('"host"', f'"host{text}"')
    version = PYPROJECT.replace('"2.15.0"', f'"2.15.0{text}"')
    (root / "pyproject.toml").write_text(rng.choice((keys, name, version)))
    Repository.at(root).commit()
    tag = rng.choice(("v2.15.0", "v" * 60, f"{'a' * 60}!", f"v{'1.' * 60}x"))
    Repository.at(root).git("tag", "--force", tag)
    return root


def state_stamp(rng: Random, root: Path) -> Path:
    """Give the tree a stamp of its own, as an sdist has."""
    files = {"version.py": shared.VERSION_PY, "build_info.py": shared.BUILD_INFO}
    if rng.random() < 0.5:
        shared.bind_again(rng, files)
    name = rng.choice(
        ("SOURCE_COMMIT", "BUILD_DATE", "REPORT_URL", "CHANNEL", "REPORTING")
    )
    files["build_info.py"] += f'{name} = "https://x/{rng.choice(_TEXTS)}"\n'.encode()
    for file, content in files.items():
        (root / _PACKAGE / file).write_bytes(content)
    (root / "PKG-INFO").write_bytes(shared.METADATA)
    if rng.random() < 0.3:
        shutil.rmtree(root / ".git")
    return root


def change_owner(rng: Random, root: Path) -> Path:
    """Give the repository to another user, or plant one in the folder above the tree."""
    top = root
    if rng.random() < 0.4:
        shutil.rmtree(root / ".git")
        top = root.parent
        planted = Repository(top)
        planted.commit()
        planted.tag("v2.15.0")
    _write_settings(
        root.parent, top, ["filter.evil.clean=PROGRAM", rng.choice(_SETTINGS)]
    )
    git = top / ".git"
    for path in (git, *git.rglob("*"), *([root] if rng.random() < 0.7 else [])):
        os.chown(path, _OTHER_USER, -1, follow_symlinks=False)
    return root


def judge(root: Path, untouched: bool) -> str | None:  # noqa: FBT001  # a Judge
    """Return what is wrong with the stamp that `show` prints for *root*, or None."""
    folder = root.parent
    (folder / "ran").unlink(missing_ok=True)  # a mutation's own git may have run it
    for command in ("verify", "show"):
        if problem := find_problem(*run_build_stamp(folder, command, str(root))):
            return f"{command} {problem}"
    stamp = ""
    for name, keys in _FORMATS.items():
        status, output = run_limited(folder, _show, root, name)
        lines = output.removesuffix("\n").split("\n") if not status else []
        names = [line.partition("=")[0] for line in lines]
        good = all(re.fullmatch(rf"(?:{keys})=[^\s]*", line) for line in lines if line)
        if not good or len(set(names)) < len(names) or not output.isascii():
            return f"--format {name} prints other lines:\n{output!r}"
        stamp = stamp or output
    owners = {
        os.lstat(it).st_uid for it in (root / ".git", folder / ".git") if it.exists()
    }
    if _OTHER_USER in owners and (folder / "ran").exists():
        return "a program that another user's repository names ran"
    clean = _read(root) == _read(folder / "copy")
    stable = "channel=stable\n" in stamp and "source=git\n" in stamp
    if untouched > stable or stable > clean:
        return f"the tree is {'clean' if clean else 'changed'}, but show says:\n{stamp}"
    return None


def _read(root: Path) -> list[bytes]:
    files = (root / _PACKAGE / it for it in ("other.py", "version.py", "__init__.py"))
    return [it.read_bytes() for it in files if it.is_file()]


def _show(root: Path, name: str) -> int:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return cli.main(["show", str(root), "--format", name])


CHANGES = by_name(
    *(change_settings, change_tree, add_tag, replace_file, change_bytes, state_stamp),
    *(change_configuration, *([change_owner] if os.geteuid() == 0 else [])),
)
MUTATIONS = (
    *CHANGES,
    "change_settings",
    "change_settings",
    "change_tree",
    "replace_file",
)
