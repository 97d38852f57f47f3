"""Reads the cost of a request from D1's own metadata: Cloudflare bills rows."""

import json
from typing import Any

import requests


def round_trips(response: requests.Response) -> list[list[dict[str, Any]]]:
    """The database's metadata of each statement of each round trip."""
    trips: list[list[dict[str, Any]]] = json.loads(response.headers["Round-Trips"])
    return trips


def billed_rows(response: requests.Response) -> tuple[int, int]:
    """How many rows were read and how many were written."""
    statements = [meta for trip in round_trips(response) for meta in trip]
    return (
        sum(meta["rows_read"] for meta in statements),
        sum(meta["rows_written"] for meta in statements),
    )
