"""One resolver for the plugin and the command line: from a tree to its stamp.

First match wins: the sdist's own stamp, git, none.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args

from build_hooks import git, python_source, tags
from build_hooks.config import Config
from build_hooks.errors import EnvironmentVariableError, VersionMismatchError
from build_hooks.stamp import BUILD_INFO, COMMIT_DIGITS, VERSION, Resolution, Stamp
from build_hooks.tags import Channel, ReleaseTag

_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that has four digits


def resolve(root: Path, config: Config, environ: Mapping[str, str]) -> Resolution:
    """Find the stamp of the project at *root*.

    Raises:
        StampError: If the facts contradict each other or cannot be read.
    """
    package = root / config.package
    version_py = package / VERSION
    literals = python_source.read_literals(version_py.read_bytes(), version_py)
    version = _version(literals.get("__version__"))
    if is_sdist(root):
        return Resolution(_from_sdist(package, version, literals.get("__channel__")))
    try:
        facts = git.read(root, config.package, environ)
    except git.NoGitFactsError as reason:
        warning = (
            f"Nothing says which commit this is ({reason}): no {BUILD_INFO} is "
            'shipped, and the channel is "dev".'
        )
        stamp = Stamp(version, "dev", None, None, None, dirty=False, source="none")
        return Resolution(stamp, (warning,))
    return _from_git(facts, version, version_py.relative_to(root), environ)


def is_sdist(root: Path) -> bool:
    """Whether *root* is an unpacked sdist: it has PKG-INFO and no repository."""
    return (root / "PKG-INFO").is_file() and not (root / ".git").exists()


def _from_sdist(package: Path, version: str | None, channel: object) -> Stamp:
    build_info = package / BUILD_INFO
    literals: dict[str, object] = {}
    if build_info.is_file():
        literals = python_source.read_literals(build_info.read_bytes(), build_info)
    return Stamp(
        version,
        cast("Channel", channel) if channel in get_args(Channel) else "dev",
        _text(literals.get("SOURCE_COMMIT")),
        _text(literals.get("BUILD_DATE")),
        tag=None,
        dirty=False,
        source="sdist",
    )


def _from_git(
    facts: git.GitFacts,
    version: str | None,
    version_py: Path,
    environ: Mapping[str, str],
) -> Resolution:
    dirty = bool(facts.changed)
    tag = tags.highest(facts.tags)
    warnings = []
    if tag and dirty:
        warnings.append(
            f'Tag {tag.name} is here, but the tree is changed: the channel is "dev". '
            f"Commit or remove: {_some(facts.changed)}."
        )
        tag = None
    if tag:
        _check_version(tag, version, version_py)
    stamp = Stamp(
        version or (tag.release if tag else None),
        tag.channel if tag else "dev",
        facts.commit[:COMMIT_DIGITS],
        _build_date(facts.committed, environ),
        tag.name if tag else None,
        dirty,
        source="git",
    )
    return Resolution(stamp, tuple(warnings))


def _check_version(tag: ReleaseTag, version: str | None, version_py: Path) -> None:
    """Refuse a tag on a tree of another version (decision B4)."""
    if version is not None and not tags.names_version(tag, version):
        raise VersionMismatchError(
            f"Tag {tag.name} stands for version {tag.release}, but {version_py} says "
            f"{version}. Set __version__ there and tag that commit instead, or "
            f"remove the tag."
        )


def _build_date(committed: int, environ: Mapping[str, str]) -> str:
    """SOURCE_DATE_EPOCH if it is set, else the commit's time (decision B2)."""
    value = environ.get("SOURCE_DATE_EPOCH", "").strip()
    seconds = committed
    if value:
        if not (value.isascii() and value.isdigit() and int(value) <= _LAST_SECOND):
            raise EnvironmentVariableError(
                f"SOURCE_DATE_EPOCH must be whole seconds since 1970, not {value!r}. "
                "Unset it, or set it as in: git log -1 --format=%ct"
            )
        seconds = int(value)
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _version(literal: object) -> str | None:
    if isinstance(literal, tuple | list) and literal:
        return ".".join(map(str, literal))
    return _text(literal)


def _text(literal: object) -> str | None:
    return literal if isinstance(literal, str) else None


def _some(paths: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
