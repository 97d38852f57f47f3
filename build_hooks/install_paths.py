"""Says where the members of an archive are put, and which of them collide. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from build_hooks.members import Member
from build_hooks.stamp import BUILD_INFO, VERSION

# Folders in which Windows sees something else: a drive, a stream of a file.
_WINDOWS = re.compile(r"^[A-Za-z]:|:\$")
_SITE_PACKAGES = re.compile(
    r"^(?:.*/)?(?:site|dist)-packages/|^lib(?:64)?/python/", re.IGNORECASE
)
_MOST_LINKS = 40  # as in Linux

_STEMS = "|".join(name.removesuffix(".py") for name in (VERSION, BUILD_INFO))
# Python imports these in place of a module: an extension, a package, bytecode.
_SHADOW = re.compile(
    rf"(?:{_STEMS})(?:\.[^/]*)?\.(?:so|pyd|dll|pyc|pyw)|(?:{_STEMS})/__init__\.(?!pyi$)[^/]*"
)
_BYTECODE = re.compile(rf"__pycache__/(?:{_STEMS})\.[^/]*")


def fold(path: str) -> str:
    """Return the same text for all spellings of *path* that some system takes for one.

    Windows and macOS ignore case, macOS the form of Unicode, Windows dots and spaces at
    the end of a name. A backslash separates folders on Windows.
    """
    text = path.replace("\\", "/")
    if not text.isascii():
        text = unicodedata.normalize(
            "NFKC", unicodedata.normalize("NFKC", text).casefold()
        )
        text = "".join(it for it in text if unicodedata.category(it) != "Cf")
    return "/".join(part.rstrip(" .") or part for part in text.casefold().split("/"))


def locate(
    members: Sequence[Member], data: str | None = None
) -> tuple[dict[str, list[str]], list[str]]:
    """Say where an installer puts each member.

    Args:
        members: The members.
        data: In a wheel, the folder whose subfolders an installer moves,
            "shelf-1.4.0.data"; "" if it is unknown.

    Returns:
        The paths of each name, and the problems.
    """
    paths: dict[str, list[str]] = {}
    problems = []
    for member in members:
        folders = member.name.replace("\\", "/").split("/")
        if not member.name or "\0" in member.name:
            problems.append(f"{member.name!r} is not a name")
        elif not folders[0] or ".." in folders or _WINDOWS.search(member.name):
            problems.append(f"{member.name} leads out of the archive's folder")
        else:
            path = PurePosixPath(member.name).as_posix()
            top = path.partition("/")[0]
            if data is None or not top.casefold().endswith(".data"):
                paths[member.name] = [path]
            elif top == data:
                paths[member.name] = list(_list_places(path))
            else:
                problems.append(f"{member.name} is in a .data folder of another name")
    return paths, problems


def _list_places(path: str) -> Iterator[str]:
    """Yield the paths below site-packages that a file of a .data folder may get."""
    _, scheme, *rest = path.split("/", 2)
    if rest and scheme in ("purelib", "platlib"):
        yield rest[0]
    elif rest and scheme == "data":
        # `--target` installs it beside the packages, other ways into an environment.
        yield rest[0]
        yield _SITE_PACKAGES.sub("", rest[0])


def find_collisions(
    members: Sequence[Member], paths: Mapping[str, list[str]]
) -> Iterator[str]:
    """Say which members would be put at one path, or one below another that is a file."""
    owners: dict[str, Member] = {}
    for member in members:
        for place in dict.fromkeys(map(fold, paths.get(member.name, ()))):
            first = owners.setdefault(place, member)
            if first is member or first.kind == member.kind == "folder":
                continue
            if first.name == member.name:
                yield f"it contains {member.name} twice"
            else:
                yield f"{first.name} and {member.name} are put at one path"
    for place, member in owners.items():
        for parent in PurePosixPath(place).parents:
            above = owners.get(str(parent))
            if above and above.kind != "folder":
                yield f"{member.name} is below {above.name}, which is a {above.kind}"
                break


def find_escaping_links(members: Sequence[Member]) -> Iterator[str]:
    """Name the links that lead out of the archive's folder, and the special files.

    `tarfile`'s data filter, which pip uses, refuses them too.
    """
    links = {
        PurePosixPath(it.name).as_posix(): it.target
        for it in members
        if it.kind == "link" and not it.is_hard
    }
    for member in members:
        if member.kind == "special":
            yield f"{member.name} is neither a file, a folder nor a link"
        elif member.kind == "link":
            start = "" if member.is_hard else member.name.rpartition("/")[0]
            if not _stays_inside(start, member.target, links):
                yield f"{member.name} is a link to {member.target}, out of the archive"


def _stays_inside(start: str, target: str, links: Mapping[str, str]) -> bool:
    """Whether *target*, seen from the folder *start*, is inside, whatever is a link."""
    at: list[str] = [it for it in start.split("/") if it not in ("", ".")]
    pending = target.split("/")[::-1]
    followed = 0
    if (
        not target
        or target.startswith("/")
        or "\0" in target
        or _WINDOWS.search(target)
    ):
        return False
    while pending:
        part = pending.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not at:
                return False
            at.pop()
            continue
        at.append(part)
        if (link := links.get("/".join(at))) is not None:
            followed += 1
            if followed > _MOST_LINKS or link.startswith("/"):
                return False
            at.pop()
            pending += link.split("/")[::-1]
    return True


def find_shadows(
    package: str,
    members: Mapping[str, Member],
    *,
    bytecode: bool,
) -> Iterator[str]:
    """Name what stands in place of a stamped file of *package*, or could be taken for it.

    Args:
        package: The path of the package, "paperless".
        members: The members, by the paths where they are put.
        bytecode: Whether bytecode in `__pycache__` counts. Python writes it into folders,
            and checks it against the source, unless it says that this is not necessary.
    """
    prefix = f"{package}/" if package != "." else ""
    stamped = [prefix + name for name in (VERSION, BUILD_INFO)]
    folded_prefix = fold(prefix)
    folded_stamped = set(map(fold, stamped))
    above = [str(it) for it in PurePosixPath(package).parents] + [package]
    for path, member in members.items():
        folded = fold(path)
        inside = folded.removeprefix(folded_prefix)
        if member.kind in ("link", "special") and path in (*stamped, *above):
            yield f"{member.name} is a {member.kind}, not a part of the archive"
        elif folded in folded_stamped and path not in stamped:
            yield f"{member.name} could be taken for {inside}"
        elif folded.startswith(folded_prefix) and (
            _SHADOW.fullmatch(inside)
            or (bytecode and _BYTECODE.fullmatch(inside))
            or (inside in _STEMS.split("|") and member.kind != "folder")
        ):
            yield (
                f"{member.name} could be imported in place of the module of that name: "
                "leave it out"
            )
    for folder in (it for it in above if it != "."):
        if not any(path.startswith(f"{folder}/__init__.") for path in members):
            yield from (
                f"{path} could be imported in place of the folder {folder}"
                for path in members
                if re.fullmatch(
                    re.escape(folder) + r"(\.[^/]*)?\.(py|so|pyd|dll|pyc)", path
                )
            )
