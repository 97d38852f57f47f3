"""A stamp, written down for people and for programs. Pure."""

import json
from collections.abc import Callable, Mapping

from build_hooks.project import Project
from build_hooks.stamp import Fact, Stamp

FACTS: tuple[Fact, ...] = ("version", "channel", "commit", "build_date", "tag", "dirty")


def text(_: Project, stamp: Stamp) -> str:
    """For people: each fact, and what decided it."""
    words = {fact: _word(getattr(stamp, fact)) for fact in FACTS}
    width = max(map(len, words.values()))
    lines = []
    for fact, word in words.items():
        by = stamp.decided.get(fact)
        line = f"{fact.replace('_', ' '):10} : {word:{width}}"
        lines.append(f"{line}  ({by})" if by else line.rstrip())
    return "\n".join((*lines, f"{'source':10} : {stamp.source}"))


def as_json(_: Project, stamp: Stamp) -> str:
    """One JSON object, null for what is not known."""
    return json.dumps(
        {name: getattr(stamp, name) for name in (*FACTS, "source")}, indent=2
    )


def github(_: Project, stamp: Stamp) -> str:
    """Lines for $GITHUB_OUTPUT; an unknown fact is empty."""
    return "\n".join(
        f"{name}={_value(getattr(stamp, name))}" for name in (*FACTS, "source")
    )


def build_args(project: Project, stamp: Stamp) -> str:
    """This stamp as overrides, a `NAME=value` line each."""
    prefix = project.config.env_prefix
    facts = {
        "SOURCE_COMMIT": stamp.revision,
        "BUILD_DATE": stamp.build_date,
        "TAG": stamp.tag,
        "CHANNEL": stamp.channel,
        "REPORT_URL": stamp.report_url,
    }
    return "\n".join(
        f"{prefix}_{name}={value}" for name, value in facts.items() if value
    )


def docker(project: Project, stamp: Stamp) -> str:
    """The same, as arguments for `docker build`."""
    lines = build_args(project, stamp).splitlines()
    return "\n".join(f"--build-arg {line}" for line in lines)


def labels(project: Project, stamp: Stamp) -> str:
    """OCI labels (image-spec, annotations), as `key=value` lines."""
    facts = {
        "title": project.name,
        # The tag tells candidates of one version apart.
        "version": stamp.tag_version or stamp.version,
        "revision": stamp.revision,
        "created": stamp.build_date,
    }
    return "\n".join(
        f"org.opencontainers.image.{name}={value}"
        for name, value in facts.items()
        if value
    )


FORMATS: Mapping[str, Callable[[Project, Stamp], str]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "docker": docker,
    "build-args": build_args,
    "labels": labels,
}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
