"""An instance of Manyfold without state, and an environment without this machine's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projects.clients import VARIABLES
from tests.projects.manyfold.instance import Instance
from tests.projects.manyfold.recorded import SHA
from tests.support.endpoint import Answer, Endpoint

IMAGE = "ghcr.io/manyfold3d/manyfold:v0.147.2"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """The recorded instance, whose requests arrive at an endpoint on loopback."""
    for name in (*VARIABLES, "MANYFOLD_USAGE_REPORTING", "USAGE_TRACKING_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MANYFOLD_DATA_DIR", str(tmp_path / "storage"))
    monkeypatch.setenv("APP_VERSION", IMAGE)
    monkeypatch.setenv("DOCKER_TAG", IMAGE)
    monkeypatch.setenv("GIT_SHA", SHA)
    monkeypatch.setattr("sysconfig.get_config_var", lambda _: "x86_64-linux-gnu")
    with Endpoint() as endpoint:
        endpoint.answer = Answer(201, b"null")
        monkeypatch.setenv("USAGE_REPORTING_URL", endpoint.url)
        yield Instance(tmp_path / "storage", endpoint)
