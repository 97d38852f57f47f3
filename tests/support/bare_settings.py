"""The demo host's settings, without what a test says that they lack."""

import os

from paperless.settings import *  # noqa: F403  # Django's way to derive settings

for _name in os.environ.get("PAPERLESS_SETTINGS_LACK", "").split():
    del globals()[_name]
