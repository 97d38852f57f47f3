"""Writes the lines of a Dockerfile that stamp a project's source. Pure."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from build_hooks import overrides


def format_dockerfile(
    package: PurePosixPath, prefix: str, configuration: Sequence[str]
) -> str:
    """Format a build stage that stamps a copy of the source, and how to use the result.

    The final image gets the stamped source, and neither this package nor git.

    Args:
        package: The folder of the stamped package, relative to the build context.
        prefix: The prefix of the project's variables.
        configuration: The files in the context that configure the stamp.
    """
    # Next to the package, `src` may contain others.
    source = package if package.parent == PurePosixPath() else package.parent
    copied = f"COPY {' '.join(configuration)} ./\n" if configuration else ""
    names = [f"{prefix}_{fact}" for fact in overrides.VARIABLES]
    return f"""\
# Stamp a copy of the source, in a stage that leaves nothing else in the image.
FROM python:3-slim AS stamp
# Uncomment these, if pip gets the package from the folder wheels next to this file:
# COPY wheels /wheels
# ENV PIP_FIND_LINKS=/wheels
RUN python -m pip install --no-cache-dir paperless-report
WORKDIR /stamp
{copied}COPY {source} {source}
ARG {" ".join(names[:3])}
ARG {" ".join(names[3:])}
# Set it to 0 to allow a dev build.
ARG {prefix}_STRICT=1
RUN build-stamp write {package} --env-prefix {prefix}

# In the final stage, copy the source from here, to the folder where it goes now. A build
# that does not copy it leaves out the stamp:
# COPY --from=stamp /stamp/{source} {source}
# Labels for the image. Put these two lines last:
# ARG {" ".join(names[:2])}
# LABEL {_format_labels(prefix)}"""


def _format_labels(prefix: str) -> str:
    start = "org.opencontainers.image"
    return (
        f'{start}.revision="${prefix}_SOURCE_COMMIT" '
        f'{start}.created="${prefix}_BUILD_DATE"'
    )
