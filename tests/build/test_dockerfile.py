import re
from pathlib import Path, PurePosixPath

import pytest

from build_hooks import cli, overrides
from build_hooks.dockerfile import format_dockerfile


def test_the_lines_have_the_names_of_the_project() -> None:
    assert format_dockerfile(
        PurePosixPath("src/shelf"), "SHELF", ["pyproject.toml"]
    ) == (
        """\
# Stamp a copy of the source, in a stage that leaves nothing else in the image.
FROM python:3-slim AS stamp
# Uncomment these, if pip gets the package from the folder wheels next to this file:
# COPY wheels /wheels
# ENV PIP_FIND_LINKS=/wheels
RUN python -m pip install --no-cache-dir paperless-report
WORKDIR /stamp
COPY pyproject.toml ./
COPY src src
ARG SHELF_SOURCE_COMMIT SHELF_BUILD_DATE SHELF_TAG
ARG SHELF_CHANNEL SHELF_REPORT_URL SHELF_REPORTING
# Set it to 0 to allow a dev build.
ARG SHELF_STRICT=1
RUN build-stamp write src/shelf --env-prefix SHELF

# In the final stage, copy the source from here, to the folder where it goes now. A build
# that does not copy it leaves out the stamp:
# COPY --from=stamp /stamp/src src
# Labels for the image. Put these two lines last:
# ARG SHELF_SOURCE_COMMIT SHELF_BUILD_DATE
# LABEL org.opencontainers.image.revision="$SHELF_SOURCE_COMMIT" \
org.opencontainers.image.created="$SHELF_BUILD_DATE"\
"""
    )


@pytest.mark.parametrize(
    ("package", "copied"),
    [
        ("shelf", "shelf"),
        ("src/shelf", "src"),
        ("python/src/shelf", "python/src"),
        ("src/acme/shelf", "src/acme"),
    ],
)
def test_the_source_is_copied_to_the_same_place(package: str, copied: str) -> None:
    lines = format_dockerfile(PurePosixPath(package), "SHELF", []).splitlines()

    assert f"COPY {copied} {copied}" in lines
    assert f"# COPY --from=stamp /stamp/{copied} {copied}" in lines


def test_the_files_that_configure_the_stamp_are_copied() -> None:
    both = ["pyproject.toml", "hatch.toml"]

    assert "COPY pyproject.toml hatch.toml ./\n" in (
        format_dockerfile(PurePosixPath("shelf"), "SHELF", both)
    )
    assert "./" not in format_dockerfile(PurePosixPath("shelf"), "SHELF", [])


def test_every_variable_is_declared() -> None:
    lines = format_dockerfile(PurePosixPath("shelf"), "SHELF", [])

    declared = re.findall(
        r"SHELF_([A-Z_]+)", " ".join(re.findall("^ARG .*", lines, re.MULTILINE))
    )
    assert declared == [*overrides.VARIABLES, *overrides.STRICT]


def test_without_a_project_the_context_is_the_current_folder(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "src/shelf").mkdir(parents=True)
    (tmp_path / "src/shelf/__init__.py").touch()
    monkeypatch.chdir(tmp_path)

    assert cli.main(["show", "src/shelf", "--format", "dockerfile"]) == 0

    printed = capsys.readouterr().out
    assert "\nCOPY src src\n" in printed
    assert "\nRUN build-stamp write src/shelf --env-prefix SHELF\n" in printed
