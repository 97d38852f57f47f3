"""Checks an artifact against its tag, metadata and RECORD. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from build_hooks import dates, record, tags
from build_hooks.artifact import Artifact
from build_hooks.package_choice import normalize
from build_hooks.stamp import BUILD_INFO, COMMIT_DIGITS, VERSION
from build_hooks.tags import Channel, ReleaseTag

Verdict = Literal["ok", "FAIL", "skip", "warn"]
_COMMIT = re.compile(rf"[0-9a-f]{{{COMMIT_DIGITS}}}")


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    name: str
    verdict: Verdict
    detail: str

    def __str__(self) -> str:
        """Format it as a line, "ok    channel  beta"."""
        return f"{self.verdict:5} {self.name:8} {self.detail}"


@dataclass(frozen=True)
class Expected:
    """The expectations that an artifact is checked against.

    Attributes:
        tag: The tag it was built from, if the user names one.
        commit: The tag's commit, if a repository knows it.
        strict: Whether a dev stamp, or none, fails.
        index: Whether the file's version must be the tag's own.
    """

    tag: ReleaseTag | None = None
    commit: str | None = None
    strict: bool = False
    index: bool = False


def run_checks(artifact: Artifact, expected: Expected) -> Iterator[Check]:
    """Run every check that applies to *artifact*, in the order of the output."""
    version_py = artifact.read_source(VERSION)
    source = artifact.read_source(BUILD_INFO)
    build_info = source.literals if source else None
    yield _check_stamp(build_info, expected)
    yield _check_channel(
        {
            VERSION: version_py.literals.get("__channel__") if version_py else None,
            BUILD_INFO: build_info.get("CHANNEL") if build_info else None,
        },
        expected,
    )
    yield _check_version(artifact, version_py.version if version_py else None, expected)
    if artifact.kind in ("wheel", "sdist"):
        yield _check_name(artifact)
    if expected.tag:
        yield _check_commit(build_info or {}, expected.tag, expected)
    if expected.tag and expected.index:
        yield _check_index(artifact, expected.tag)
    if artifact.kind == "wheel":
        yield _check_record(artifact)


def _check_stamp(build_info: Mapping[str, object] | None, expected: Expected) -> Check:
    if build_info is None:
        if expected.strict or expected.tag:
            return Check("stamp", "FAIL", f"there is no {BUILD_INFO}")
        return Check("stamp", "ok", f"none: there is no {BUILD_INFO}")
    commit, date = build_info.get("SOURCE_COMMIT"), build_info.get("BUILD_DATE")
    problems = []
    if not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        problems.append(
            f"SOURCE_COMMIT is {commit!r}, not {COMMIT_DIGITS} hexadecimal digits"
        )
    if not (isinstance(date, str) and dates.normalize(date) == date):
        problems.append(f"BUILD_DATE is {date!r}, not a date like 2026-05-18T12:00:00Z")
    if problems:
        return Check("stamp", "FAIL", "; ".join(problems))
    return Check("stamp", "ok", f"commit {commit}, built {date}")


def _check_channel(stated: Mapping[str, object], expected: Expected) -> Check:
    """Check the channel, which the first file that states one decides."""
    channels = {file: value for file, value in stated.items() if value is not None}
    if not channels and not (expected.tag or expected.strict):
        return Check("channel", "ok", "none is stated, which means dev")
    if not channels:
        return Check("channel", "FAIL", f"neither {' nor '.join(stated)} states one")
    detail = ", but ".join(f"{file} says {it!r}" for file, it in channels.items())
    channel, *others = channels.values()
    if channel not in get_args(Channel) or any(it != channel for it in others):
        return Check("channel", "FAIL", detail)
    if expected.tag and channel != expected.tag.channel:
        return Check(
            "channel",
            "FAIL",
            f"{channel}, but tag {expected.tag.name} means {expected.tag.channel}",
        )
    if expected.strict and channel == "dev":
        return Check("channel", "FAIL", "dev is not a release")
    return Check("channel", "ok", str(channel))


def _check_version(
    artifact: Artifact, literal: str | None, expected: Expected
) -> Check:
    stated = {VERSION: literal, "metadata": artifact.version}
    versions = {place: version for place, version in stated.items() if version}
    detail = ", ".join(f"{place} says {version}" for place, version in versions.items())
    if not versions:
        return Check("version", "skip", f"no {VERSION} states it, and no metadata")
    if expected.tag:
        if not all(map(expected.tag.fits, versions.values())):
            return Check(
                "version", "FAIL", f"{detail}, but the tag is {expected.tag.name}"
            )
    elif literal and artifact.version and not _agree(literal, artifact.version):
        return Check("version", "FAIL", detail)
    return Check("version", "ok", detail)


def _agree(literal: str, built: str) -> bool:
    """Whether `version.py` may say *literal* in an artifact of version *built*."""
    if literal == built:
        return True
    version = tags.parse_version(built)
    return version is not None and version.fits(literal)


def _check_commit(
    build_info: Mapping[str, object], tag: ReleaseTag, expected: Expected
) -> Check:
    if expected.commit is None:
        verdict: Verdict = "FAIL" if expected.strict else "skip"
        return Check(
            "commit",
            verdict,
            f"no repository here has tag {tag.name}: run git fetch --tags, or pass --from",
        )
    stamped, tagged = build_info.get("SOURCE_COMMIT"), expected.commit[:COMMIT_DIGITS]
    if stamped != tagged:
        return Check("commit", "FAIL", f"{stamped}, but tag {tag.name} is at {tagged}")
    return Check("commit", "ok", f"{stamped} is the commit of tag {tag.name}")


def _check_index(artifact: Artifact, tag: ReleaseTag) -> Check:
    """Check that the file's name is the release's own (decision B9).

    An index accepts a file name once. A candidate with the name of its final release
    would take the name away from it.
    """
    name, version = artifact.path.name, artifact.version
    if version is None:
        return Check("index", "FAIL", f"{name} has no version, so no index takes it")
    if not tag.is_version(version):
        return Check(
            "index",
            "FAIL",
            f"{name} has version {version}, but tag {tag.name} is {tag.version}: an "
            f"index would keep the name from release {version}",
        )
    return Check("index", "ok", f"{version} is the version of tag {tag.name}")


def _check_name(artifact: Artifact) -> Check:
    """Check the file's name against the metadata: installers trust the name."""
    metadata = artifact.metadata
    if metadata is None:
        return Check("name", "FAIL", "there is no metadata")
    declared = tuple(str(metadata[key] or "") for key in ("Name", "Version"))
    file, text = artifact.path.name, " ".join(declared)
    name, version = declared
    if artifact.kind == "wheel":
        found, _, rest = file.removesuffix(".whl").partition("-")
        parts = [(found, rest.partition("-")[0])]
    else:
        stem = re.sub(r"\.(tar\.\w+|tar|tgz)$", "", file)
        # Old tools write a name or a version with hyphens.
        splits = (it.start() for it in re.finditer("-", stem))
        parts = [(stem[:at], stem[at + 1 :]) for at in splits]
    if not any(
        normalize(found) == normalize(name)
        and tags.is_same_version(number.replace("_", "-"), version)
        for found, number in parts
    ):
        return Check(
            "name", "FAIL", f"the file is {file}, but its metadata says {text}"
        )
    return Check("name", "ok", f"{file} is {text}")


def _check_record(artifact: Artifact) -> Check:
    """Check every file against the wheel's RECORD."""
    names = [name for name in artifact.rows if name.endswith(".dist-info/RECORD")]
    if len(names) != 1:
        return Check("record", "FAIL", f"there are {len(names)} RECORD files")
    (own,) = names
    listed = record.parse_rows(artifact.files[own].decode("utf-8", "replace"))
    # RECORD cannot list its own signatures.
    unlisted = (f"{own}.jws", f"{own}.p7s")
    files = {it for it in artifact.rows if not it.endswith("/") and it not in unlisted}
    problems = [f"{name} is not listed" for name in sorted(files - set(listed))]
    problems += [f"{name} is missing" for name in sorted(set(listed) - files)]
    for name in sorted(files & set(listed) - {own}):
        if listed[name].algorithm not in record.ALGORITHMS:
            known = ", ".join(record.ALGORITHMS)
            problems.append(f"{name} is listed with none of {known}")
        elif listed[name] != artifact.rows[name]:
            problems.append(f"{name} has another hash")
    if problems:
        return Check("record", "FAIL", "; ".join(problems))
    return Check("record", "ok", f"{len(files)} files match")
