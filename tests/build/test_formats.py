import json
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import formats, overrides
from build_hooks.config import Config
from build_hooks.errors import EnvironmentVariableError
from build_hooks.project import Project
from build_hooks.stamp import Stamp
from build_hooks.tags import DEFAULT_PATTERN
from tests.support.needs import needs

PROJECT = Project(
    Path("/p"), "paperless-ngx", Config(PurePosixPath("p"), "PAPERLESS_NGX")
)
SHA = "bd86dca57" + "0" * 31
DATE = "2026-05-18T12:00:00Z"
BETA = Stamp(
    "2.15.0",
    "beta",
    "bd86dca57",
    DATE,
    "v2.15.0-beta.rc1",
    dirty=False,
    source="git",
    tag_version="2.15.0-beta.rc1",
    revision=SHA,
)
NONE = Stamp(None, "dev", None, None, None, dirty=False, source="none")


def test_json_has_every_key_and_null_for_the_unknown() -> None:
    assert json.loads(formats.format_json(PROJECT, NONE)) == {
        "version": None,
        "channel": "dev",
        "commit": None,
        "build_date": None,
        "tag": None,
        "dirty": False,
        "report_url": None,
        "reporting": True,
        "source": "none",
    }


def test_github_has_a_line_for_each_output() -> None:
    assert formats.format_github(PROJECT, BETA).splitlines() == [
        "version=2.15.0",
        "channel=beta",
        "commit=bd86dca57",
        f"build_date={DATE}",
        "tag=v2.15.0-beta.rc1",
        "dirty=false",
        "report_url=",
        "reporting=true",
        "source=git",
        f"env_prefix={PROJECT.config.env_prefix}",
    ]
    assert "tag=\n" in formats.format_github(PROJECT, NONE)


def test_docker_states_the_stamp_as_overrides() -> None:
    assert formats.format_docker(PROJECT, BETA).splitlines() == [
        f"--build-arg PAPERLESS_NGX_SOURCE_COMMIT={SHA}",
        f"--build-arg PAPERLESS_NGX_BUILD_DATE={DATE}",
        "--build-arg PAPERLESS_NGX_TAG=v2.15.0-beta.rc1",
        "--build-arg PAPERLESS_NGX_CHANNEL=beta",
    ]


def test_build_args_are_the_same_line_by_line() -> None:
    assert formats.format_build_args(PROJECT, BETA) == formats.format_docker(
        PROJECT, BETA
    ).replace("--build-arg ", "")


def test_the_arguments_for_docker_state_the_same_stamp() -> None:
    """An image built with these arguments carries the same stamp."""
    stamp = BETA._replace(
        report_url="https://reports.example.org",
        reporting=False,
        decided={"reporting": "configuration"},
    )
    lines = formats.format_docker(PROJECT, stamp).splitlines()
    environ = dict(line.removeprefix("--build-arg ").split("=", 1) for line in lines)

    stated = overrides.read_facts(environ, "PAPERLESS_NGX", DEFAULT_PATTERN)

    assert len(environ) == len(overrides.VARIABLES)
    assert stated.tag is not None
    assert (
        stated.commit,
        stated.build_date,
        stated.tag.name,
        stated.channel,
        stated.report_url,
        stated.reporting,
    ) == (
        SHA,
        DATE,
        stamp.tag,
        stamp.channel,
        stamp.report_url,
        stamp.reporting,
    )


def test_env_has_a_line_for_each_variable() -> None:
    assert formats.format_env(PROJECT, NONE).splitlines() == [
        "PAPERLESS_NGX_SOURCE_COMMIT=",
        "PAPERLESS_NGX_BUILD_DATE=",
        "PAPERLESS_NGX_TAG=",
        "PAPERLESS_NGX_CHANNEL=dev",
        "PAPERLESS_NGX_REPORT_URL=",
        "PAPERLESS_NGX_REPORTING=",
    ]


@needs("sh")
def test_a_shell_reads_env_as_the_same_variables(tmp_path: Path) -> None:
    url = "https://reports.example.org/?a=$HOME&b=`id`;c#d"
    off = {"reporting": False, "decided": {"reporting": "configuration"}}
    stamp = BETA._replace(report_url=url, **off)
    (tmp_path / "stamp.env").write_text(formats.format_env(PROJECT, stamp))

    done = subprocess.run(
        ("sh", "-c", "set -a; . ./stamp.env; env"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    read = [it for it in done.stdout.splitlines() if it.startswith("PAPERLESS_NGX_")]
    assert sorted(read) == sorted(
        formats.format_build_args(PROJECT, stamp).splitlines()
    )


@pytest.mark.parametrize("name", ["build-args", "env"])
def test_no_build_accepts_the_variables_of_a_failed_show(name: str) -> None:
    variable, value = formats.format_failure(name, "PAPERLESS_NGX").split("=")

    with pytest.raises(EnvironmentVariableError, match="PAPERLESS_NGX_SOURCE_COMMIT"):
        overrides.read_facts({variable: value}, "PAPERLESS_NGX", DEFAULT_PATTERN)


def test_labels_are_oci_annotations_with_the_full_commit() -> None:
    assert formats.format_labels(PROJECT, BETA).splitlines() == [
        "org.opencontainers.image.title=paperless-ngx",
        "org.opencontainers.image.version=2.15.0-beta.rc1",
        f"org.opencontainers.image.revision={SHA}",
        f"org.opencontainers.image.created={DATE}",
    ]
    assert (
        formats.format_labels(PROJECT, NONE)
        == "org.opencontainers.image.title=paperless-ngx"
    )
