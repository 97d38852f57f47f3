"""The API as the project's openapi.json describes it, and the methods of each path."""

import json
from typing import Any

from paperless_report import contract
from usage_receiver import configuration

PATH = configuration.PAPERLESS_NGX / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
_POST = ("/forget", *(f"/{kind}" for kind in contract.list_kinds()))
_GET = (
    *(
        "/",
        "/stats",
        "/stats/{month}.json",
        "/stats.csv",
        "/stats/weeks.json",
        "/stats/weeks.csv",
        "/badge",
        "/fields",
        "/health",
    ),
    *("/openapi.json", "/openapi.yaml"),
    *(f"/{kind}.schema.json" for kind in contract.list_kinds()),
)
# Without an operator's secret, these do not exist.
HIDDEN = {
    "/operator/installations": {"GET", "HEAD"},
    "/operator/installations.csv": {"GET", "HEAD"},
    "/operator/count": {"POST"},
}
METHODS = {
    **{path: {"POST"} for path in _POST},
    **{path: {"GET", "HEAD"} for path in _GET},
}


def schema(name: str) -> dict[str, Any]:
    """The schema *name* of the description, with the parts that it refers to."""
    return {
        "$ref": f"#/components/schemas/{name}",
        "components": DOCUMENT["components"],
    }
