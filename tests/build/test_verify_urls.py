"""`verify` checks where an artifact sends the report of every admin."""

from pathlib import Path

import pytest

from build_hooks import cli
from tests.build.crafted import BUILD_INFO, make_wheel
from tests.build.verdicts import verify
from tests.support.sample_project import PYPROJECT, add_keys

URL = "https://reports.example.org"
NAMED = add_keys(f'report-url = "{URL}"\n')
STATED = BUILD_INFO + f'REPORT_URL = "{URL}"\n'.encode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    (tmp_path / "project" / "src" / "paperless").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def make(folder: Path, build_info: bytes) -> Path:
    return make_wheel(folder.parent, {"shelf/build_info.py": build_info})


def test_the_url_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(make(folder, STATED))]) == 0
    assert f"  ok    url      reports go to {URL}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pyproject", "build_info", "options", "message"),
    [
        ("", BUILD_INFO, ["--strict"], ""),
        ("", STATED, [], ""),
        (
            "",
            STATED,
            ["--strict"],
            f"{URL}, but the project's configuration names none",
        ),
        ("", STATED, ["--strict", "--report-url", URL], ""),
        ("", STATED, ["--report-url", f"{URL}/"], f"go to {URL}, not to {URL}/"),
        ("", BUILD_INFO, ["--report-url", URL], f"no REPORT_URL, but it must be {URL}"),
        (NAMED, STATED, ["--strict"], ""),
        (NAMED, BUILD_INFO, ["--strict"], ""),
        (
            NAMED,
            STATED,
            ["--strict", "--report-url", "https://b.example"],
            "not to https:",
        ),
        (PYPROJECT, STATED, ["--strict"], "the project's configuration names none"),
        (
            NAMED,
            STATED.replace(b"reports.", b"evil."),
            ["--strict"],
            f"the project's configuration names {URL}",
        ),
        ("", BUILD_INFO + b"REPORT_URL = 5\n", [], "REPORT_URL is not a string"),
        ("", BUILD_INFO + b"REPORT_URL = None\n", ["--strict"], ""),
        (
            "",
            BUILD_INFO + b"REPORT_URL = 'http://x.example'\n",
            [],
            "must begin with https",
        ),
        ("", BUILD_INFO + b"REPORT_URL = f''\n", [], "computes REPORT_URL"),
        (
            "",
            STATED + b"if x: REPORT_URL = 'https://b.example'\n",
            [],
            "in lines 3 and 4",
        ),
    ],
)
def test_a_url_that_nobody_names_fails(
    folder: Path, pyproject: str, build_info: bytes, options: list[str], message: str
) -> None:
    if pyproject:
        (folder / "pyproject.toml").write_text(pyproject)

    failures = verify(make(folder, build_info), *options)

    if message:
        assert any(it.startswith("url") and message in it for it in failures), failures
    else:
        assert failures == []


def test_the_url_to_check_must_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "x.whl", "--report-url", "ftp://x"]) == 1
    assert "--report-url must begin with https://" in capsys.readouterr().err
