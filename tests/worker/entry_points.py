"""Runs a receiver from another entry point than a project's own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.worker.database import split_statements
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker


@contextlib.contextmanager
def run_entry_point(
    main: Path, tables: str = "", **settings: object
) -> Iterator[Harness]:
    """Run the receiver that *main* exports, with the database and limits of paperless-ngx.

    Args:
        main: A module that exports `receiver`, and the Worker of it as its default.
        tables: SQL that creates the tables that paperless-ngx does not have.
        settings: Keys of wrangler.jsonc that replace those of paperless-ngx.
    """
    local = configuration.read_environment("local")
    with run_worker({"config": {**local, "main": str(main), **settings}}) as worker:
        for statement in split_statements(tables):
            worker.query(statement)
        yield worker
