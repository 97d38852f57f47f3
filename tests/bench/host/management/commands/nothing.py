"""What any command of this host costs."""

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Does nothing, and imports as little as our command does at its start."""

    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own form

    def handle(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Do nothing."""
