"""Our command as it would be with the obvious count."""

from typing import Any

from documents.models import Document
from paperless_report.collectors import COLLECTORS
from paperless_report.management.commands import send_usage_report


class Command(send_usage_report.Command):
    """The same, but for `COUNT(*)` over all documents."""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Count, and go on as usual."""

        def count_all() -> str:
            live = Document.objects.filter(root_document__isnull=True)
            return "50000+" if live.count() >= 50_000 else "0-99"

        COLLECTORS["doc_bucket"] = count_all
        super().handle(*args, **options)
