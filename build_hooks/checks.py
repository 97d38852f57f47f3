"""Checks an artifact against its tag, metadata and RECORD. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from build_hooks import dates, file_checks, tags, urls
from build_hooks.artifact import Artifact
from build_hooks.errors import SourceFileError
from build_hooks.python_source import PythonSource
from build_hooks.stamp import BUILD_INFO, COMMIT_DIGITS, NAMES, VERSION, is_switch
from build_hooks.tags import Channel, ReleaseTag
from build_hooks.verdicts import Check, Verdict, join_problems, show_literal

_COMMIT = re.compile(rf"[0-9a-f]{{{COMMIT_DIGITS}}}")


@dataclass(frozen=True)
class Expected:
    """The expectations that an artifact is checked against.

    Attributes:
        tag: The tag it was built from, if the user names one.
        commit: The tag's commit, if a repository knows it.
        no_commit: Why it is unknown, or "".
        report_url: The REPORT_URL that it may have, if the user or the project names one.
        must_have_url: Whether it must have that one.
        reporting: Whether the project's configuration leaves reporting on.
        must_be_off: Whether reporting must be off.
        strict: Whether a dev stamp, or none, fails, and a REPORT_URL that nobody names.
        index: Whether the file's version must be the tag's own.
    """

    tag: ReleaseTag | None = None
    commit: str | None = None
    no_commit: str = ""
    report_url: str | None = None
    must_have_url: bool = False
    reporting: bool = True
    must_be_off: bool = False
    strict: bool = False
    index: bool = False


def run_checks(artifact: Artifact, expected: Expected) -> Iterator[Check]:
    """Run every check that applies to *artifact*, in the order of the output."""
    if artifact.problems:
        yield Check("archive", "FAIL", join_problems(artifact.problems))
    yield _attempt("stamp", lambda: _check_stamp(artifact, expected))
    yield _attempt("channel", lambda: _check_channel(artifact, expected))
    yield _attempt("version", lambda: _check_version(artifact, expected))
    if artifact.kind in ("wheel", "sdist"):
        yield file_checks.check_name(artifact)
    if expected.tag:
        tag = expected.tag
        yield _attempt("commit", lambda: _check_commit(artifact, tag, expected))
    if expected.must_have_url or "REPORT_URL" in _read_names(artifact):
        yield _attempt("url", lambda: _check_url(artifact, expected))
    if (
        expected.must_be_off
        or not expected.reporting
        or "REPORTING" in _read_names(artifact)
    ):
        yield _attempt("reports", lambda: _check_reporting(artifact, expected))
    if expected.tag and expected.index:
        yield _check_index(artifact, expected.tag)
    if artifact.kind == "wheel":
        yield file_checks.check_record(artifact)


def _attempt(name: str, check: Callable[[], Check]) -> Check:
    """Run *check*; fail if a source file cannot be read without running it."""
    try:
        return check()
    except SourceFileError as error:
        return Check(name, "FAIL", str(error))


def _read(artifact: Artifact, file: str, *names: str) -> dict[str, object]:
    """Return the literals of *names* in a file of the package."""
    source = artifact.sources.get(file)
    return source.read_literals(*names) if source else {}


def _read_names(artifact: Artifact) -> frozenset[str]:
    source = artifact.sources.get(BUILD_INFO)
    return source.names if source else frozenset()


def _has_stamp(artifact: Artifact) -> bool:
    """Whether there is a `build_info.py` that is more than a switch (decision B5)."""
    source = artifact.sources.get(BUILD_INFO)
    return source is not None and not is_switch(source)


def _check_stamp(artifact: Artifact, expected: Expected) -> Check:
    if not _has_stamp(artifact):
        reason = f"there is no {BUILD_INFO}"
        if BUILD_INFO in artifact.sources:
            reason = f"{BUILD_INFO} only turns reporting off"
        if expected.strict or expected.tag:
            return Check("stamp", "FAIL", reason)
        return Check("stamp", "ok", f"none: {reason}")
    build_info = _read(artifact, BUILD_INFO, *NAMES)
    commit, date = build_info.get("SOURCE_COMMIT"), build_info.get("BUILD_DATE")
    problems = []
    if not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        problems.append(
            f"SOURCE_COMMIT is {show_literal(commit)}, not {COMMIT_DIGITS} hexadecimal digits"
        )
    if not (isinstance(date, str) and dates.normalize(date) == date):
        problems.append(
            f"BUILD_DATE is {show_literal(date)}, not a date like 2026-05-18T12:00:00Z"
        )
    if problems:
        return Check("stamp", "FAIL", "; ".join(problems))
    return Check("stamp", "ok", f"commit {commit}, built {date}")


def _check_channel(artifact: Artifact, expected: Expected) -> Check:
    """Check the channel, which the first file that states one decides."""
    places = [(VERSION, "__channel__"), (BUILD_INFO, "CHANNEL")]
    version_py = artifact.sources.get(VERSION)
    if (
        version_py
        and not _has_stamp(artifact)
        and b"__channel__" not in version_py.content
    ):
        places = []  # whatever it computes is about something else
    channels = {
        file: value
        for file, name in places
        for value in _read(artifact, file, name).values()
    }
    if not channels and not (expected.tag or expected.strict):
        return Check("channel", "ok", "none is stated, which means dev")
    if not channels:
        return Check(
            "channel", "FAIL", f"neither {VERSION} nor {BUILD_INFO} states one"
        )
    detail = ", but ".join(
        f"{file} says {show_literal(it)}" for file, it in channels.items()
    )
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


def _check_url(artifact: Artifact, expected: Expected) -> Check:
    """Check the URL to which every admin's report goes."""
    url = _read(artifact, BUILD_INFO, "REPORT_URL").get("REPORT_URL")
    wanted = expected.report_url
    if url is None and not expected.must_have_url:
        return Check("url", "ok", "none")
    if url is None:
        return Check("url", "FAIL", f"there is no REPORT_URL, but it must be {wanted}")
    problem = urls.check_url(url) if isinstance(url, str) else "is not a string."
    if problem:
        return Check("url", "FAIL", f"REPORT_URL {problem}")
    if url != wanted and expected.must_have_url:
        return Check("url", "FAIL", f"reports go to {url}, not to {wanted}")
    if url != wanted and expected.strict:
        instead = f"names {wanted}" if wanted else "names none"
        return Check(
            "url",
            "FAIL",
            f"reports go to {url}, but the project's configuration {instead}: if the URL "
            "is right, pass --report-url, or set report-url",
        )
    return Check("url", "ok", f"reports go to {url}")


def _check_reporting(artifact: Artifact, expected: Expected) -> Check:
    """Check whether reporting is off for good, as the packager wants it."""
    value = _read(artifact, BUILD_INFO, "REPORTING").get("REPORTING", True)
    if not isinstance(value, bool):
        shown = show_literal(value)
        return Check("reports", "FAIL", f"REPORTING is {shown}, not True or False")
    if value and expected.must_be_off:
        return Check(
            "reports",
            "FAIL",
            "reporting is not off: build it with reporting = false, with the variable "
            "PREFIX_REPORTING=0, or with write --no-reporting",
        )
    if value and not expected.reporting and expected.strict:
        return Check(
            "reports",
            "FAIL",
            "reporting is not off, but the project's configuration says reporting = "
            "false: build it again, or remove that key",
        )
    if not value and expected.reporting and expected.strict:
        return Check(
            "reports",
            "FAIL",
            "reporting is off, but the project's configuration leaves it on: if that is "
            "right, pass --no-reporting, or set reporting = false",
        )
    if value:
        return Check("reports", "ok", "reporting is not off")
    return Check("reports", "ok", "REPORTING is False, which turns all reporting off")


def _check_version(artifact: Artifact, expected: Expected) -> Check:
    version_py = artifact.sources.get(VERSION)
    literal = version_py.version if version_py else None
    stated = {VERSION: literal, "metadata": artifact.version}
    versions = {place: version for place, version in stated.items() if version}
    detail = ", ".join(f"{place} says {version}" for place, version in versions.items())
    if not versions:
        return Check("version", "skip", f"no {VERSION} states it, and no metadata")
    full = _read_full_version(version_py) if version_py else None
    if full is not None and literal and full != literal:
        detail = f"{detail}, but __full_version_str__ is {show_literal(full)}"
        return Check("version", "FAIL", detail)
    if expected.tag:
        if not all(map(expected.tag.fits, versions.values())):
            return Check(
                "version", "FAIL", f"{detail}, but the tag is {expected.tag.name}"
            )
    elif literal and artifact.version and not _agree(literal, artifact.version):
        return Check("version", "FAIL", detail)
    return Check("version", "ok", detail)


def _read_full_version(version_py: PythonSource) -> object | None:
    """Return the version that reports carry (decision P7), if it is a literal."""
    try:
        name = "__full_version_str__"
        return version_py.read_literals(name).get(name)
    except SourceFileError:
        return None  # computed, usually from __version__


def _agree(literal: str, built: str) -> bool:
    """Whether `version.py` may say *literal* in an artifact of version *built*."""
    if literal == built:
        return True
    version = tags.parse_version(built)
    return version is not None and version.fits(literal)


def _check_commit(artifact: Artifact, tag: ReleaseTag, expected: Expected) -> Check:
    if expected.commit is None:
        verdict: Verdict = "FAIL" if expected.strict else "skip"
        return Check("commit", verdict, expected.no_commit)
    build_info = _read(artifact, BUILD_INFO, "SOURCE_COMMIT")
    stamped, tagged = build_info.get("SOURCE_COMMIT"), expected.commit[:COMMIT_DIGITS]
    if stamped is None:
        reason = f"no commit is stamped, but tag {tag.name} is at {tagged}"
        return Check("commit", "FAIL", reason)
    if stamped != tagged:
        shown = stamped if isinstance(stamped, str) else show_literal(stamped)
        return Check("commit", "FAIL", f"{shown}, but tag {tag.name} is at {tagged}")
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
