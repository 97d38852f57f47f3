from pathlib import Path, PurePosixPath

import pytest

from build_hooks.config import Config
from build_hooks.project import Project
from build_hooks.stamp import Stamp
from build_hooks.stamped_files import render_build_info, stamped_files

DATE = "2026-05-18T12:00:00Z"
GIT = Stamp(
    "2.15.0", "beta", "bd86dca57", DATE, "v2.15.0-beta.rc1", dirty=False, source="git"
)
NONE = Stamp("2.15.0", "dev", None, None, None, dirty=False, source="none")
SDIST = Stamp(
    "2.15.0",
    "beta",
    "bd86dca57",
    DATE,
    None,
    dirty=False,
    source="sdist",
    untouched=True,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "paperless"
    package.mkdir()
    (package / "version.py").write_text('__channel__ = "dev"\n')
    return tmp_path


def project(root: Path, report_url: str | None = None) -> Project:
    return Project(root, "host", Config(PurePosixPath("paperless"), "HOST", report_url))


def names(source: bytes) -> dict[str, object]:
    namespace: dict[str, object] = {}
    exec(source, namespace)  # noqa: S102  # as the host imports it
    return {name: namespace[name] for name in namespace if name.isupper()}


def test_git_facts_become_both_files(root: Path) -> None:
    files = stamped_files(project(root), GIT)

    assert files["version.py"] == b'__channel__ = "beta"\n'
    assert names(files["build_info.py"]) == {
        "SOURCE_COMMIT": "bd86dca57",
        "BUILD_DATE": DATE,
    }


@pytest.mark.parametrize(
    "url", ["https://reports.example.org", "https://x/\"'\\\n\u00e9"]
)
def test_the_report_url_is_baked_in_as_it_is(url: str) -> None:
    source = render_build_info(GIT._replace(report_url=url)).encode("ascii")

    assert names(source)["REPORT_URL"] == url


def test_without_facts_there_is_no_build_info(root: Path) -> None:
    assert stamped_files(project(root), NONE) == {
        "version.py": b'__channel__ = "dev"\n'
    }


def test_an_sdists_own_files_pass_through_untouched(root: Path) -> None:
    own = b"SOURCE_COMMIT = 'bd86dca57'  # its own form\r\n"
    (root / "paperless" / "build_info.py").write_bytes(own)

    assert stamped_files(project(root, "https://elsewhere.example"), SDIST) == {
        "version.py": b'__channel__ = "dev"\n',
        "build_info.py": own,
    }


def test_an_unstamped_sdist_stays_so(root: Path) -> None:
    assert list(stamped_files(project(root), SDIST)) == ["version.py"]


def test_the_tree_is_left_as_it_was(root: Path) -> None:
    stamped_files(project(root), GIT)

    assert [path.name for path in (root / "paperless").iterdir()] == ["version.py"]
    assert (root / "paperless" / "version.py").read_text() == '__channel__ = "dev"\n'
