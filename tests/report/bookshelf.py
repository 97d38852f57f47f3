"""A project with a contract and collectors of its own, for tests of other projects."""

import copy
import json
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from paperless_report import contract
from paperless_report.host.collectors import FACTS
from paperless_report.report.kind import Collector

# The least that a project's setting names.
SETTING = {
    "package": "bookshelf",
    "name": "Bookshelf",
    "page": "https://bookshelf.example.org/reports",
}
OWN_FIELDS: dict[str, dict[str, Any]] = {
    "layout": {
        "title": "The layout of the shelves",
        "description": "How shelves are shown. Answers: is the list still used?",
        "type": "string",
        "enum": ["grid", "list"],
        "examples": ["grid"],
        "x-published": True,
    },
    "book_bucket": {
        "title": "Books",
        "description": "The number of books. Answers: how large are libraries?",
        "type": "string",
        "enum": ["0", "1-9", "10-99", "100+"],
        "examples": ["10-99"],
        "x-published": True,
    },
    "has_loans": {
        "title": "Loans",
        "description": "Whether books are lent. Answers: are loans in use?",
        "type": "boolean",
        "examples": [True],
        "x-published": True,
    },
}
# What the project's own module would hold. A test may replace an entry.
COLLECTORS: dict[str, Collector] = {
    "layout": lambda: "grid",
    "book_bucket": lambda: 12,
    "has_loans": User.objects.exists,
}
PATH = f"{__name__}.COLLECTORS"


def build_schema() -> dict[str, Any]:
    """Return a contract: some fields that every installation has, then three more."""
    schema = copy.deepcopy(contract.load_schema())
    properties = schema["properties"]
    for name in {*properties} - {*FACTS, schema["x-installation-id"]}:
        del properties[name]
    properties.update(copy.deepcopy(OWN_FIELDS))
    return schema


def write_setting(folder: Path, schema: object, **changes: object) -> dict[str, object]:
    """Write *schema* to a file in *folder*; return a complete setting that names it."""
    file = folder / "report.schema.json"
    file.write_text(json.dumps(schema), encoding="utf-8")
    own = {"package": "paperless", "contract": file, "collectors": PATH}
    return {**SETTING, **own, "prefix": "BOOKSHELF", **changes}
