"""Sends requests to a running receiver."""

import json
from typing import Protocol

import requests


class Server(Protocol):
    """A receiver that runs somewhere."""

    url: str


def get(worker: Server, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{worker.url}{path}", headers=headers, timeout=30)


def sent_from(address: str) -> dict[str, str]:
    """The headers that give *address* to a receiver: Cloudflare's, and a proxy's."""
    return {"CF-Connecting-IP": address, "X-Forwarded-For": address}


def post(
    worker: Server, content: object, path: str = "/report", **headers: str
) -> requests.Response:
    """POST *content*: bytes as they are, anything else as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return requests.post(
        f"{worker.url}{path}",
        data=body,
        headers={"Content-Type": "application/json", **headers},
        timeout=30,
    )
