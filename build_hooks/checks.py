"""Checks an artifact against its tag, metadata and RECORD. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from build_hooks import dates, record, tags, urls
from build_hooks.artifact import Artifact
from build_hooks.errors import SourceFileError
from build_hooks.file_names import is_same_project, parse_file_name
from build_hooks.python_source import PythonSource
from build_hooks.stamp import BUILD_INFO, COMMIT_DIGITS, NAMES, VERSION
from build_hooks.tags import Channel, ReleaseTag
from build_hooks.verdicts import Check, Verdict, join_problems, show_literal

_COMMIT = re.compile(rf"[0-9a-f]{{{COMMIT_DIGITS}}}")


@dataclass(frozen=True)
class Expected:
    """The expectations that an artifact is checked against.

    Attributes:
        tag: The tag it was built from, if the user names one.
        commit: The tag's commit, if a repository knows it.
        report_url: The REPORT_URL that it may have, if the user or the project names one.
        must_have_url: Whether it must have that one.
        strict: Whether a dev stamp, or none, fails, and a REPORT_URL that nobody names.
        index: Whether the file's version must be the tag's own.
    """

    tag: ReleaseTag | None = None
    commit: str | None = None
    report_url: str | None = None
    must_have_url: bool = False
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
        yield _check_name(artifact)
    if expected.tag:
        tag = expected.tag
        yield _attempt("commit", lambda: _check_commit(artifact, tag, expected))
    if expected.must_have_url or "REPORT_URL" in _read_names(artifact):
        yield _attempt("url", lambda: _check_url(artifact, expected))
    if expected.tag and expected.index:
        yield _check_index(artifact, expected.tag)
    if artifact.kind == "wheel":
        yield _check_record(artifact)


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


def _check_stamp(artifact: Artifact, expected: Expected) -> Check:
    if BUILD_INFO not in artifact.sources:
        if expected.strict or expected.tag:
            return Check("stamp", "FAIL", f"there is no {BUILD_INFO}")
        return Check("stamp", "ok", f"none: there is no {BUILD_INFO}")
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
    has_stamp = BUILD_INFO in artifact.sources
    if version_py and not has_stamp and b"__channel__" not in version_py.content:
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
        return Check(
            "commit",
            verdict,
            f"no repository here has tag {tag.name}: run git fetch --tags, or pass --from",
        )
    build_info = _read(artifact, BUILD_INFO, "SOURCE_COMMIT")
    stamped, tagged = build_info.get("SOURCE_COMMIT"), expected.commit[:COMMIT_DIGITS]
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


def _check_name(artifact: Artifact) -> Check:
    """Check the file's name against the metadata: installers trust the name."""
    metadata, file = artifact.metadata, artifact.path.name
    if metadata is None:
        return Check("name", "FAIL", "there is no metadata")
    fields = [
        [str(it) for it in metadata.get_all(key, [])] for key in ("Name", "Version")
    ]
    declared = " ".join(" and ".join(values) for values in fields)
    if [len(values) for values in fields] != [1, 1]:
        return Check(
            "name", "FAIL", f"its metadata has another Name or Version: {declared}"
        )
    ((name,), (version,)) = fields
    parsed = parse_file_name(file)
    if parsed is None or not is_same_project(parsed, (name, version)):
        return Check(
            "name", "FAIL", f"the file is {file}, but its metadata says {declared}"
        )
    folder = artifact.dist_info or ""
    stem, _, number = folder.removesuffix(".dist-info").partition("-")
    if artifact.kind == "wheel" and not is_same_project(parsed, (stem, number)):
        return Check(
            "name", "FAIL", f"the file is {file}, but its metadata is in {folder}"
        )
    return Check("name", "ok", f"{file} is {declared}")


def _check_record(artifact: Artifact) -> Check:
    """Check every file against the wheel's RECORD."""
    own = f"{artifact.dist_info}/RECORD"
    if own not in artifact.files:
        return Check("record", "FAIL", "there is no RECORD")
    rows = record.list_rows(artifact.files[own].decode("utf-8", "replace"))
    listed = dict(rows)
    # RECORD cannot list its own signatures.
    unlisted = (f"{own}.jws", f"{own}.p7s")
    files = {it for it in artifact.rows if not it.endswith("/") and it not in unlisted}
    counts = Counter(name for name, _ in rows)
    problems = [f"{name} is listed twice" for name in counts if counts[name] > 1]
    problems += [f"{name} is not listed" for name in sorted(files - set(listed))]
    problems += [f"{name} is missing" for name in sorted(set(listed) - files)]
    for name in sorted(files & set(listed) - {own}):
        if listed[name].algorithm not in record.ALGORITHMS:
            known = ", ".join(record.ALGORITHMS)
            problems.append(f"{name} is listed with none of {known}")
        elif listed[name] != artifact.rows[name]:
            problems.append(f"{name} has another hash")
    if problems:
        return Check("record", "FAIL", join_problems(problems))
    return Check("record", "ok", f"{len(files)} files match")
