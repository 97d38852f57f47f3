"""Holds an artifact against what it ought to say. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from build_hooks import dates, record, tags
from build_hooks.artifact import Artifact
from build_hooks.stamp import BUILD_INFO, COMMIT_DIGITS, VERSION
from build_hooks.tags import Channel, ReleaseTag

Verdict = Literal["ok", "FAIL", "skip"]
_COMMIT = re.compile(rf"[0-9a-f]{{{COMMIT_DIGITS}}}")


@dataclass(frozen=True)
class Check:
    """One line of the verdict."""

    name: str
    verdict: Verdict
    detail: str

    def __str__(self) -> str:
        """The line, "ok    channel  beta"."""
        return f"{self.verdict:5} {self.name:8} {self.detail}"


@dataclass(frozen=True)
class Expected:
    """What an artifact is held against.

    Attributes:
        tag: The tag that it was built from, if it is named.
        commit: That tag's commit, where a repository knows it.
        strict: Whether a dev stamp, or none, is refused.
    """

    tag: ReleaseTag | None = None
    commit: str | None = None
    strict: bool = False


def checks(artifact: Artifact, expected: Expected) -> Iterator[Check]:
    """Every check, in the order that they are told."""
    version = artifact.literals(VERSION) or {}
    build_info = artifact.literals(BUILD_INFO)
    yield _stamp(build_info, expected)
    yield _channel(version.get("__channel__"), expected)
    yield _version(artifact, version.get("__version__"), expected)
    if artifact.kind in ("wheel", "sdist"):
        yield _name(artifact)
    if expected.tag:
        yield _commit(build_info or {}, expected)
    if artifact.kind == "wheel":
        yield _record(artifact)


def _stamp(build_info: dict[str, object] | None, expected: Expected) -> Check:
    if build_info is None:
        if expected.strict or expected.tag:
            return Check("stamp", "FAIL", f"there is no {BUILD_INFO}")
        return Check("stamp", "ok", f"none: there is no {BUILD_INFO}")
    commit, date = build_info.get("SOURCE_COMMIT"), build_info.get("BUILD_DATE")
    wrong = []
    if not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        wrong.append(
            f"SOURCE_COMMIT is {commit!r}, not {COMMIT_DIGITS} hexadecimal digits"
        )
    if not (isinstance(date, str) and dates.from_iso(date) == date):
        wrong.append(f"BUILD_DATE is {date!r}, not as 2026-05-18T12:00:00Z")
    if wrong:
        return Check("stamp", "FAIL", "; ".join(wrong))
    return Check("stamp", "ok", f"commit {commit}, built {date}")


def _channel(channel: object, expected: Expected) -> Check:
    if channel is None and not (expected.tag or expected.strict):
        return Check("channel", "ok", f"none: {VERSION} says nothing, which is dev")
    if channel not in get_args(Channel):
        return Check("channel", "FAIL", f"{VERSION} says {channel!r}")
    if expected.tag and channel != expected.tag.channel:
        return Check(
            "channel",
            "FAIL",
            f"{channel}, but tag {expected.tag.name} means {expected.tag.channel}",
        )
    if expected.strict and channel == "dev":
        return Check("channel", "FAIL", "dev is no release")
    return Check("channel", "ok", str(channel))


def _version(artifact: Artifact, literal: object, expected: Expected) -> Check:
    said = {}
    if isinstance(literal, tuple | list):
        said[VERSION] = ".".join(map(str, literal))
    elif isinstance(literal, str):
        said[VERSION] = literal
    if artifact.version:
        said["metadata"] = artifact.version
    told = ", ".join(f"{place} says {version}" for place, version in said.items())
    if not said:
        return Check(
            "version", "skip", f"{VERSION} computes it, and there is no metadata"
        )
    if expected.tag:
        if not all(map(expected.tag.names, said.values())):
            return Check(
                "version", "FAIL", f"{told}, but the tag is {expected.tag.name}"
            )
    elif len(said) == 2:  # noqa: PLR2004  # both places
        parsed = tags.parse(said["metadata"])
        same = said[VERSION] == said["metadata"]
        if not same and not (parsed and parsed.names(said[VERSION])):
            return Check("version", "FAIL", told)
    return Check("version", "ok", told)


def _commit(build_info: dict[str, object], expected: Expected) -> Check:
    name = expected.tag.name if expected.tag else ""
    if expected.commit is None:
        verdict: Verdict = "FAIL" if expected.strict else "skip"
        return Check(
            "commit",
            verdict,
            f"no repository here knows tag {name}: git fetch --tags, or name one with --from",
        )
    found, wanted = build_info.get("SOURCE_COMMIT"), expected.commit[:COMMIT_DIGITS]
    if found != wanted:
        return Check("commit", "FAIL", f"{found}, but tag {name} is at {wanted}")
    return Check("commit", "ok", f"{found} is that of tag {name}")


def _name(artifact: Artifact) -> Check:
    """Hold the file's name against the metadata inside: an installer goes by the name."""
    metadata = artifact.metadata
    if metadata is None:
        return Check("name", "FAIL", "there is no metadata")
    said = tuple(str(metadata[key] or "") for key in ("Name", "Version"))
    file = artifact.path.name
    if artifact.kind == "wheel":
        parts = tuple(file.removesuffix(".whl").split("-")[:2])
    else:
        name, _, version = re.sub(r"\.(tar\.\w+|tar|tgz)$", "", file).rpartition("-")
        parts = (name, version)
    if tuple(map(_normal, parts)) != tuple(map(_normal, said)):
        told = " ".join(said)
        return Check("name", "FAIL", f"the file is {file}, but inside it is {told}")
    return Check("name", "ok", f"{file} is {' '.join(said)}")


def _normal(part: str) -> str:
    """A name or a version as file names have it (PyPA, "Binary distribution format")."""
    return re.sub(r"[-_.]+", "_", part).lower()


def _record(artifact: Artifact) -> Check:
    """Hold every file against the wheel's RECORD."""
    names = [name for name in artifact.rows if name.endswith(".dist-info/RECORD")]
    if len(names) != 1:
        return Check("record", "FAIL", f"there are {len(names)} RECORD files")
    (own,) = names
    listed = record.rows(artifact.files[own].decode("utf-8", "replace"))
    # Signatures of RECORD cannot be listed in it.
    unlisted = (f"{own}.jws", f"{own}.p7s")
    files = {it for it in artifact.rows if not it.endswith("/") and it not in unlisted}
    wrong = [f"{name} is not listed" for name in sorted(files - set(listed))]
    wrong += [f"{name} is not there" for name in sorted(set(listed) - files)]
    for name in sorted(files & set(listed) - {own}):
        if listed[name].algorithm not in record.ALGORITHMS:
            known = ", ".join(record.ALGORITHMS)
            wrong.append(f"{name} is listed by none of {known}")
        elif listed[name] != artifact.rows[name]:
            wrong.append(f"{name} has another hash")
    if wrong:
        return Check("record", "FAIL", "; ".join(wrong))
    return Check("record", "ok", f"{len(files)} files match")
