import re
from pathlib import PurePosixPath

import pytest

from build_hooks import overrides
from build_hooks.dockerfile import format_dockerfile


def test_the_lines_have_the_names_of_the_project() -> None:
    assert format_dockerfile(
        PurePosixPath("src/shelf"), "SHELF", ["pyproject.toml"]
    ) == (
        """\
# Stamp a copy of the source, in a stage that leaves nothing else in the image.
FROM python:3-slim AS stamp
RUN python -m pip install --no-cache-dir paperless-report
WORKDIR /stamp
COPY pyproject.toml ./
COPY src src
ARG SHELF_SOURCE_COMMIT SHELF_BUILD_DATE SHELF_TAG
ARG SHELF_CHANNEL SHELF_REPORT_URL SHELF_REPORTING
# Set it to 0 to allow a dev build.
ARG SHELF_STRICT=1
RUN build-stamp write src/shelf --env-prefix SHELF

# In the final stage, copy the source from here:
# COPY --from=stamp /stamp/src src"""
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
