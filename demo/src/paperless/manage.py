"""`manage.py`, both in the work tree and as the script that the wheel installs."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paperless.settings")
    from paperless.settings import DATA_DIR  # noqa: PLC0415  # reads the variable above

    DATA_DIR.mkdir(parents=True, exist_ok=True)
    execute_from_command_line(sys.argv)
