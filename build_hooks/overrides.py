"""Reads the facts that a project's environment variables state (decision B8). Pure."""

import re
from collections.abc import Mapping
from typing import cast, get_args

from build_hooks import dates, tags, urls
from build_hooks.errors import EnvironmentVariableError
from build_hooks.stamp import COMMIT_DIGITS, Facts
from build_hooks.tags import Channel

_COMMIT = rf"[0-9a-fA-F]{{{COMMIT_DIGITS},64}}"
# What each variable sets. Its name follows the project's prefix.
VARIABLES = {
    "SOURCE_COMMIT": "the commit, at least nine digits of its SHA",
    "BUILD_DATE": "the date, in ISO 8601 with a time zone",
    "TAG": "the release tag",
    "CHANNEL": "the channel, whatever the tag is: for builds of an untagged branch `beta`",
    "REPORT_URL": "the URL reports go to",
}
STRICT = {"STRICT": "strict mode, with `1` or `true`"}
_STATED_COMMIT = "_SOURCE_COMMIT"
_YES, _NO = ("1", "true", "yes"), ("", "0", "false", "no")


def read_facts(environ: Mapping[str, str], prefix: str, pattern: str) -> Facts:
    """Return the facts that the `<prefix>_…` variables state. Empty ones state nothing.

    Args:
        environ: The environment.
        prefix: The project's prefix, without the underscore.
        pattern: A regular expression for release tags.

    Raises:
        EnvironmentVariableError: Naming every malformed variable.
    """
    problems = []
    names = {fact: f"{prefix}_{fact}" for fact in VARIABLES}
    values = {fact: environ.get(name, "").strip() for fact, name in names.items()}

    commit, build_date = values["SOURCE_COMMIT"], dates.normalize(values["BUILD_DATE"])
    tag, channel = tags.parse(values["TAG"], pattern), values["CHANNEL"]
    if commit and not re.fullmatch(_COMMIT, commit):
        problems.append(
            f"{names['SOURCE_COMMIT']} must be a commit's SHA with at least "
            f"{COMMIT_DIGITS} hexadecimal digits, not {commit!r}. Get it with: git "
            "rev-parse HEAD"
        )
    if values["BUILD_DATE"] and build_date is None:
        problems.append(
            f"{names['BUILD_DATE']} must be a date in 1970-2099 with a time zone, such as "
            f"2026-05-18T12:00:00Z, not {values['BUILD_DATE']!r}. Get it with: git log -1 "
            "--format=%cI"
        )
    if values["TAG"] and tag is None:
        problems.append(
            f"{names['TAG']} must be a release tag, such as v2.15.0 or v2.15.0-beta.rc1, "
            f"not {values['TAG']!r}. If this is not a release, unset it."
        )
    if channel and channel not in get_args(Channel):
        problems.append(
            f"{names['CHANNEL']} must be one of {', '.join(get_args(Channel))}, not "
            f"{channel!r}."
        )
    url = values["REPORT_URL"]
    if url and (problem := urls.check_url(url)):
        problems.append(f"{names['REPORT_URL']} {problem}")
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


def read_source_date_epoch(environ: Mapping[str, str]) -> str | None:
    """Return the date that SOURCE_DATE_EPOCH states (reproducible-builds.org), or None.

    Raises:
        EnvironmentVariableError: If it is malformed.
    """
    value = environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not value:
        return None
    digits = value if value.isascii() and value.isdigit() else ""
    date = dates.format_seconds(int(digits[:20])) if digits else None
    if date is None:
        raise EnvironmentVariableError(
            "SOURCE_DATE_EPOCH must be a whole number of seconds since 1970, before 2100, "
            f"not {value!r}. Unset it, or set it to what this prints: git log -1 "
            "--format=%ct"
        )
    return date


def is_strict(environ: Mapping[str, str], prefix: str) -> bool:
    """Whether `<prefix>_STRICT` turns strict mode on.

    Raises:
        EnvironmentVariableError: If it is neither yes nor no.
    """
    value = environ.get(f"{prefix}_STRICT", "").strip().lower()
    if value not in (*_YES, *_NO):
        raise EnvironmentVariableError(
            f"{prefix}_STRICT must be 1 or 0, not {value!r}."
        )
    return value in _YES


def find_other_prefixes(environ: Mapping[str, str], prefix: str) -> list[str]:
    """Return the prefixes, other than *prefix*, for which a commit is stated."""
    found = (
        name.removesuffix(_STATED_COMMIT)
        for name, value in environ.items()
        if name.endswith(_STATED_COMMIT) and value.strip()
    )
    return sorted({it for it in found if it and it != prefix})
