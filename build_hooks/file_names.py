"""Parses the names of wheels and sdists, which installers trust. Pure."""

import re

from build_hooks import tags


def parse_file_name(file: str) -> tuple[str, str] | None:
    """Return the project and the version in the name of a wheel or an sdist.

    None if an installer would refuse the name.
    """
    from packaging import utils  # noqa: PLC0415  # only wheels and sdists need it

    stem = re.sub(r"\.(tar\.\w+|tar|tgz)$", "", file)
    try:
        if file.endswith(".whl"):
            name, version, _, _ = utils.parse_wheel_filename(file)
        else:
            # An sdist has this suffix; a tarball of another compression has its name, too.
            name, version = utils.parse_sdist_filename(f"{stem}.tar.gz")
    except (utils.InvalidWheelFilename, utils.InvalidSdistFilename):
        return None
    return name, str(version)


def is_same_project(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Whether two names and versions are equal, however they are written."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415  # as above

    names = {canonicalize_name(name) for name, _ in (first, second)}
    return len(names) == 1 and tags.is_same_version(first[1], second[1])
