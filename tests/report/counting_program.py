"""A program without Django that counts."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

from paperless_report.project import Project
from paperless_report.reporter import Reporter

PATH = f"{__name__}:project"
_ID = {
    "title": "Installation ID",
    "description": "A random ID. Answers: how many installations are there?",
    "type": "string",
    "pattern": "^[0-9a-f-]{36}$",
    "maxLength": 36,
    "examples": ["0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"],
}
LAYOUT: dict[str, Any] = {
    "title": "Layout",
    "description": "How shelves are shown. Answers: is the list still used?",
    "type": "string",
    "enum": ["grid", "list"],
    "examples": ["grid"],
}
CONTRACT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Report",
    "type": "object",
    "x-installation-id": "id",
    "properties": {"id": _ID, "layout": LAYOUT},
    "required": ["id", "layout"],
}
_SUM = {"type": "integer", "minimum": 0, "maximum": 1000, "examples": [1]}
EVENTS: dict[str, Any] = {
    "command": {
        "title": "Command",
        "description": "How often people run each command.",
        "type": "object",
        "properties": {
            "name": {
                "title": "Name",
                "description": "The name of the command.",
                "type": "string",
                "enum": ["add", "remove"],
                "examples": ["add"],
            },
            "count": {**_SUM, "title": "Runs", "description": "How often it ran."},
        },
        "required": ["name", "count"],
    }
}
project = Project(
    name="Shelf life",
    page="https://shelf.example.org/reports",
    prefix="SHELF",
    data_dir=lambda: Path(os.environ["SHELF_DATA_DIR"]),
    contract=CONTRACT,
    events=EVENTS,
    collectors={"layout": lambda: "grid"},
    groups={"commands": ["command"]},
)
reporter = Reporter(project)
reporter_of_tomorrow = Reporter(
    project, clock=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
)
not_a_project = "project"
