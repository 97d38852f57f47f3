"""Parses the output of git's commands, and selects what makes a tree dirty. Pure.

Every path is relative to the top of its work tree; "." is the top itself.
"""

from collections.abc import Iterator, Sequence

from build_hooks.values import Value

# Changes in submodules do not count, unless they are in the package.
STATUS = (
    *("status", "--porcelain=v2", "-z", "--no-renames"),
    *("--untracked-files=no", "--ignore-submodules=dirty"),
)
STAGES = ("ls-files", "-z", "--full-name", "--stage")
# Files that only the user's own settings ignore are shipped, and so are those that a new
# .gitignore ignores, itself among them.
LISTING = (
    *(*STAGES, "-v", "--others", "--exclude-per-directory=.gitignore"),
    *("--exclude=!.gitignore", "--exclude=!.gitattributes"),
)

# Marks the untracked files among the changes.
UNTRACKED = " (untracked)"

_TAGS = "tag: refs/tags/"
MODIFIED = ".M"
_DELETED = ("D.", ".D")
# The number of fields before the path, by kind of status entry.
_FIELDS = {"1": 7, "u": 9}
_FILE, _LINK = "100", "120000"  # a file is "100644" or "100755", a submodule "160000"
# Hatchling never ships these (hatchling/builders/constants.py).
_EXCLUDED_FOLDERS = frozenset(
    (
        *("__pycache__", ".git", ".hatch", ".hg", ".mypy_cache", ".nox", ".pixi"),
        *(".pytest_cache", ".ruff_cache", ".tox", ".venv"),
    )
)
_EXCLUDED_FILES = (".DS_Store", ".git")
_EXCLUDED_SUFFIXES = (".pyc", ".pyd", ".pyo")


class Listing(Value):
    """The files in some folders of a work tree.

    Attributes:
        tracked: Whether git tracks any file there.
        links: The symbolic links that git tracks.
        submodules: The folders of submodules.
        untracked: The files that git neither tracks nor ignores.
        converts: Whether git may call a changed file unchanged, because of a
            `.gitattributes` or a mark: assume-unchanged or skip-worktree.
    """

    tracked: bool
    links: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    converts: bool = False

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the status of these files does not cover all that is shipped."""
        return bool(self.links or self.submodules)


def parse_decoration(decoration: str) -> tuple[str, ...]:
    """Parse the tag names of git's full `%D`: "tag: refs/tags/v1, tag: refs/tags/v2".

    `%D` separates tags by a comma and a space, and a tag has no spaces.
    """
    return tuple(
        ref.removeprefix(_TAGS)
        for ref in decoration.split(", ")
        if ref.startswith(_TAGS)
    )


def parse_status(status: str) -> list[tuple[str, str]]:
    """Parse `status --porcelain=v2 -z --no-renames`: the code and path of each change."""
    changes = []
    for entry in status.split("\0"):
        # "1 XY sub mH mI mW hH hI path"; unmerged ("u") has two fields more.
        # "# ..." is a header, which status.showStash adds.
        kind, _, rest = entry.partition(" ")
        if kind in _FIELDS:
            changes.append((rest[:2], rest.split(" ", _FIELDS[kind])[-1]))
    return changes


def parse_stages(stages: str) -> list[tuple[str, str]]:
    """Parse `ls-files -z --stage`: the path of each regular file, and its content's hash."""
    files = []
    for entry in stages.split("\0"):
        about, _, path = entry.partition("\t")
        if about.startswith(_FILE):
            files.append((path, about.split(" ")[1]))
    return files


def parse_listing(listing: str) -> Listing:
    """Parse `ls-files -z -v --stage --others`."""
    links: list[str] = []
    submodules: list[str] = []
    untracked: list[str] = []
    converts = "/.gitattributes\0" in listing
    tracked = False
    for entry in listing.split("\0"):
        # "H 100644 hash 0\tpath"; "? path" is untracked. The tag "H" is lower case
        # with assume-unchanged, and "S" with skip-worktree.
        tag, _, rest = entry.partition(" ")
        if tag == "?":
            untracked.append(rest)
        elif tag:
            tracked = True
            if not rest.startswith(_FILE):
                about, _, path = rest.partition("\t")
                (links if about.startswith(_LINK) else submodules).append(path)
            elif tag != "H" and (tag.islower() or tag == "S"):
                converts = True
    return Listing(tracked, tuple(links), tuple(submodules), tuple(untracked), converts)


def select_changes(
    status: Sequence[tuple[str, str]],
    untracked: Sequence[str],
    shipped: Sequence[str],
    root: str,
) -> Iterator[str]:
    """Select the changes that make a tree dirty (decision B3).

    Outside what is shipped, deleted files (`.dockerignore` makes those) and untracked
    files do not count.

    Args:
        status: The changes, as parsed.
        untracked: The untracked files.
        shipped: The folders and files whose content is shipped for certain.
        root: The project's root.
    """
    for code, path in status:
        folder = _find_folder(path, shipped)
        if folder is None and code in _DELETED:
            continue
        if not _is_never_shipped(path, root if folder is None else folder):
            yield path
    for path in untracked:
        folder = _find_folder(path, shipped)
        if folder is not None and not _is_never_shipped(path, folder):
            yield f"{path}{UNTRACKED}"


def is_inside(path: str, folder: str) -> bool:
    """Whether *path* is *folder* or lies in it."""
    return folder in (".", path) or path.startswith(f"{folder}/")


def _find_folder(path: str, folders: Sequence[str]) -> str | None:
    return next((folder for folder in folders if is_inside(path, folder)), None)


def _is_never_shipped(path: str, folder: str) -> bool:
    """Whether hatchling leaves out *path*, wherever it lies in *folder*."""
    inner = path if folder == "." else path.removeprefix(folder)
    *parents, name = inner.strip("/").split("/")
    return (
        name in _EXCLUDED_FILES
        or name.endswith(_EXCLUDED_SUFFIXES)
        or not _EXCLUDED_FOLDERS.isdisjoint(parents)
    )
