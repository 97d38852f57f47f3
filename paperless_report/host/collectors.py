"""Collects the fields of a usage report from the host, one function per field.

A function may return None or fail; its caller then leaves the field out. The
installation ID has no collector: `state.identity` keeps it.
"""

import contextlib
import os
import platform
import sys
from collections.abc import Callable
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model

from paperless_report import contract
from paperless_report.contract import Value
from paperless_report.host import package
from paperless_report.host.database import Patience, savepoint
from paperless_report.host.install_type import detect_install_type
from paperless_report.report.kind import Collectors

# Lower bounds of the ranges, and their names (spec, "Document count buckets").
_BUCKETS: Final = (
    (50_000, "50000+"),
    (10_000, "10000-49999"),
    (1_000, "1000-9999"),
    (100, "100-999"),
    (0, "0-99"),
)
# Accounts that every host creates for itself (decision P2).
_SYSTEM_ACCOUNTS: Final = ("consumer", "AnonymousUser")


def list_usage_collectors(
    on_slow: Callable[[], object] = lambda: None,
) -> Collectors:
    """Return the collector of each field of the report kind `report`.

    Args:
        on_slow: Called once if the database does not answer within two seconds.
    """
    patience = Patience(on_slow)
    return {
        "version": read_version,
        "channel": read_channel,
        "commit": read_commit,
        "build_date": read_build_date,
        "install_type": find_install_type,
        "arch": read_architecture,
        "python": read_python_version,
        "database": read_database,
        "doc_bucket": patience.wrap(count_documents),
        "multi_user": patience.wrap(has_several_users),
        "feature_mail": patience.wrap(has_mail_account),
        "feature_ai": patience.wrap(has_ai),
    }


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
        os.environ, sys.executable, package.find_package_dir()
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


def count_documents() -> Value | None:
    """Return the range that the number of documents lies in (decision P1)."""
    document = _get_model("documents", "Document")
    live = document._default_manager.all()
    # Since v3 a version of a file is a row of its own, below its root document.
    if _has_field(document, "root_document"):
        live = live.filter(root_document__isnull=True)
    most = _BUCKETS[0][0]
    with savepoint(live.db):
        count = live.order_by()[:most].count()
    return next(name for least, name in _BUCKETS if count >= least)


def has_several_users() -> Value | None:
    """Return whether more than one person has an account (decision P2)."""
    people = get_user_model()._default_manager.exclude(username__in=_SYSTEM_ACCOUNTS)
    with savepoint(people.db):
        return people.order_by()[:2].count() > 1


def has_mail_account() -> Value | None:
    """Return whether a mail account is set up (decision P4)."""
    accounts = _get_model("paperless_mail", "MailAccount")._default_manager.all()
    with savepoint(accounts.db):
        return bool(accounts.exists())


def has_ai() -> Value | None:
    """Return whether the settings or the configuration row turn AI on (decision P3)."""
    if getattr(settings, "AI_ENABLED", False):
        return True
    configuration = _get_model("paperless", "ApplicationConfiguration")
    if not _has_field(configuration, "ai_enabled"):
        return False  # paperless-ngx before v3 has no AI features
    # A query of our own: the host's reader creates the row if it is not there.
    turned_on = configuration._default_manager.filter(ai_enabled=True)
    with savepoint(turned_on.db):
        return bool(turned_on.exists())


def _has_field(model: Any, name: str) -> bool:  # noqa: ANN401  # see `_get_model`
    return any(field.name == name for field in model._meta.get_fields())


def _get_model(app: str, name: str) -> Any:  # noqa: ANN401  # the host's models have no types here
    return apps.get_model(app, name)
