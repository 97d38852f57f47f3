"""Our command with the obvious way to count documents."""

from typing import Any

from documents.models import Document
from paperless_report.host import collectors
from paperless_report.management.commands import send_usage_report


class Command(send_usage_report.Command):
    """The same, but for `COUNT(*)` over all documents."""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Replace the collector, then run as usual."""

        def count_all() -> str:
            live = Document.objects.filter(root_document__isnull=True)
            return "50000+" if live.count() >= 50_000 else "0-99"

        collectors.count_documents = count_all
        super().handle(*args, **options)
