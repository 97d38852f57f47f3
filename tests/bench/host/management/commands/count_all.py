"""Our command with the obvious way to count documents."""

from typing import Any

from documents.models import Document
from paperless_report.host import paperless_ngx
from paperless_report.management.commands import send_usage_report


class Command(send_usage_report.Command):
    """The same, but for `COUNT(*)` over all documents."""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Replace the collector, then run as usual."""

        def count_all() -> int:
            return Document.objects.filter(root_document__isnull=True).count()

        paperless_ngx.COLLECTORS["doc_bucket"] = count_all
        super().handle(*args, **options)
