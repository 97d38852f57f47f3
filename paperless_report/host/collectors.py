"""Collects the fields that every installation has, one function per field.

A function may return None or fail; its caller then leaves the field out. The
installation ID has no collector: `state.identity` keeps it.
"""

import contextlib
import os
import platform
import sys
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model

from paperless_report import contract
from paperless_report.contract import Value
from paperless_report.host import package
from paperless_report.host.install_type import detect_install_type
from paperless_report.host.project import name_variables
from paperless_report.report.kind import Collector

# Accounts that every host creates for itself (decision P2).
_SYSTEM_ACCOUNTS: Final = ("consumer", "AnonymousUser")


def read_version() -> Value | None:
    """Return the host's X.Y.Z, unchanged (decision P7)."""
    return str(package.import_version().__full_version_str__)


def read_channel() -> Value | None:
    """Return the stamped channel; `dev` for a host that has none (decision P6).

    A host without a version.py that states its version has the channel in build_info.py.
    """
    channel = None
    with contextlib.suppress(ModuleNotFoundError):
        channel = getattr(package.import_version(), "__channel__", None)
    return str(channel or package.read_constant("build_info.py", "CHANNEL") or "dev")


def read_commit() -> Value | None:
    """Return the stamped commit."""
    return package.read_constant("build_info.py", "SOURCE_COMMIT")


def read_build_date() -> Value | None:
    """Return the stamped date."""
    return package.read_constant("build_info.py", "BUILD_DATE")


def find_install_type() -> Value | None:
    """Return how the host was installed, or the distribution's name (decision P5)."""
    detected = detect_install_type(
        os.environ,
        sys.executable,
        package.find_package_dir(),
        containerized=name_variables().containerized,
    )
    if detected != "distro":
        return detected
    _, distributions = contract.load_fields()["install_type"].schema["anyOf"]
    name = package.read_constant("distro_info.py", "DISTRO")
    return name if name in distributions["enum"] else detected


def read_architecture() -> Value | None:
    """Return the processor architecture."""
    return platform.machine()


def read_python_version() -> Value | None:
    """Return the version of Python."""
    return platform.python_version()


def read_database() -> Value | None:
    """Return the last part of the database engine's name."""
    engine: str = settings.DATABASES["default"]["ENGINE"]
    return engine.rpartition(".")[2]


def has_several_users() -> Value | None:
    """Return whether more than one person has an account (decision P2)."""
    people = get_user_model()._default_manager.exclude(username__in=_SYSTEM_ACCOUNTS)
    return people.order_by()[:2].count() > 1


# These need no database, so that `manage.py check` can run them.
FACTS: Final[dict[str, Collector]] = {
    "version": read_version,
    "channel": read_channel,
    "commit": read_commit,
    "build_date": read_build_date,
    "install_type": find_install_type,
    "arch": read_architecture,
    "python": read_python_version,
    "database": read_database,
}
COLLECTORS: Final[dict[str, Collector]] = {**FACTS, "multi_user": has_several_users}
