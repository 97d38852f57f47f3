"""Checks out a commit into a new folder, and leaves the repository that has it alone.

The new repository borrows the objects of the old one, so nothing is copied or fetched. It
is written by hand: `git clone` starts a second git, which does not get the variables that
trust a folder, and `git worktree` writes to the old repository.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from build_hooks.errors import CheckoutError, NoGitFactsError
from build_hooks.git_process import GitProcess, find_top
from build_hooks.values import Value

_LINK, _SUBMODULE = "120000", "160000"
# What git converts when it checks out a file, and which submodules there are. The user's
# own settings apply anyway.
_SETTINGS = (
    r"^(core\.(attributesfile|autocrlf|eol|safecrlf|symlinks|bigfilethreshold)"
    r"|filter\..*|lfs\..*|submodule\..*)$"
)
_REFS = (
    *("for-each-ref", "--format=%(objectname) %(refname)"),
    *("refs/heads", "refs/remotes", "refs/tags"),
)


class Checkout(Value):
    """A commit in a folder of its own.

    Attributes:
        top: The folder.
        links: The links in it that lead to a file or folder outside of it.
        missing: The folders of submodules that the old work tree does not have either.
    """

    top: Path
    links: tuple[str, ...]
    missing: tuple[str, ...]


def check_out(
    source: Path, commit: str, top: Path, environ: Mapping[str, str]
) -> Checkout:
    """Check out *commit* of the work tree *source*, with its submodules, into *top*.

    All tags and branches of the old repository are there, too, and HEAD is detached. A
    submodule comes from the old work tree; if that has none, it stays an empty folder.

    Args:
        source: The top of the old work tree.
        commit: The full SHA of the commit.
        top: The folder to make.
        environ: The caller's environment.

    Raises:
        CheckoutError: If git cannot read or convert a file of the commit, with its reason.
        ProjectFileError: If something else is in the place of a `.git`.
    """
    try:
        _make_repository(source, commit, top, environ)
        GitProcess(top, environ, "read-tree", "--reset", "-u", commit).read()
        entries = list(_list_entries(top, environ))
    except NoGitFactsError as error:
        raise CheckoutError(f"{error}.") from error
    links, missing = [], []
    for mode, content, path in entries:
        if mode == _LINK and _leads_out(top / path, top):
            links.append(path)
        elif mode == _SUBMODULE and find_top(source / path) != source / path:
            missing.append(path)
        elif mode == _SUBMODULE:
            inner = _check_out_submodule(source / path, content, top / path, environ)
            links += (f"{path}/{it}" for it in inner.links)
            missing += (f"{path}/{it}" for it in inner.missing)
    return Checkout(top, tuple(links), tuple(missing))


def _check_out_submodule(
    source: Path, commit: str, top: Path, environ: Mapping[str, str]
) -> Checkout:
    try:
        return check_out(source, commit, top, environ)
    except CheckoutError as error:
        raise CheckoutError(
            f"The submodule {source} cannot be checked out.", *error.lines
        ) from error


def _make_repository(
    source: Path, commit: str, top: Path, environ: Mapping[str, str]
) -> None:
    """Write a repository at *top* that has the objects and the refs of *source*."""
    algorithm = _ask(source, environ, "--show-object-format")
    objects, shallow, attributes = (
        source / _ask(source, environ, "--git-path", name)
        for name in ("objects", "shallow", "info/attributes")
    )
    folder = top / ".git"
    settings = GitProcess(source, environ, "config", "-z", "--get-regexp", _SETTINGS)
    found = settings.read() if settings.wait() else ""  # it fails if there are none
    for name in ("refs", "info", "objects/info"):
        (folder / name).mkdir(parents=True)
    files = {
        "HEAD": f"{commit}\n",
        "objects/info/alternates": f"{_quote(str(objects))}\n",
        "packed-refs": GitProcess(source, environ, *_REFS).read(),
        "config": _format_config(algorithm, found),
    }
    for name, text in files.items():
        (folder / name).write_bytes(os.fsencode(text))
    for file, name in ((shallow, "shallow"), (attributes, "info/attributes")):
        if file.is_file():
            shutil.copyfile(file, folder / name)


def _ask(source: Path, environ: Mapping[str, str], *words: str) -> str:
    """Ask `git rev-parse` for one answer, which may have line breaks if it is a path."""
    return GitProcess(source, environ, "rev-parse", *words).read().removesuffix("\n")


def _format_config(algorithm: str, settings: str) -> str:
    """Format the new repository's configuration, with *settings* of the old one."""
    lines = ["[core]", "hooksPath = /dev/null"]  # a user's hooks are for their trees
    if algorithm == "sha1":
        lines.append("repositoryFormatVersion = 0")
    else:
        lines.append("repositoryFormatVersion = 1")
        lines += ["[extensions]", f"objectFormat = {algorithm}"]
    for entry in filter(None, settings.split("\0")):
        name, has_value, value = entry.partition("\n")
        section, _, key = name.rpartition(".")
        section, _, inner = section.partition(".")
        lines.append(f"[{section} {_quote(inner)}]" if inner else f"[{section}]")
        lines.append(f"{key} = {_quote(value)}" if has_value else key)
    return "\n".join((*lines, ""))


def _quote(value: str) -> str:
    for character, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        value = value.replace(character, escaped)
    return f'"{value}"'


def _list_entries(
    top: Path, environ: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield the mode, the hash and the path of everything that git tracks in *top*."""
    listed = GitProcess(top, environ, "ls-files", "-z", "--stage").read()
    for entry in filter(None, listed.split("\0")):
        about, _, path = entry.partition("\t")
        mode, content, _ = about.split(" ")
        yield mode, content, path


def _leads_out(link: Path, top: Path) -> bool:
    """Whether *link* leads to a file or folder that is not in *top*."""
    target = Path(os.path.realpath(link))
    inside = target.is_relative_to(os.path.realpath(top))
    return not inside and (target.is_file() or target.is_dir())
