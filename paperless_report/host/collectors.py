"""Collects the fields that every installation of a Django project has.

A function may return None or fail; its caller then leaves the field out. The
installation ID has no collector: `state.identity` keeps it.
"""

from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model

from paperless_report.contract import Value
from paperless_report.facts.collectors import list_facts
from paperless_report.host.project import find_project, name_variables
from paperless_report.report.kind import Collector

# Accounts that every host creates for itself (decision P2).
_SYSTEM_ACCOUNTS: Final = ("consumer", "AnonymousUser")


def read_database() -> Value | None:
    """Return the last part of the database engine's name."""
    engine: str = settings.DATABASES["default"]["ENGINE"]
    return engine.rpartition(".")[2]


def has_several_users() -> Value | None:
    """Return whether more than one person has an account (decision P2)."""
    people = get_user_model()._default_manager.exclude(username__in=_SYSTEM_ACCOUNTS)
    return people.order_by()[:2].count() > 1


def _read_fact(name: str) -> Collector:
    """Return a function that collects a fact of the project in the settings."""

    def read() -> Value | None:
        facts = list_facts(find_project().package, name_variables().containerized)
        return facts[name]() if name in facts else None

    return read


# These need no database, so that `manage.py check` can run them.
FACTS: Final[dict[str, Collector]] = {
    **{name: _read_fact(name) for name in list_facts("", "")},
    "database": read_database,
}
NEED_DJANGO: Final = ("database", "multi_user")
COLLECTORS: Final[dict[str, Collector]] = {**FACTS, "multi_user": has_several_users}
