"""Collects the fields that only paperless-ngx has, as any project collects its own."""

from typing import Any, Final

from django.apps import apps
from django.conf import settings

from paperless_report import contract
from paperless_report.report.kind import Collector
from paperless_report.report.ranges import list_ranges


def count_documents() -> int:
    """Count the documents, up to the least of the last range (decision P1)."""
    document = _get_model("documents", "Document")
    live = document._default_manager.all()
    # Since v3 a version of a file is a row of its own, below its root document.
    if _has_field(document, "root_document"):
        live = live.filter(root_document__isnull=True)
    ranges = list_ranges(contract.load_fields()["doc_bucket"].schema)
    count: int = live.order_by()[: max(it.least for it in ranges)].count()
    return count


def has_mail_account() -> bool:
    """Return whether a mail account is set up (decision P4)."""
    accounts = _get_model("paperless_mail", "MailAccount")._default_manager.all()
    return bool(accounts.exists())


def has_ai() -> bool:
    """Return whether the settings or the configuration row turn AI on (decision P3)."""
    if getattr(settings, "AI_ENABLED", False):
        return True
    configuration = _get_model("paperless", "ApplicationConfiguration")
    if not _has_field(configuration, "ai_enabled"):
        return False  # paperless-ngx before v3 has no AI features
    # A query of our own: the host's reader creates the row if it is not there.
    turned_on = configuration._default_manager.filter(ai_enabled=True)
    return bool(turned_on.exists())


def _has_field(model: Any, name: str) -> bool:  # noqa: ANN401  # see `_get_model`
    return any(field.name == name for field in model._meta.get_fields())


def _get_model(app: str, name: str) -> Any:  # noqa: ANN401  # the host's models have no types here
    return apps.get_model(app, name)


COLLECTORS: Final[dict[str, Collector]] = {
    "doc_bucket": count_documents,
    "feature_mail": has_mail_account,
    "feature_ai": has_ai,
}
