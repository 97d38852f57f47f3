"""Makes a project's folder outside the repository, with a contract that tests change."""

import copy
import json
from pathlib import Path
from typing import Any

from usage_receiver import generate
from worker.local import toolchain

Schema = dict[str, Any]

_UUID = (
    "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"  # version 4
)
CONTRACT: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Sample report",
    "type": "object",
    "x-installation-id": "uuid",
    "x-once-in-days": 7,
    "properties": {
        "uuid": {
            "title": "Installation ID",
            "type": "string",
            "pattern": _UUID,
            "maxLength": 36,
        },
        "version": {
            "title": "Version",
            "type": "string",
            "pattern": "^[0-9]{1,4}\\.[0-9]{1,4}$",
            "maxLength": 9,
            "x-published": True,
        },
        "size": {
            "title": "Size",
            "type": "string",
            "enum": ["0-99", "100+"],
            "x-published": True,
        },
        "users": {
            "title": "Users",
            "type": "integer",
            "minimum": 0,
            "maximum": 1000,
        },
    },
    "required": ["uuid", "version"],
}
PROJECT = """
import schema from "./report.schema.json" with { type: "json" };
import storage from "./storage.json" with { type: "json" };
import { defineProject, defineReportKind } from "usage-receiver";

export const define = (schema) =>
  defineProject({
    name: "sample",
    privacyPage: "https://example.org/privacy",
    kinds: [defineReportKind({ name: "report", schema, storage })],
    overTime: { field: "version", plural: "versions" },
  });
export const project = define(schema);
"""


ONCE = {"mode": "once", "table": "reports", "latestTable": "installations"}


FIRST = "0001_tables.sql"
# By contract and storage, as JSON.
_FIRST_MIGRATIONS: dict[str, str] = {}


class SampleProject:
    """A project's folder: its contract, its `project.ts` and its migrations."""

    def __init__(self, folder: Path, project: str = PROJECT) -> None:
        self.folder = folder
        self.migrations = folder / "migrations"
        self.contract = copy.deepcopy(CONTRACT)
        self.storage: dict[str, object] = {**ONCE}
        self.migrations.mkdir(parents=True)
        (folder / "project.ts").write_text(project, encoding="utf-8")
        package = {
            "type": "module",
            "dependencies": {toolchain.ENGINE: f"file:{toolchain.WORKER}"},
        }
        (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
        toolchain.link_packages(folder)
        self.save()

    @property
    def properties(self) -> Schema:
        properties: Schema = self.contract["properties"]
        return properties

    def save(self) -> None:
        """Write the contract and the storage."""
        for name, content in (
            ("report.schema.json", self.contract),
            ("storage.json", self.storage),
        ):
            (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def write_first_migration(self) -> None:
        """Write the migration of a new project. Node writes it once for each contract."""
        key = json.dumps((self.contract, self.storage))
        if key not in _FIRST_MIGRATIONS:
            generate.write_migration(self.folder)
            _FIRST_MIGRATIONS[key] = self.read_migrations()[FIRST]
        (self.migrations / FIRST).write_text(_FIRST_MIGRATIONS[key], encoding="utf-8")

    def read_migrations(self) -> dict[str, str]:
        """The text of each migration, by its file name."""
        return {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted(self.migrations.iterdir())
        }
