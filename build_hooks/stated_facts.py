"""Parses the facts that a source states as text: variables, or a stamp. Pure."""

import re
from collections.abc import Mapping
from typing import cast, get_args

from build_hooks import dates, tags, urls
from build_hooks.stamp import COMMIT_DIGITS, Facts, Source
from build_hooks.tags import Channel

_COMMIT = rf"[0-9a-fA-F]{{{COMMIT_DIGITS},64}}"


def parse_facts(
    source: Source, values: Mapping[str, str], pattern: str = tags.DEFAULT_PATTERN
) -> tuple[Facts, dict[str, str]]:
    """Parse the facts that *source* states. An empty value states nothing.

    Args:
        source: The source.
        values: The text of each fact, by the name that it has in a stamp.
        pattern: A regular expression for release tags.

    Returns:
        The facts, and the problems: what each malformed value must be, by its name.
    """
    commit, date, tag_name, channel, url = (
        values.get(name, "")
        for name in ("SOURCE_COMMIT", "BUILD_DATE", "TAG", "CHANNEL", "REPORT_URL")
    )
    build_date, tag = dates.normalize(date), tags.parse(tag_name, pattern)
    problems = {}
    if commit and not re.fullmatch(_COMMIT, commit):
        problems["SOURCE_COMMIT"] = (
            f"must be a commit's SHA with at least {COMMIT_DIGITS} hexadecimal digits, "
            f"not {commit!r}."
        )
    if date and build_date is None:
        problems["BUILD_DATE"] = (
            "must be a date in 1970-2099 with a time zone, such as "
            f"2026-05-18T12:00:00Z, not {date!r}."
        )
    if tag_name and tag is None:
        problems["TAG"] = (
            "must be a release tag, such as v2.15.0 or v2.15.0-beta.rc1, not "
            f"{tag_name!r}."
        )
    if channel and channel not in get_args(Channel):
        problems["CHANNEL"] = (
            f"must be one of {', '.join(get_args(Channel))}, not {channel!r}."
        )
    if url and (problem := urls.check_url(url)):
        problems["REPORT_URL"] = problem
    return Facts(
        source,
        commit.lower() or None,
        build_date,
        tag,
        cast("Channel", channel) if channel else None,
        url or None,
    ), problems
