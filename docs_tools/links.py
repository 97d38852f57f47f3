"""Makes links to this repository's files work where the files are not: elsewhere."""

import posixpath
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

_LINK = re.compile(r"(?P<start>(?P<picture>!?)\[[^\]]*\]\()(?P<target>[^)\s]+)\)")
_CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
# Stands for the repository's address until a page's place in the site is known.
SCHEME = "repository"
# The newest commit of the default branch.
_NEWEST = "HEAD"
# Gives the address of a path in the repository, or None to keep the link.
Locate = Callable[[str], str | None]


def find_repository(root: Path, environ: Mapping[str, str]) -> str | None:
    """Return the address of the repository, or None if nothing states it yet.

    This is `Repository` in `[project.urls]`, or the one whose workflow runs on GitHub.
    """
    if stated := find_url(root, "Repository"):
        return stated
    try:
        return f"{environ['GITHUB_SERVER_URL']}/{environ['GITHUB_REPOSITORY']}"
    except KeyError:
        return None


def find_url(root: Path, name: str) -> str | None:
    """Return the address *name* in `[project.urls]`, without a slash at its end."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    url = tomllib.loads(text)["project"].get("urls", {}).get(name)
    return str(url).rstrip("/") if url else None


def file_address(repository: str, path: str) -> str:
    """Return the address of the page that shows *path*."""
    return f"{repository}/blob/{_NEWEST}/{path}"


def picture_address(repository: str, path: str) -> str:
    """Return the address of the bytes of *path*."""
    return f"{repository}/raw/{_NEWEST}/{path}"


def make_absolute(page: str, repository: str) -> str:
    """Return the Markdown *page*, which is in the root, with absolute links to files."""
    return rewrite(
        page,
        "",
        lambda path: file_address(repository, path),
        lambda path: picture_address(repository, path),
    )


def rewrite(page: str, folder: str, link: Locate, picture: Locate) -> str:
    """Return the Markdown *page*, a file in *folder*, with other links to files.

    *link* and *picture* get the path from the repository's root. Addresses, links within
    the page, and everything in code stay as they are.
    """

    def replace(match: re.Match[str]) -> str:
        target = match["target"]
        if re.match(r"[a-z]+:|#|/", target):
            return match[0]
        file, hash_, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(folder, file))
        address = (picture if match["picture"] else link)(path)
        if address is None:
            return match[0]
        return f"{match['start']}{address}{hash_}{anchor})"

    # A link's text may contain code, so code is put aside and back.
    codes: list[str] = []

    def put_aside(code: re.Match[str]) -> str:
        codes.append(code[0])
        return f"\0{len(codes) - 1}\0"

    rewritten = _LINK.sub(replace, _CODE.sub(put_aside, page))
    return re.sub(r"\0(\d+)\0", lambda it: codes[int(it[1])], rewritten)


def heading_anchor(title: str) -> str:
    """Return the anchor of a heading: a decision's number, else what GitHub makes."""
    if decision := re.match(r"([BCPS][0-9]+): ", title):
        return decision[1].lower()
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
