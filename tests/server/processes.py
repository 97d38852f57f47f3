"""Runs the server's own process, and reads what it says and stores."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.waiting import MOST_SECONDS
from usage_receiver import configuration, node, settings, tree
from usage_receiver.database import DATABASE

_SCRIPT = tree.WORKER / "server" / "main.ts"


class Receiver:
    """A server that runs, with its database in *data*."""

    def __init__(
        self, process: subprocess.Popen[str], data: Path, log: Path, url: str
    ) -> None:
        self.process = process
        self.data = data
        self.url = url
        self._log = log

    def read_log(self) -> list[dict[str, Any]]:
        """Every line of the log."""
        return [json.loads(line) for line in self._log.read_text("utf-8").splitlines()]

    def read_messages(self, level: str) -> list[str]:
        """The messages of the log that have this level."""
        return [line["message"] for line in self.read_log() if line["level"] == level]

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement in this process, beside the server."""
        connection = sqlite3.connect(self.data / DATABASE)
        with contextlib.closing(connection), connection:
            return connection.execute(sql, parameters).fetchall()

    def count(self, table: str = "reports") -> int:
        ((count,),) = self.query(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608  # a name
        return int(count)

    def read_memory(self) -> int:
        """The process's resident memory, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [it for it in status.splitlines() if it.startswith("VmRSS:")]
        return int(line.split()[1]) * 1024

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(MOST_SECONDS)

    def stop(self) -> int:
        """End the server as a service manager does, and return its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(MOST_SECONDS)


def make_command(data: Path, **options: object) -> tuple[str, ...]:
    """The command that serves paperless-ngx on a free port, without rate limits."""
    configured = settings.make_settings(
        configuration.PAPERLESS_NGX,
        str(data),
        "local",
        {
            "command": "serve",
            "host": "127.0.0.1",
            "port": 0,
            "minutes": None,
            "secretFile": None,
            "trustedProxies": [],
            "durability": "normal",
            "local": False,
            **options,
        },
    )
    return tuple(node.make_command(_SCRIPT, json.dumps(configured)))


@contextlib.contextmanager
def run_receiver(
    data: Path,
    *,
    prepare: Callable[[], None] | None = None,
    ends_itself: bool = False,
    **options: object,
) -> Iterator[Receiver]:
    """Run the server until the end of the block.

    Args:
        data: The folder of the database.
        prepare: Runs in the new process before the server.
        ends_itself: Whether the test ends the server in another way.
        options: Settings that replace those of `make_command`.
    """
    data.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(  # the tests have no threads then
            make_command(data, **options),
            env=node.make_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=prepare,  # noqa: PLW1509  # the tests have no threads then
        )
        with process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().strip()
                assert url, Path(log.name).read_text("utf-8")
                receiver = Receiver(process, data, Path(log.name), url)
                yield receiver
                assert ends_itself or receiver.stop() == 0
            finally:
                process.kill()
