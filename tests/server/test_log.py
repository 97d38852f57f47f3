"""The server's log: lines of JSON, without addresses, IDs and paths that hold them."""

import json
from pathlib import Path

import requests

from tests.server.serving import serve
from tests.support.pages import ROOT
from tests.support.waiting import wait_until

ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
OCTOPRINT = ROOT / "projects" / "octoprint"


def test_a_line_names_the_pattern_of_the_route_and_never_the_path(
    tmp_path: Path,
) -> None:
    with serve(tmp_path / "data", "--project", str(OCTOPRINT)) as server:
        requests.get(f"{server.url}/track/{ID}/ping/?secret=text", timeout=20)
        requests.post(f"{server.url}/{ID}", timeout=20)
        wait_until(lambda: server.read_log().count('"method"') == 2)
        server.stop()
        log = server.read_log()

    lines = [json.loads(line) for line in log.splitlines()]
    sent = [line for line in lines if "method" in line]
    assert [(it["method"], it["route"], it["status"]) for it in sent] == [
        ("GET", "/track/{uuid}/{event}/", 204),
        ("POST", None, 404),
    ]
    assert all({"time", "level"} <= line.keys() for line in lines)
    assert ID not in log
    assert "secret" not in log
    assert "127.0.0.1" not in log.replace(server.url, "")
