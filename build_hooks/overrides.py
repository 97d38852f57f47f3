"""Reads the facts that a project's environment variables state (decision B8). Pure."""

from collections.abc import Mapping

from build_hooks import dates
from build_hooks.errors import EnvironmentVariableError
from build_hooks.stamp import Facts
from build_hooks.stated_facts import parse_facts

# What each variable sets. Its name follows the project's prefix.
VARIABLES = {
    "SOURCE_COMMIT": "the commit, at least nine digits of its SHA",
    "BUILD_DATE": "the date, in ISO 8601 with a time zone",
    "TAG": "the release tag",
    "CHANNEL": "the channel, whatever the tag is: for builds of an untagged branch `beta`",
    "REPORT_URL": "the URL reports go to",
    "REPORTING": "`0` turns all reporting of the package off for good",
}
# How to fix a malformed one.
_HINTS = {
    "SOURCE_COMMIT": "Get it with: git rev-parse HEAD",
    "BUILD_DATE": "Get it with: git log -1 --format=%cI",
    "TAG": "If this is not a release, unset it.",
    "REPORTING": "To turn reporting off, set it to 0. If not, unset it.",
}
STRICT = {
    "STRICT": "strict mode: `1`, `true`, `yes` or `on`; and `0`, `false`, `no` or `off`"
}
_STATED_COMMIT = "_SOURCE_COMMIT"
_SWITCHES = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def read_facts(environ: Mapping[str, str], prefix: str, pattern: str) -> Facts:
    """Return the facts that the `<prefix>_…` variables state. Empty ones state nothing.

    Args:
        environ: The environment.
        prefix: The project's prefix, without the underscore.
        pattern: A regular expression for release tags.

    Raises:
        EnvironmentVariableError: Naming every malformed variable.
    """
    values = {fact: environ.get(f"{prefix}_{fact}", "").strip() for fact in VARIABLES}
    facts, problems = parse_facts("environment", values, pattern)
    reporting = values["REPORTING"]
    if reporting and _parse_switch(reporting) is None:
        problems["REPORTING"] = f"must be 0 or 1, not {reporting!r}."
    if problems:
        raise EnvironmentVariableError(
            *(
                f"{prefix}_{fact} {problem} {_HINTS.get(fact, '')}".rstrip()
                for fact, problem in problems.items()
            )
        )
    return facts._replace(reporting=_parse_switch(reporting))


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
    value = environ.get(f"{prefix}_STRICT", "").strip()
    strict = _parse_switch(value or "0")
    if strict is None:
        raise EnvironmentVariableError(
            f"{prefix}_STRICT must be 1 or 0, not {value!r}."
        )
    return strict


def find_other_prefixes(environ: Mapping[str, str], prefix: str) -> list[str]:
    """Return the prefixes, other than *prefix*, for which a commit is stated."""
    found = (
        name.removesuffix(_STATED_COMMIT)
        for name, value in environ.items()
        if name.endswith(_STATED_COMMIT) and value.strip()
    )
    return sorted({it for it in found if it and it != prefix})


def _parse_switch(value: str) -> bool | None:
    """Return what *value* switches on or off; None if it is neither yes nor no."""
    return _SWITCHES.get(value.lower())
