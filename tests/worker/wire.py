"""What tests put on the wire to the Worker."""

import json
from typing import Protocol

import requests


class At(Protocol):
    """Whatever has a URL: a running Worker."""

    url: str


def post(
    worker: At, content: object, path: str = "/report", **headers: str
) -> requests.Response:
    """POST *content* as JSON, or as it is if it is bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return requests.post(
        f"{worker.url}{path}",
        data=body,
        headers={"Content-Type": "application/json", **headers},
        timeout=30,
    )
