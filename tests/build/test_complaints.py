"""What the users of the peers complain of, and must not have to say of this hook."""

import json
import os
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli
from tests.build.artifacts import build, read_sdist, read_wheel, run_build
from tests.build.test_traps import judge
from tests.build.traps import NODE, TRAPS, Trap
from tests.support.needs import needs
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT

pytestmark = pytest.mark.slow

Holds = Callable[..., None]


@pytest.fixture
def holds(project: Repository, tmp_path: Path) -> Holds:
    """Judges a trap by its name, or one of the test's own."""

    def check(trap: Trap | str) -> None:
        judge(
            project, tmp_path / "dist", TRAPS[trap] if isinstance(trap, str) else trap
        )

    return check


def show(project: Repository, capsys: pytest.CaptureFixture[str], form: str) -> str:
    assert cli.main(["show", str(project.root), "--format", form]) == 0
    return capsys.readouterr().out


def test_01_a_tagless_clone_is_silently_given_a_version(holds: Holds) -> None:
    """pypa/setuptools-scm#1506, #543, #414."""
    holds("a shallow clone without tags")


def test_02_shallow_history_gives_garbage(holds: Holds) -> None:
    """pypa/setuptools-scm#790."""
    holds("a shallow clone of a tag")


@pytest.mark.parametrize(
    "trap",
    [
        "annotated candidate, lightweight final",
        "lightweight candidate, annotated final",
        "final first, candidate after it",
        "rc10 after rc9",
    ],
)
def test_03_the_wrong_one_of_two_tags(holds: Holds, trap: str) -> None:
    """goreleaser/goreleaser#4134, #4209; pypa/setuptools-scm#521."""
    holds(trap)


def test_04_a_tag_that_is_no_version_wins(holds: Holds) -> None:
    """pypa/setuptools-scm#1079."""
    holds("a tag that is no version beside one")


def test_05_a_plugin_that_crashes_on_an_sdist(
    project: Repository, tmp_path: Path
) -> None:
    """ofek/hatch-vcs#36."""
    project.tag("v2.15.0")
    with tarfile.open(build(project.root, "--sdist")[".gz"]) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()

    wheel = read_wheel(build(unpacked, "--wheel", PATH="/nowhere")[".whl"])

    assert '= "stable"' in wheel["paperless/version.py"]


def test_06_dubious_ownership_silently_changes_the_artifact(holds: Holds) -> None:
    """pypa/setuptools-scm#784, #1235."""
    holds("a repository of another owner")


def test_07_archives_are_unstable_by_their_refs(holds: Holds) -> None:
    """pypa/setuptools-scm#1030: %D expands to whatever points there that day."""
    holds("an archived candidate, described as the final")


@pytest.mark.parametrize("abbreviation", ["4", "40", "auto"])
def test_08_abbreviations_vary(holds: Holds, abbreviation: str) -> None:
    """python-versioneer/python-versioneer#156."""
    holds(Trap(f"git config core.abbrev {abbreviation}"))


@needs("ssh-keygen")
def test_09_show_signature_crashes_the_parse(
    project: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """jwodder/versioningit#111, with a commit that is really signed."""
    key = tmp_path / "key"
    project.git("config", "gpg.format", "ssh")
    os.system(f"ssh-keygen -q -t ed25519 -N '' -f {key}")  # noqa: S605  # the test's own words
    project.git("config", "user.signingKey", str(key))
    project.git("config", "log.showSignature", "true")
    project.git("commit", "--quiet", "--amend", "--no-edit", "--gpg-sign")
    assert "gpgsig" in project.git("cat-file", "commit", "HEAD")

    stamp = json.loads(show(project, capsys, "json"))

    assert stamp["commit"] == project.git("rev-parse", "HEAD")[:9]


def test_10_trace_output_is_parsed_as_data(holds: Holds) -> None:
    """mtkennerly/dunamai#100."""
    holds("GIT_TRACE to standard error and output")


@pytest.mark.parametrize(
    "trap", ["variables of a CI system", "overrides of another distribution"]
)
def test_11_a_global_override_leaks_into_dependencies(holds: Holds, trap: str) -> None:
    """pypa/setuptools-scm#321, #978."""
    holds(trap)


def test_12_source_date_epoch_replaces_the_commits_own(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """rustyhorde/vergen#452: it dates the build, and tells nothing of the commit."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "315532800")

    stamp = json.loads(show(project, capsys, "json"))

    assert stamp["build_date"] == "1980-01-01T00:00:00Z"
    assert stamp["commit"] == project.git("rev-parse", "HEAD")[:9]


def test_13_created_ignores_source_date_epoch(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """docker/metadata-action#403."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "315532800")

    printed = show(project, capsys, "labels")

    assert "org.opencontainers.image.created=1980-01-01T00:00:00Z\n" in printed


def test_14_dockerignore_causes_a_false_dirty(holds: Holds) -> None:
    """interuss/dss#1431."""
    holds("a file deleted elsewhere, by .dockerignore")


def test_15_duplicates_in_the_wheel_or_generated_files_lost(
    project: Repository,
) -> None:
    """pypa/hatch#1030, #2301, #1946: build_info.py is ignored by git, and listed nowhere."""
    assert "artifacts" not in PYPROJECT
    project.write({"src/paperless/build_info.py": f'SOURCE_COMMIT = "{NODE}"\n'})

    for flags in (("--wheel", "--sdist"), ()):
        artifacts = build(project.root, *flags)
        for files in (read_wheel(artifacts[".whl"]), read_sdist(artifacts[".gz"])):
            names = [name for name in files if name.endswith("/build_info.py")]
            assert len(names) == 1
            assert NODE not in files[names[0]]


def test_also_gits_own_words_are_shown_not_an_exit_status(project: Repository) -> None:
    """golang/go#68834."""
    (project.root / ".git" / "refs" / "heads" / "main").write_text(NODE)

    done = run_build(project.root, "--wheel")

    assert re.search(r"git says: \w+", done.stderr)
    assert "exit status" not in done.stderr
