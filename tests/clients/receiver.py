"""Runs a project's receiver for a real client, and reads what its operator may read."""

import contextlib
import os
from typing import Any

import requests

from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

_SECRET = "the-operators-secret-of-these-tests"  # noqa: S105  # of an empty receiver
# They change what clients do: both stop OctoPrint, and the second one stops codegraph.
_STOPPING = ("CI", "DO_NOT_TRACK")


def run_receiver(name: str) -> contextlib.AbstractContextManager[Harness]:
    """Run the receiver in projects/*name* without rate limits, with an operator's secret."""
    project = configuration.PAPERLESS_NGX.with_name(name)
    config = configuration.read_environment("local", project)
    config["vars"] = {**config.get("vars", {}), "OPERATOR_SECRET": _SECRET}
    return run_worker({"config": config}, project)


def read_as_operator(worker: Harness, path: str) -> Any:  # noqa: ANN401  # any JSON
    """GET *path* with the operator's secret, and return its JSON.

    Raises:
        requests.HTTPError: If the answer is not a success.
    """
    response = requests.get(
        f"{worker.url}{path}",
        headers={"Authorization": f"Bearer {_SECRET}"},
        timeout=30,
    )
    response.raise_for_status()
    return response.json()


def client_environment(**variables: str) -> dict[str, str]:
    """The environment of a client that may report, with *variables*."""
    kept = {name: text for name, text in os.environ.items() if name not in _STOPPING}
    return {**kept, **variables}
