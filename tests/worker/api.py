"""The API as openapi.yaml describes it, and the methods that each path accepts."""

from typing import Any

import yaml

from paperless_report import contract
from worker.local import configuration

PATH = configuration.PAPERLESS_NGX / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
# The contract, as the description refers to it.
CONTRACT_FOLDER = "../../paperless_report/contract/"
CONTRACT = f"{CONTRACT_FOLDER}report.schema.json"
_POST = ("/forget", *(f"/{kind}" for kind in contract.list_kinds()))
_GET = (
    *("/", "/stats", "/stats/{month}.json", "/stats.csv", "/badge", "/health"),
    *("/openapi.yaml", *(f"/{kind}.schema.json" for kind in contract.list_kinds())),
)
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
