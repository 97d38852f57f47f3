"""Sends a host's report to the real Worker and reads the stored row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.pipeline.hosts import Host
from worker.local.harness import Harness

Row = Mapping[str, Any]


def send(host: Host, worker: Harness) -> Row:
    """Send a report of *host*, which must be accepted; return its row."""
    printed = host.manage("send_usage_report", answer="y\n")
    assert printed.endswith("Report sent. Thank you!\n"), printed
    return read_row(host.data, worker)


def read_row(data: Path, worker: Harness) -> Row:
    """Return the only row of the host whose data directory is *data*."""
    uuid = (data / "usage_uuid").read_text(encoding="utf-8").strip()
    (row,) = worker.query("SELECT * FROM reports WHERE uuid = ?1", uuid)
    return row


def read_stamp(row: Row) -> dict[str, str]:
    """Return the columns of *row* that describe the release."""
    return {name: row[name] for name in ("version", "channel", "commit", "build_date")}
