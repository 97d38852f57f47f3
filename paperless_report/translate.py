"""Translates texts with Django where a host has configured it; else they stay English.

A text is translated when it is shown, so the same module serves a Django host and a
program without Django, which is never imported here.
"""

import sys
from types import ModuleType


def gettext(message: str) -> str:
    """Translate *message*."""
    django = _find_django()
    return str(django.gettext(message)) if django else message


def ngettext(singular: str, plural: str, number: int) -> str:
    """Translate *singular* or *plural*, whichever form *number* takes."""
    django = _find_django()
    if django:
        return str(django.ngettext(singular, plural, number))
    return singular if number == 1 else plural


def pgettext(context: str, message: str) -> str:
    """Translate *message* as it is used in *context*."""
    django = _find_django()
    return str(django.pgettext(context, message)) if django else message


class gettext_lazy:  # noqa: N801  # the name that tools extract messages by
    """A message that is translated each time it becomes a string."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __str__(self) -> str:
        """Translate the message."""
        return gettext(self._message)


def has_django() -> bool:
    """Return whether this process has Django's settings."""
    return _find_django() is not None


def _find_django() -> ModuleType | None:
    """Return Django's translations if this process has Django's settings."""
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured:
        return None
    return sys.modules.get("django.utils.translation")
