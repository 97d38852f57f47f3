"""A stand-in for the part of Cloudflare's API that wrangler needs for a D1 database."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from usage_receiver import configuration
from worker.local import toolchain

ACCOUNT = "0123456789abcdef0123456789abcdef"
DATABASE = "f0000000-0000-4000-8000-000000000000"
_PREFIX = f"/accounts/{ACCOUNT}/d1/database/{DATABASE}/"
TOKEN = "token"  # noqa: S105  # of the tests


def make_project(folder: Path) -> Path:
    """Make the folder of a project that an operator has deployed, and return it."""
    folder.mkdir()
    shutil.copy(configuration.wrangler_file(), folder)
    shutil.copytree(configuration.PAPERLESS_NGX / "migrations", folder / "migrations")
    package = {"dependencies": {toolchain.ENGINE: f"file:{toolchain.WORKER}"}}
    own = {
        "account_id": ACCOUNT,
        "d1_databases": [{"binding": "DB", "database_id": DATABASE}],
    }
    for name, content in (("package.json", package), ("deployment.jsonc", own)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


class CloudflareApi:
    """Runs on loopback while it is entered, with one empty database."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        self.uploaded = b""
        # Requests that are not for the operator's own database.
        self.others: list[str] = []
        # Called while wrangler waits for an answer.
        self.on_request: Callable[[], object] = lambda: None
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def run(self) -> Iterator[None]:
        """Answer until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with closing(self._database):
                yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def run_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of worker.local in the account, through a proxy for all other hosts."""
        kept = {
            key: os.environ[key] for key in os.environ if "proxy" not in key.lower()
        }
        return subprocess.run(
            (sys.executable, "-m", "worker.local", *arguments),
            cwd=toolchain.WORKER.parent,
            env={
                **kept,
                "CLOUDFLARE_API_BASE_URL": self.url,
                "CLOUDFLARE_API_TOKEN": TOKEN,
                "HTTPS_PROXY": self.url,
                "NO_PROXY": "127.0.0.1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run one statement on the database and return its rows."""
        rows = [dict(row) for row in self._database.execute(sql)]
        self._database.commit()
        return rows

    def answer(self, path: str, sent: dict[str, Any]) -> object:
        """Do what a request asks for and return the result of the answer."""
        done = {"success": True, "status": "complete", "messages": []}
        match path, sent:
            case "query", {"sql": sql}:
                statements = [it for it in sql.split(";\n") if it.strip()]
                return [
                    {"success": True, "results": self.query(it), "meta": {}}
                    for it in statements
                ]
            case "export", _:
                return {**done, "result": {"signed_url": f"{self.url}/dump"}}
            case "import", {"action": "init"}:
                return {"upload_url": f"{self.url}/upload", "filename": "dump.sql"}
            case "import", {"action": "ingest"}:
                self._database.executescript(self.uploaded.decode())
                meta = dict.fromkeys(
                    ("duration", "rows_read", "rows_written", "size_after"), 0
                )
                return {**done, "result": {"num_queries": 1, "meta": meta}}
        raise NotImplementedError(path)

    def dump(self) -> bytes:
        lines = self._database.iterdump()
        transaction = ("BEGIN TRANSACTION;", "COMMIT;")
        return "\n".join(it for it in lines if it not in transaction).encode()


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        api = self.server.api
        authorized = self.headers["Authorization"] == f"Bearer {TOKEN}"
        if not authorized or not self.path.startswith(_PREFIX):
            self.do_CONNECT()
            return
        api.on_request()
        result = api.answer(self.path.removeprefix(_PREFIX), json.loads(self._read()))
        answer = {"success": True, "errors": [], "messages": [], "result": result}
        self._send(json.dumps(answer).encode())

    def do_GET(self) -> None:
        if self.path == "/dump":
            self._send(self.server.api.dump())
        else:
            self.do_CONNECT()

    def do_PUT(self) -> None:
        uploaded = self._read()
        self.server.api.uploaded = uploaded
        digest = hashlib.md5(uploaded, usedforsecurity=False)
        self._send(b"", ETag=f'"{digest.hexdigest()}"')

    def do_CONNECT(self) -> None:
        self.server.api.others.append(f"{self.command} {self.path}")
        self.send_error(403)

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _send(self, body: bytes, **headers: str) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    def __init__(self, api: CloudflareApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api
