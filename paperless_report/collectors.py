"""One function a field: what the host says of itself.

Each gives a value or None, and may fail: its caller leaves the field out. The
installation ID is not collected but kept: see `identity`.
"""

import os
import platform
import sys
from collections.abc import Callable
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model

from paperless_report import contract, host, install_type
from paperless_report.contract import Value

# Lower bounds of the ranges, and their names (spec, "Document count buckets").
_BUCKETS: Final = (
    (50_000, "50000+"),
    (10_000, "10000-49999"),
    (1_000, "1000-9999"),
    (100, "100-999"),
    (0, "0-99"),
)
# Accounts that every host makes for itself (decision P2).
_NO_PEOPLE: Final = ("consumer", "AnonymousUser")


def version() -> Value | None:
    """The host's X.Y.Z, as it is (decision P7)."""
    found = host.version_module().__full_version_str__
    return str(found)


def channel() -> Value | None:
    """The stamped channel; a host of before the stamp is a dev build (P6)."""
    return str(getattr(host.version_module(), "__channel__", "dev"))


def commit() -> Value | None:
    """The stamped commit."""
    return host.string_constant("build_info.py", "SOURCE_COMMIT")


def build_date() -> Value | None:
    """The stamped date."""
    return host.string_constant("build_info.py", "BUILD_DATE")


def install_kind() -> Value | None:
    """How the host was installed, or the distribution's name for it (P5)."""
    kind = install_type.detect(os.environ, sys.executable, host.package_dir())
    if kind != "distro":
        return kind
    name = host.string_constant("distro_info.py", "DISTRO")
    _, distributions = contract.load_fields()["install_type"].schema["anyOf"]
    return name if name in distributions["enum"] else kind


def arch() -> Value | None:
    """The processor architecture."""
    return platform.machine()


def python() -> Value | None:
    """The version of Python."""
    return platform.python_version()


def database() -> Value | None:
    """The last part of the database engine's name."""
    engine: str = settings.DATABASES["default"]["ENGINE"]
    return engine.rpartition(".")[2]


def doc_bucket() -> Value | None:
    """The range that the number of documents lies in (P1)."""
    document = _model("documents", "Document")
    live = document._default_manager.all()
    # Since v3 a version of a file is a row of its own, below its root document.
    if _has_field(document, "root_document"):
        live = live.filter(root_document__isnull=True)
    most = _BUCKETS[0][0]
    count = live.order_by()[:most].count()
    return next(name for least, name in _BUCKETS if count >= least)


def multi_user() -> Value | None:
    """Whether there is more than one account of a person (P2)."""
    people = get_user_model()._default_manager.exclude(username__in=_NO_PEOPLE)
    return people.order_by()[:2].count() > 1


def feature_mail() -> Value | None:
    """Whether a mail account is set up (P4)."""
    return bool(_model("paperless_mail", "MailAccount")._default_manager.exists())


def feature_ai() -> Value | None:
    """Whether AI is on, in the settings or in the configuration row (P3)."""
    if getattr(settings, "AI_ENABLED", False):
        return True
    configuration = _model("paperless", "ApplicationConfiguration")
    if not _has_field(configuration, "ai_enabled"):
        return False  # a host of before v3 has no such features
    # A query, not the host's reader: that one creates the row.
    return bool(configuration._default_manager.filter(ai_enabled=True).exists())


COLLECTORS: Final[dict[str, Callable[[], Value | None]]] = {
    "version": version,
    "channel": channel,
    "commit": commit,
    "build_date": build_date,
    "install_type": install_kind,
    "arch": arch,
    "python": python,
    "database": database,
    "doc_bucket": doc_bucket,
    "multi_user": multi_user,
    "feature_mail": feature_mail,
    "feature_ai": feature_ai,
}


def _has_field(model: Any, name: str) -> bool:  # noqa: ANN401  # see `_model`
    return any(field.name == name for field in model._meta.get_fields())


def _model(app: str, name: str) -> Any:  # noqa: ANN401  # the host's models are not ours to name
    return apps.get_model(app, name)
