"""What the environment states, scoped to one distribution (decision B8)."""

import re
from collections.abc import Mapping
from typing import cast, get_args

from build_hooks import dates, tags, urls
from build_hooks.errors import EnvironmentVariableError
from build_hooks.stamp import COMMIT_DIGITS, Facts
from build_hooks.tags import Channel

_COMMIT = rf"[0-9a-fA-F]{{{COMMIT_DIGITS},64}}"
# What a variable states, behind its project's prefix.
FACTS = {
    "SOURCE_COMMIT": "the commit, nine digits at least",
    "BUILD_DATE": "the date, ISO 8601 with its zone",
    "TAG": "the release tag",
    "CHANNEL": "the channel, whatever the tag: a build of an untagged branch `beta`",
    "REPORT_URL": "where reports go",
}
STRICT = {"STRICT": "strict mode, with `1` or `true`"}
_YES, _NO = ("1", "true", "yes"), ("", "0", "false", "no")


def prefix_for(project: str) -> str:
    """The prefix of a project's variables: "PAPERLESS_NGX" for "paperless-ngx"."""
    return re.sub(r"[^A-Z0-9]+", "_", project.upper()).strip("_")


def read(environ: Mapping[str, str], prefix: str, pattern: str) -> Facts:
    """The facts that `<prefix>_…` variables state. An empty one states nothing.

    Args:
        environ: The environment.
        prefix: The distribution's, without the underscore.
        pattern: What a release tag looks like.

    Raises:
        EnvironmentVariableError: Naming every malformed one.
    """
    problems = []
    names = {fact: f"{prefix}_{fact}" for fact in FACTS}
    said = {fact: environ.get(name, "").strip() for fact, name in names.items()}

    commit, build_date = said["SOURCE_COMMIT"], dates.from_iso(said["BUILD_DATE"])
    tag, channel = tags.parse(said["TAG"], pattern), said["CHANNEL"]
    if commit and not re.fullmatch(_COMMIT, commit):
        problems.append(
            f"{names['SOURCE_COMMIT']} must be a commit's SHA, {COMMIT_DIGITS} hexadecimal "
            f"digits at least, not {commit!r}. Take it from: git rev-parse HEAD"
        )
    if said["BUILD_DATE"] and build_date is None:
        problems.append(
            f"{names['BUILD_DATE']} must be a date of 1970-2099 with its zone, as "
            f"2026-05-18T12:00:00Z, not {said['BUILD_DATE']!r}. Take it from: git log "
            "-1 --format=%cI"
        )
    if said["TAG"] and tag is None:
        problems.append(
            f"{names['TAG']} must be the tag of a release, as v2.15.0 or "
            f"v2.15.0-beta.rc1, not {said['TAG']!r}. For a build of no release, unset it."
        )
    if channel and channel not in get_args(Channel):
        problems.append(
            f"{names['CHANNEL']} must be one of {', '.join(get_args(Channel))}, not {channel!r}."
        )
    url = said["REPORT_URL"]
    if url and (wrong := urls.problem(url)):
        problems.append(f"{names['REPORT_URL']} {wrong}")
    if problems:
        raise EnvironmentVariableError("\n".join(problems))
    return Facts(
        "environment",
        commit.lower() or None,
        build_date,
        tag,
        cast("Channel", channel) if channel else None,
        url or None,
    )


def source_date_epoch(environ: Mapping[str, str]) -> str | None:
    """The date that SOURCE_DATE_EPOCH states (reproducible-builds.org), or None.

    Raises:
        EnvironmentVariableError: If it is malformed.
    """
    value = environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not value:
        return None
    digits = value if value.isascii() and value.isdigit() else ""
    date = dates.from_seconds(int(digits[:20])) if digits else None
    if date is None:
        raise EnvironmentVariableError(
            f"SOURCE_DATE_EPOCH must be whole seconds since 1970, before 2100, not {value!r}. "
            "Unset it, or set it as in: git log -1 --format=%ct"
        )
    return date


def is_strict(environ: Mapping[str, str], prefix: str) -> bool:
    """Whether `<prefix>_STRICT` asks for strict mode.

    Raises:
        EnvironmentVariableError: If it says neither yes nor no.
    """
    value = environ.get(f"{prefix}_STRICT", "").strip().lower()
    if value not in (*_YES, *_NO):
        raise EnvironmentVariableError(
            f"{prefix}_STRICT must be 1 or 0, not {value!r}."
        )
    return value in _YES
