"""Collects the fields that every program has, one function per field.

A function may return None or fail; its caller then leaves the field out.
"""

import contextlib
import os
import platform
import sys
from functools import partial

from paperless_report import contract
from paperless_report.contract import Value
from paperless_report.facts import package as package_files
from paperless_report.facts.install_type import detect_install_type
from paperless_report.report.kind import Collector


def read_version(package: str) -> Value | None:
    """Return the X.Y.Z of *package*, unchanged (decision P7)."""
    return str(package_files.import_version(package).__full_version_str__)


def read_channel(package: str) -> Value | None:
    """Return the stamped channel; `dev` for a package that has none (decision P6).

    A package without a version.py that states its version has the channel in
    build_info.py.
    """
    channel = None
    with contextlib.suppress(ModuleNotFoundError):
        channel = getattr(package_files.import_version(package), "__channel__", None)
    stamped = package_files.read_constant(package, "build_info.py", "CHANNEL")
    return str(channel or stamped or "dev")


def read_commit(package: str) -> Value | None:
    """Return the stamped commit."""
    return package_files.read_constant(package, "build_info.py", "SOURCE_COMMIT")


def read_build_date(package: str) -> Value | None:
    """Return the stamped date."""
    return package_files.read_constant(package, "build_info.py", "BUILD_DATE")


def find_install_type(package: str, containerized: str) -> Value | None:
    """Return how *package* was installed, or the distribution's name (decision P5).

    Args:
        package: The name of the project's package.
        containerized: The variable that the project's own image sets to `1`.
    """
    detected = detect_install_type(
        os.environ,
        sys.executable,
        package_files.find_package_dir(package),
        containerized=containerized,
    )
    if detected != "distro":
        return detected
    _, distributions = contract.load_fields()["install_type"].schema["anyOf"]
    name = package_files.read_constant(package, "distro_info.py", "DISTRO")
    return name if name in distributions["enum"] else detected


def read_architecture() -> Value | None:
    """Return the processor architecture."""
    return platform.machine()


def read_python_version() -> Value | None:
    """Return the version of Python."""
    return platform.python_version()


def list_facts(package: str | None, containerized: str) -> dict[str, Collector]:
    """Return the collectors of this module by the names of their fields.

    Args:
        package: The name of the project's package. Without one, there is no version,
            no stamp and no install type.
        containerized: The variable that the project's own image sets to `1`.
    """
    machine: dict[str, Collector] = {
        "arch": read_architecture,
        "python": read_python_version,
    }
    if package is None:
        return machine
    return {
        "version": partial(read_version, package),
        "channel": partial(read_channel, package),
        "commit": partial(read_commit, package),
        "build_date": partial(read_build_date, package),
        "install_type": partial(find_install_type, package, containerized),
        **machine,
    }
