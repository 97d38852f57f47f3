from pathlib import Path

import pytest

from build_hooks.python_source import PythonSource
from build_hooks.stamp import PackageFiles, Stamp
from build_hooks.stamped_files import render_build_info, render_files

DATE = "2026-05-18T12:00:00Z"
GIT = Stamp(
    "2.15.0", "beta", "bd86dca57", DATE, "v2.15.0-beta.rc1", dirty=False, source="git"
)
NONE = Stamp("2.15.0", "dev", None, None, None, dirty=False, source="none")
SDIST = GIT._replace(tag=None, source="sdist", untouched=True)

VERSION_PY = PythonSource(b'__channel__ = "dev"\n', Path("version.py"))
BUILD_INFO = PythonSource(
    b"SOURCE_COMMIT = 'bd86dca57'  # its own form\r\n", Path("build_info.py")
)


def constants(source: bytes) -> dict[str, object]:
    namespace: dict[str, object] = {}
    exec(source, namespace)  # noqa: S102  # as the host imports it
    return {name: namespace[name] for name in namespace if name.isupper()}


def test_facts_become_both_files() -> None:
    files = render_files(PackageFiles(VERSION_PY, None), GIT)

    assert files["version.py"] == b'__channel__ = "beta"\n'
    assert constants(files["build_info.py"]) == {
        "SOURCE_COMMIT": "bd86dca57",
        "BUILD_DATE": DATE,
    }


@pytest.mark.parametrize(
    "url", ["https://reports.example.org", "https://x/\"'\\\n\u00e9"]
)
def test_any_report_url_survives_as_python_source(url: str) -> None:
    source = render_build_info(GIT._replace(report_url=url)).encode("ascii")

    assert constants(source)["REPORT_URL"] == url


def test_without_facts_there_is_no_build_info() -> None:
    files = render_files(PackageFiles(VERSION_PY, BUILD_INFO), NONE)

    assert files == {"version.py": b'__channel__ = "dev"\n'}


def test_the_files_of_an_sdist_stay_as_they_are() -> None:
    stamp = SDIST._replace(report_url="https://elsewhere.example")

    assert render_files(PackageFiles(VERSION_PY, BUILD_INFO), stamp) == {
        "version.py": VERSION_PY.content,
        "build_info.py": BUILD_INFO.content,
    }


def test_an_sdist_without_a_stamp_gets_none() -> None:
    assert [*render_files(PackageFiles(VERSION_PY, None), SDIST)] == ["version.py"]
