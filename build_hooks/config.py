"""The hook's table in `pyproject.toml`, checked as a whole. Pure but for the tree."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from build_hooks import overrides, tags, urls
from build_hooks.errors import ConfigurationError

PLUGIN_NAME = "build-info"
HOOKS = "tool.hatch.build.hooks"

# Hatchling reads these itself from any hook's table.
HATCHLING_KEYS = (
    "dependencies",
    "enable-by-default",
    "path",
    "require-runtime-dependencies",
    "require-runtime-features",
)


class Config(NamedTuple):
    """What the hook's table says. Each attribute is the key of that name.

    Attributes:
        package: The folder that holds `version.py`, relative to the project's root.
        env_prefix: What the project's variables begin with, without underscore.
        report_url: Where reports go, for `build_info.py`.
        tag_pattern: What a release tag looks like, around its group `version`.
        strict: Fail instead of making a dev build: no facts, no tag, a changed tree.
        beta_tag: The form of a candidate's tag that `cut` makes.
        stable_tag: The form of a final's tag that `cut` makes.
        beta_branch: The branch that `cut` cuts candidates from.
        stable_branch: The branch that `cut` cuts finals from.
    """

    package: PurePosixPath
    env_prefix: str
    report_url: str | None = None
    tag_pattern: str = tags.DEFAULT_PATTERN
    strict: bool = False
    beta_tag: str = "v{version}rc{n}"
    stable_tag: str = "v{version}"
    beta_branch: str = "main"
    stable_branch: str = "main"


def load(
    table: Mapping[str, Any],
    root: Path,
    project: str,
    place: str = f"{HOOKS}.{PLUGIN_NAME}",
) -> Config:
    """Check the hook's *table* against the tree at *root*.

    Args:
        table: The parsed table.
        root: The project's root.
        project: The project's name.
        place: The table's TOML path, for what is wrong with it.

    Raises:
        ConfigurationError: With every error in the table.
    """
    errors = [
        f"{place}.{key} is not a key of this hook{_did_you_mean(key)}"
        for key in table
        if key not in (*KEYS, *HATCHLING_KEYS)
    ]
    if "package" not in table:
        errors.append(
            f"{place}.package is missing. Name the folder that holds version.py: "
            '"src/paperless".'
        )
    for key, (kind, check) in KEYS.items():
        if key not in table:
            continue
        value = table[key]
        if type(value) is not kind:
            problem = f"must be a {_TOML[kind]}, not {type(value).__name__}."
        else:
            problem = check(value, root)
        if problem:
            errors.append(f"{place}.{key} {problem}")
    if errors:
        raise ConfigurationError(*errors)
    given = {key.replace("-", "_"): table[key] for key in KEYS if key in table}
    return Config(
        **{
            "env_prefix": overrides.prefix_for(project),
            **given,
            "package": PurePosixPath(table["package"]),
        }
    )


def _did_you_mean(key: str) -> str:
    import difflib  # noqa: PLC0415  # no build needs it but a wrong one

    close = difflib.get_close_matches(key, KEYS, n=1)
    return (
        f'. Did you mean "{close[0]}"?' if close else f"; it knows {', '.join(KEYS)}."
    )


def _package_problem(value: str, root: Path) -> str | None:
    path = PurePosixPath(value)
    if not value or path.is_absolute() or ".." in path.parts or path == PurePosixPath():
        return f"must be a folder below the project's root, not {value!r}."
    if not (root / path).is_dir():
        return f"names {value!r}, which is no folder in {root}."
    if not (root / path / "version.py").is_file():
        return f"names {value!r}, which holds no version.py."
    return None


def _pattern_problem(value: str, _: Path) -> str | None:
    try:
        groups = re.compile(value).groupindex
    except re.error as error:
        return f"is no regular expression: {error}."
    if "version" not in groups:
        return f"needs a group named version, as in {tags.DEFAULT_PATTERN!r}."
    return None


def prefix_problem(value: str, _: Path | None = None) -> str | None:
    """What is wrong with *value* as the prefix of variables; None if it is one."""
    if re.fullmatch(r"[A-Z][A-Z0-9_]*[A-Z0-9]|[A-Z]", value):
        return None
    return f'must be capitals, digits and underscores, as "PAPERLESS", not {value!r}.'


def _form_problem(*parts: str) -> Any:  # noqa: ANN401  # a check, as in KEYS
    def check(value: str, _: Path) -> str | None:
        if sorted(re.findall(r"\{.*?\}", value)) == sorted(
            f"{{{part}}}" for part in parts
        ):
            return None
        wanted = " and ".join(f"{{{part}}}" for part in parts)
        return f"must hold {wanted} once and nothing else in braces, not {value!r}."

    return check


def _branch_problem(value: str, _: Path) -> str | None:
    return None if value.strip() == value != "" else f"must be a branch, not {value!r}."


def _no_problem(_value: bool, _root: Path) -> str | None:  # noqa: FBT001  # a check, as in KEYS
    return None


_TOML = {str: "string", bool: "boolean"}
# Every key: its type, and what else must hold.
KEYS: Mapping[str, tuple[type, Any]] = {
    "package": (str, _package_problem),
    "report-url": (str, lambda value, _: urls.problem(value)),
    "tag-pattern": (str, _pattern_problem),
    "env-prefix": (str, prefix_problem),
    "strict": (bool, _no_problem),
    "beta-tag": (str, _form_problem("version", "n")),
    "stable-tag": (str, _form_problem("version")),
    "beta-branch": (str, _branch_problem),
    "stable-branch": (str, _branch_problem),
}
