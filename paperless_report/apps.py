"""The app, as `INSTALLED_APPS` (or `PAPERLESS_APPS`) names it."""

from django.apps import AppConfig


class PaperlessReportConfig(AppConfig):
    """Adds one management command; no model, no signal, nothing at start-up."""

    name = "paperless_report"
    verbose_name = "Usage reporting"
