"""A host in place, its report sent to the real Worker, and the row read back."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.pipeline import flow
from worker.local.harness import Harness


def manage(
    place: Path,
    data: Path,
    *words: str,
    url: str = "",
    answer: str = "",
    settings: str = "paperless.settings",
) -> str:
    """Run a management command of the host in *place*; give what it printed."""
    return flow.run(
        *(sys.executable, "-P", "-m", "django", *words),
        environ={
            "PATH": os.environ["PATH"],
            "HOME": str(data),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(place),
            "DJANGO_SETTINGS_MODULE": settings,
            "PAPERLESS_DATA_DIR": str(data),
            "PAPERLESS_USAGE_REPORTING_URL": url,
        },
        answer=answer,
    )


def row_of(
    place: Path, data: Path, database: Path, worker: Harness
) -> Mapping[str, Any]:
    """Install the database, send a report, and give the row that D1 then holds.

    Args:
        place: Where the host is imported from.
        data: Its PAPERLESS_DATA_DIR, to be made.
        database: A migrated one, to start with.
        worker: The Worker that it reports to.
    """
    data.mkdir()
    shutil.copy(database, data / "db.sqlite3")
    return sent(place, data, worker)


def sent(
    place: Path, data: Path, worker: Harness, settings: str = "paperless.settings"
) -> Mapping[str, Any]:
    """Send a report of the host in *place*, and give the row that D1 then holds."""
    command = "send_usage_report"
    printed = manage(
        place, data, command, url=worker.url, answer="y\n", settings=settings
    )
    assert printed.endswith("Report sent. Thank you!\n"), printed
    return stored(data, worker)


def stored(data: Path, worker: Harness) -> Mapping[str, Any]:
    """The row that D1 holds of the host whose data directory is *data*."""
    uuid = (data / "usage_uuid").read_text(encoding="utf-8").strip()
    (row,) = worker.query("SELECT * FROM reports WHERE uuid = ?1", uuid)
    return row
