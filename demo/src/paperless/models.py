from django.db import models


class ApplicationConfiguration(models.Model):
    """The settings that an admin changes in the browser: one row, or none yet."""

    ai_enabled = models.BooleanField(null=True)

    def __str__(self) -> str:
        return "Application configuration"
