"""Every command of docs/how-to/server-data.md works, in the order of the page."""

import shlex
import subprocess
import sys
from pathlib import Path

import requests

from tests.server.databases import dump
from tests.server.serving import serve
from tests.support import pages
from tests.worker.reports import example_report
from usage_receiver import data
from usage_receiver.database import DATABASE


def run(command: str, folder: Path) -> str:
    program = f"{shlex.quote(sys.executable)} -m usage_receiver"
    return subprocess.run(
        ("bash", "-c", command.replace("usage-receiver", program)),
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(pages.ROOT)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def test_the_commands_of_the_page_work_in_their_order(tmp_path: Path) -> None:
    compact, back_up, move, restore, query, restore_dump, count = pages.commands(
        "docs/how-to/server-data.md"
    )
    with serve(tmp_path / "receiver-data") as served:
        url = f"{served.url}/report"
        assert requests.post(url, json=example_report(), timeout=30).status_code == 204
        # Both work beside the server.
        run(compact, tmp_path)
        run(back_up, tmp_path)
    dump(tmp_path / "receiver-data" / DATABASE, tmp_path / "backup.sql")

    run(move, tmp_path)
    printed = run(restore, tmp_path)

    assert "Requests to forget that arrived after " in printed
    channel = example_report()["channel"]
    assert run(query, tmp_path) == f'[{{"channel": "{channel}", "installations": 1}}]\n'
    run(restore_dump, tmp_path)
    assert run(count, tmp_path) == '[{"reports": 1, "installations": 1}]\n'


def test_the_page_names_every_file_of_a_server(tmp_path: Path) -> None:
    text = (pages.ROOT / "docs" / "how-to" / "server-data.md").read_text("utf-8")
    with serve(tmp_path / "data"):
        names = [it.name for it in (tmp_path / "data").iterdir()]

    assert set(names) > {DATABASE, "lock"}
    for name in (*names, data.BACKUP):
        assert f"`{name}`" in text
