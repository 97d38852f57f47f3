import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from build_hooks import cli
from tests.support.repository import Repository


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def test_show_prints_json_for_programs(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    project.tag("v2.15.0-beta.rc1")

    assert cli.main(["show", str(project.root), "--format", "json"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "version": "2.15.0",
        "channel": "beta",
        "commit": project.git("rev-parse", "HEAD")[:9],
        "build_date": "2026-05-18T12:00:00Z",
        "tag": "v2.15.0-beta.rc1",
        "dirty": False,
        "report_url": None,
        "reporting": True,
        "source": "git",
    }


def test_show_prints_lines_for_people(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project.root)
    commit = project.git("rev-parse", "HEAD")[:9]

    assert cli.main(["show"]) == 0

    assert capsys.readouterr().out == (
        "version    : 2.15.0                (pyproject.toml)\n"
        "channel    : dev                   (no release tag)\n"
        f"commit     : {commit}             (git)\n"
        "build date : 2026-05-18T12:00:00Z  (git)\n"
        "tag        : none\n"
        "dirty      : no                    (git)\n"
        "report url : none\n"
        "reporting  : yes\n"
        "source     : git\n"
        "\n"
        "dev, because no tag is at HEAD.\n"
        "To make it a beta: build-stamp cut beta\n"
        "To make it stable: build-stamp cut stable\n"
        "To build a beta without a tag, set HOST_CHANNEL=beta.\n"
    )


def test_source_date_epoch_dates_the_labels(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """docker/metadata-action#403."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "315532800")

    cli.main(["show", str(project.root), "--format", "labels"])

    created = "org.opencontainers.image.created=1980-01-01T00:00:00Z\n"
    assert created in capsys.readouterr().out


def test_warnings_stay_out_of_the_output(
    tmp_path: Path, project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / ".git").rename(tmp_path / "no-git")

    assert cli.main(["show", str(project.root), "--format", "json"]) == 0

    printed = capsys.readouterr()
    assert json.loads(printed.out)["source"] == "none"
    assert printed.err.count("\n") == 1


def test_an_error_is_a_sentence_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", str(tmp_path)]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"build-stamp: {tmp_path} is not a project: it has neither pyproject.toml nor "
        "a package's version.py or __init__.py. Pass the folder of the package.\n"
    )


def test_build_arguments_have_the_chosen_prefix(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["show", str(project.root), "--env-prefix", "OTHER", "--format", "docker"])

    assert "--build-arg OTHER_SOURCE_COMMIT=" in capsys.readouterr().out


REFUSED = "--build-stamp-show-failed\n"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("docker", REFUSED),
        ("build-args", f"HOST_SOURCE_COMMIT={REFUSED}"),
        ("env", f"HOST_SOURCE_COMMIT={REFUSED}"),
        ("text", ""),
        ("json", ""),
        ("github", ""),
        ("labels", ""),
    ],
)
def test_a_failed_show_prints_what_no_image_build_accepts(
    project: Repository, capsys: pytest.CaptureFixture[str], name: str, printed: str
) -> None:
    """`docker build $(build-stamp show ...)` ignores the exit status of `show`."""
    project.tag("v9.9.9")

    assert cli.main(["show", str(project.root), "--format", name]) == 1

    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("name", ["docker", "build-args", "env"])
@pytest.mark.parametrize(
    "failure", [KeyboardInterrupt, PermissionError(13, "Permission denied", "file")]
)
def test_no_reason_lets_an_image_build_go_ahead(
    project: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    failure: BaseException,
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("build_hooks.commands.options.resolve", fail)

    assert cli.main(["show", str(project.root), "--format", name]) == 1

    assert capsys.readouterr().out.endswith(REFUSED)


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "docker", "--stirct"),
        ("--format=docker", "--env-prefix", "lower"),
        ("--format=build-args", "one", "two"),
    ],
)
def test_a_wrong_command_line_does_not_let_an_image_build_go_ahead(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["show", *words])

    assert capsys.readouterr().out == REFUSED


def test_a_folder_that_is_not_a_project_does_not_let_an_image_build_go_ahead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["show", str(tmp_path), "--format", "env"])

    assert capsys.readouterr().out == REFUSED


def test_the_lines_of_a_dockerfile_need_no_release(
    project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    project.tag("v9.9.9")

    assert cli.main(["show", str(project.root), "--format", "dockerfile"]) == 0

    assert "build-stamp write src/paperless --env-prefix HOST\n" in (
        capsys.readouterr().out
    )


def test_version_names_the_installed_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "version", {"paperless-report": "1.2.3"}.get)

    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out == "build-stamp 1.2.3\n"


def test_a_source_tree_has_no_version_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", fail)

    with pytest.raises(SystemExit):
        cli.main(["--version"])

    assert capsys.readouterr().out == "build-stamp from a source tree\n"


def test_a_wrong_command_line_is_status_2() -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["shwo"])

    assert caught.value.code == 2


def test_the_module_is_the_command(project: Repository) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "build_hooks", "show", str(project.root)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "source     : git" in done.stdout


@pytest.mark.parametrize("arguments", [("show",), ("--help",), ("shwo",)])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_stops_early_gets_no_complaint(
    project: Repository, arguments: tuple[str, ...], stream: str
) -> None:
    read, write = os.pipe()
    os.close(read)

    process = subprocess.Popen(
        (sys.executable, "-m", "build_hooks", *arguments),
        cwd=project.root,
        stdout=write if stream == "stdout" else subprocess.PIPE,
        stderr=write if stream == "stderr" else subprocess.PIPE,
        text=True,
    )
    printed = "".join(filter(None, process.communicate()))
    os.close(write)

    for word in ("None", "Traceback", "BrokenPipe", "Exception"):
        assert word not in printed


def test_an_output_that_cannot_be_written_is_named(project: Repository) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            (sys.executable, "-m", "build_hooks", "show"),
            cwd=project.root,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == (
        "build-stamp: the output cannot be written: No space left on device.\n"
    )
