"""Formats a stamp for people and for programs. Pure."""

import json
import shlex
from collections.abc import Callable, Mapping
from typing import get_args

from build_hooks.errors import FactError
from build_hooks.project import Project
from build_hooks.stamp import Fact, Stamp
from build_hooks.text import escape, is_word

FACTS: tuple[Fact, ...] = get_args(Fact)


def format_text(_: Project, stamp: Stamp) -> str:
    """Format each fact with the source that decided it, for people."""
    words = {fact: _format_word(getattr(stamp, fact)) for fact in FACTS}
    if stamp.dirty is None:
        words["dirty"] = "unknown"
    width = max(map(len, words.values()))
    lines = []
    for fact, word in words.items():
        source = stamp.decided.get(fact)
        line = f"{fact.replace('_', ' '):10} : {word:{width}}"
        lines.append(f"{line}  ({source})" if source else line.rstrip())
    return "\n".join(map(escape, (*lines, f"{'source':10} : {stamp.source}")))


def format_json(_: Project, stamp: Stamp) -> str:
    """Format a JSON object, with null for unknown facts."""
    return json.dumps(
        {name: getattr(stamp, name) for name in (*FACTS, "source")}, indent=2
    )


def format_github(project: Project, stamp: Stamp) -> str:
    """Format lines for $GITHUB_OUTPUT; an unknown fact is empty."""
    values = {name: getattr(stamp, name) for name in (*FACTS, "source")}
    values["env_prefix"] = project.config.env_prefix
    return _format_lines({name: _format_value(it) for name, it in values.items()})


def format_build_args(project: Project, stamp: Stamp) -> str:
    """Format the stamp as variables that state it, one `NAME=value` line each."""
    return _format_lines(_state(project, stamp))


def format_env(project: Project, stamp: Stamp) -> str:
    """Format the same variables for a shell and for files such as Compose's `.env`.

    An unknown fact is empty, so that it replaces a value from an earlier build.
    """
    return "\n".join(
        f"{name}={shlex.quote(check_word(name, value)) if value else ''}"
        for name, value in _state(project, stamp).items()
    )


def format_docker(project: Project, stamp: Stamp) -> str:
    """Format the same variables as arguments for `docker build`."""
    lines = format_build_args(project, stamp).splitlines()
    return "\n".join(f"--build-arg {line}" for line in lines)


def format_labels(project: Project, stamp: Stamp) -> str:
    """Format OCI labels (image-spec, annotations), one `key=value` line each."""
    image = "org.opencontainers.image"
    return _format_lines(
        {
            f"{image}.title": project.name,
            # Candidates share a version; their tags differ.
            f"{image}.version": stamp.tag_version or stamp.version,
            f"{image}.revision": stamp.revision,
            f"{image}.created": stamp.build_date,
        }
    )


FORMATS: Mapping[str, Callable[[Project, Stamp], str]] = {
    "text": format_text,
    "json": format_json,
    "github": format_github,
    "docker": format_docker,
    "build-args": format_build_args,
    "env": format_env,
    "labels": format_labels,
}

# The formats for image builds. In `docker build $(build-stamp show ...)`, the shell drops
# the exit status of a failed `show`, so its output must make the image build fail.
FOR_BUILDS = ("docker", "build-args", "env")
# No image builder has this option, and no build accepts it as a commit.
_FAILED = "--build-stamp-show-failed"


def format_failure(name: str, prefix: str | None) -> str:
    """Format what a failed `show` prints instead: a text that no image build accepts.

    Args:
        name: The format's name, one of FOR_BUILDS.
        prefix: The prefix of the project's variables, if it is known.
    """
    if name == "docker" or prefix is None:
        return _FAILED
    return f"{prefix}_SOURCE_COMMIT={_FAILED}"


def check_word(name: str, value: str) -> str:
    """Return *value*, which an output for programs calls *name*.

    Raises:
        FactError: If white space or control characters in it could make it several.
    """
    if not is_word(value):
        raise FactError(
            f"{name} would be {value!r}: the formats for programs carry no white space "
            "and no control characters. Change the name that it comes from."
        )
    return value


def _format_lines(values: Mapping[str, str | None]) -> str:
    """Format a line for each of *values* that is known."""
    return "\n".join(
        f"{name}={check_word(name, value)}"
        for name, value in values.items()
        if value is not None
    )


def _state(project: Project, stamp: Stamp) -> dict[str, str | None]:
    """Return the variables that state *stamp* to a build of *project*."""
    facts = {
        "SOURCE_COMMIT": stamp.revision,
        "BUILD_DATE": stamp.build_date,
        "TAG": stamp.tag,
        "CHANNEL": stamp.channel,
        "REPORT_URL": stamp.report_url,
        # Without a statement, the build's own configuration decides.
        "REPORTING": str(int(stamp.reporting))
        if "reporting" in stamp.decided
        else None,
    }
    return {
        f"{project.config.env_prefix}_{name}": value for name, value in facts.items()
    }


def _format_word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
