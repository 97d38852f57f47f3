"""What tests put on the wire to the Worker."""

import json

import requests

from worker.local.harness import Harness


def post(
    worker: Harness, content: object, path: str = "/report", **headers: str
) -> requests.Response:
    """POST *content* as JSON, or as it is if it is bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return requests.post(
        f"{worker.url}{path}",
        data=body,
        headers={"Content-Type": "application/json", **headers},
        timeout=30,
    )
