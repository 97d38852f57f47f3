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

STATED = b'__version__ = "2.15.0"\n'
VERSION_PY = PythonSource(STATED + b'__channel__ = "dev"\n', Path("version.py"))
BUILD_INFO = PythonSource(
    b"SOURCE_COMMIT = 'bd86dca57'  # its own form\r\n", Path("build_info.py")
)


def constants(source: bytes) -> dict[str, object]:
    namespace: dict[str, object] = {}
    exec(source, namespace)  # noqa: S102  # as the host imports it
    return {name: namespace[name] for name in namespace if name.isupper()}


def test_facts_become_both_files() -> None:
    files = render_files(PackageFiles(VERSION_PY, None), GIT)

    assert files["version.py"] == STATED + b'__channel__ = "beta"\n'
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

    assert [*files] == ["version.py"]


def test_a_stated_channel_is_not_lost_without_a_version_py() -> None:
    files = render_files(PackageFiles(None, None), NONE._replace(channel="beta"))

    assert constants(files["build_info.py"]) == {"CHANNEL": "beta"}


STATES_CHANNEL = {
    "a literal version": (b'__version__ = "1.4.0"\n', True, False),
    "a version of several parts": (b"__version__ = (1, 4, 0)\n", True, False),
    "no version": (b'__channel__ = "dev"\n', True, True),
    "a computed version": (b'__version__ = version("x")\n', True, True),
    "an imported version": (b"from ._v import __version__\n", True, True),
    "a version of two names, as setuptools-scm writes it": (
        b"__version__: str\n__version__ = version = '1.4.0'\n",
        True,
        True,
    ),
    "a version that is bound again": (
        b'__version__ = "0"\nfrom ._v import __version__\n',
        True,
        True,
    ),
    "a version of another name": (b'VERSION = "0.11"\n', False, True),
    "a version of a class": (b'class A:\n    __version__ = "1"\n', False, True),
    "a declared version": (b"__version__: str\n", False, True),
}


@pytest.mark.parametrize(
    ("source", "in_version_py", "in_build_info"),
    STATES_CHANNEL.values(),
    ids=STATES_CHANNEL,
)
def test_the_channel_is_in_a_file_that_keeps_it(
    source: bytes, *, in_version_py: bool, in_build_info: bool
) -> None:
    files = render_files(
        PackageFiles(PythonSource(source, Path("version.py")), None), GIT
    )

    assert ("version.py" in files) == in_version_py
    assert ("CHANNEL" in constants(files["build_info.py"])) == in_build_info


def test_a_generated_version_py_does_not_carry_the_channel_alone() -> None:
    files = render_files(PackageFiles(VERSION_PY, None), GIT, generated=True)

    assert files["version.py"] == STATED + b'__channel__ = "beta"\n'
    assert constants(files["build_info.py"])["CHANNEL"] == "beta"


def test_the_build_info_of_an_sdist_stays_as_it_is() -> None:
    stamp = SDIST._replace(report_url="https://elsewhere.example")
    files = render_files(PackageFiles(VERSION_PY, BUILD_INFO), stamp)

    assert files["build_info.py"] == BUILD_INFO.content


def test_a_version_py_that_was_written_again_gets_the_channel_of_the_sdist() -> None:
    files = render_files(PackageFiles(VERSION_PY, BUILD_INFO), SDIST)

    assert files["version.py"] == STATED + b'__channel__ = "beta"\n'


def test_an_sdist_without_a_stamp_gets_none() -> None:
    assert [*render_files(PackageFiles(VERSION_PY, None), SDIST)] == ["version.py"]
