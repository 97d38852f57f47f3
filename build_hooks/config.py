"""Declares the keys of the hook's table: their types, checks and defaults. Pure."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from build_hooks import tags, urls
from build_hooks.text import as_clause
from build_hooks.values import Value

PLUGIN_NAME = "build-info"
HOOKS = "tool.hatch.build.hooks"

# Hatchling reads these keys itself from the table of any hook.
HATCHLING_KEYS = (
    "dependencies",
    "enable-by-default",
    "path",
    "require-runtime-dependencies",
    "require-runtime-features",
)


class Config(Value):
    """The hook's table. Each attribute is the key of the same name.

    Attributes:
        package: The folder that gets `build_info.py`, relative to the project's root.
        env_prefix: The prefix of the project's variables, without the underscore.
        report_url: The URL reports go to, for `build_info.py`.
        reporting: Whether the package may report; `false` turns all reporting off for good.
        tag_pattern: A regular expression for release tags, with a group `version`.
        strict: Fail instead of making a dev build: no facts, no tag, a changed tree.
        beta_tag: The form of the tag that `cut` makes for a candidate.
        stable_tag: The form of the tag that `cut` makes for a final release.
        beta_branch: The branch that `cut` requires for a candidate.
        stable_branch: The branch that `cut` requires for a final release.
    """

    package: PurePosixPath
    env_prefix: str
    report_url: str | None = None
    reporting: bool = True
    tag_pattern: str = tags.DEFAULT_PATTERN
    strict: bool = False
    beta_tag: str = "v{version}rc{n}"
    stable_tag: str = "v{version}"
    beta_branch: str = "main"
    stable_branch: str = "main"


def make_config(
    table: Mapping[str, Any], project: str, package: PurePosixPath
) -> Config:
    """Make the configuration of *project* from a *table* without problems.

    Args:
        table: The parsed table.
        project: The project's name.
        package: The folder of the package, which the table may leave out.
    """
    values = {key.replace("-", "_"): table[key] for key in KEYS if key in table}
    return Config(**{"env_prefix": make_prefix(project), **values, "package": package})


def make_prefix(project: str) -> str:
    """Return the prefix of a project's variables: "PAPERLESS_NGX" for "paperless-ngx".

    The name of a variable cannot begin with a digit: "_2TO4" for "2to4".
    """
    prefix = re.sub(r"[^A-Z0-9]+", "_", project.upper()).strip("_")
    return f"_{prefix}" if prefix[:1].isdigit() else prefix


def find_problems(table: Mapping[str, Any], place: str) -> list[str]:
    """Return every error in the hook's *table* that can be seen without the tree.

    Args:
        table: The parsed table.
        place: Its TOML path, which each error begins with.
    """
    problems = [
        f"{place}.{key} is not a key of this hook. {_suggest(key)}"
        for key in table
        if key not in (*KEYS, *HATCHLING_KEYS)
    ]
    for key, (kind, check) in KEYS.items():
        if key not in table:
            continue
        value = table[key]
        if type(value) is not kind:
            problems.append(f"{place}.{key} must be {_TOML[kind]}, not {value!r}.")
        elif problem := check(value):
            problems.append(f"{place}.{key} {problem}")
    return problems


def _suggest(key: str) -> str:
    import difflib  # noqa: PLC0415  # only a build with a wrong key needs it

    close = difflib.get_close_matches(key, KEYS, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Valid keys: {', '.join(KEYS)}."


def _check_package(value: str) -> str | None:
    if value and not PurePosixPath(value).is_absolute():
        return None
    return f"must be a folder relative to the project's root, not {value!r}."


def _check_pattern(value: str) -> str | None:
    try:
        groups = re.compile(value).groupindex
    except (re.error, RecursionError, OverflowError, MemoryError) as error:
        return f"is not a valid regular expression: {as_clause(error)}."
    if "version" not in groups:
        return f"must have a group named version, as in {tags.DEFAULT_PATTERN!r}."
    return None


def check_prefix(value: str) -> str | None:
    """Return the problem with *value* as a prefix of variables; None if it is valid."""
    if re.fullmatch(r"[A-Z]|[A-Z_][A-Z0-9_]*[A-Z0-9]", value):
        return None
    return (
        'must consist of capital letters, digits and underscores, such as "PAPERLESS", '
        f"not {value!r}."
    )


def _make_form_check(*parts: str) -> Callable[[str], str | None]:
    """Make the check of a tag's form, which contains each of *parts* in braces."""
    fields = [f"{{{part}}}" for part in parts]

    def check(value: str) -> str | None:
        if sorted(re.findall(r"\{.*?\}", value)) == sorted(fields):
            return None
        return (
            f"must contain {' and '.join(fields)} once and nothing else in braces, not "
            f"{value!r}."
        )

    return check


def _check_branch(value: str) -> str | None:
    if value.strip() == value != "":
        return None
    return f"must be the name of a branch, not {value!r}."


def _accept(_: bool) -> str | None:  # noqa: FBT001  # a check, as in KEYS
    return None


_TOML = {str: "a string", bool: "true or false, without quotes"}
# Every key: its type, and a function that returns the problem with a value, or None.
KEYS: Mapping[str, tuple[type, Callable[[Any], str | None]]] = {
    "package": (str, _check_package),
    "report-url": (str, urls.check_url),
    "reporting": (bool, _accept),
    "tag-pattern": (str, _check_pattern),
    "env-prefix": (str, check_prefix),
    "strict": (bool, _accept),
    "beta-tag": (str, _make_form_check("version", "n")),
    "stable-tag": (str, _make_form_check("version")),
    "beta-branch": (str, _check_branch),
    "stable-branch": (str, _check_branch),
}
