"""The demo host's settings, with a database file that it waits for as for a server."""

from paperless.settings import *  # noqa: F403  # Django's way to derive settings
from paperless.settings import DATABASES

DATABASES["default"]["OPTIONS"] = {"timeout": 600}
