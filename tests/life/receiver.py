"""Runs the receiver of a project on Node, with the clock of the simulation."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.life.clock import Clock
from tests.worker.client import get
from tests.worker.database import select_all, tables
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

_ENTRY = Path(__file__).with_name("moved-clock.mjs")
_SECRET = "the-secret-of-the-operator-of-a-simulation"  # noqa: S105  # of this simulation
# "They disappear from the database and its log within half a minute."
_PATIENCE_SECONDS = 30


class Receiver:
    """A receiver that runs."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self.url = harness.url

    def run_daily(self, clock: Clock) -> None:
        """Do the daily work, which is due now."""
        outcome = self._harness.run_cron(clock.now)
        assert outcome == "ok", self._harness.read_log()

    def read(self, path: str) -> Any:  # noqa: ANN401  # JSON
        """GET *path* as the operator, and return the JSON."""
        answer = get(self._harness, path, Authorization=f"Bearer {_SECRET}")
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def read_secret(self) -> bytes:
        """Return the secret of the rounding, which the first daily run may draw."""
        self._harness.query(
            "INSERT OR IGNORE INTO rounding_secret VALUES (1, randomblob(32))"
        )
        (row,) = self._harness.query(
            "SELECT hex(secret) AS secret FROM rounding_secret"
        )
        return bytes.fromhex(row["secret"])

    def read_tables(self) -> dict[str, list[dict[str, Any]]]:
        """Read all rows of all tables."""
        return {name: select_all(self._harness, name) for name in tables(self._harness)}

    def read_files(self) -> bytes:
        """Return the bytes of all files of the database, once its log is empty."""
        (row,) = self._harness.query("PRAGMA database_list")
        folder = Path(row["file"]).parent
        end = time.monotonic() + _PATIENCE_SECONDS
        while any(it.stat().st_size for it in folder.glob("*-wal")):
            assert time.monotonic() < end, "the write-ahead log stays"
            time.sleep(0.1)
        return b"".join(it.read_bytes() for it in sorted(folder.iterdir()))


@contextlib.contextmanager
def run_receiver(folder: Path, clock: Clock) -> Iterator[Receiver]:
    """Run the receiver of the project in *folder* until the end of the block."""
    os.environ["LIFE_CLOCK"] = str(clock.file)
    os.environ["LIFE_PROJECT"] = (folder / "project.ts").as_uri()
    local = configuration.read_environment("local", folder)
    variables = {**local.get("vars", {}), "OPERATOR_SECRET": _SECRET}
    config = {**local, "main": str(_ENTRY), "vars": variables}
    with run_worker({"config": config}, folder, runtime="server") as harness:
        yield Receiver(harness)


def to_line(value: object) -> str:
    """Write *value* on one line."""
    return json.dumps(value, sort_keys=True, default=str)
