"""Runs Caddy with the Caddyfile that operators get, on loopback and with its own CA."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.waiting import MOST_SECONDS

CADDYFILE = (
    Path(__file__).resolve().parents[2] / "worker" / "deploy" / "Caddyfile"
).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Proxy:
    """A running Caddy.

    Attributes:
        url: Its address, with https.
        root: The certificate of its CA.
    """

    url: str
    root: Path

    def connect(self, source: str = "") -> ssl.SSLSocket:
        """Connect from *source*, an address of this machine."""
        address = urlsplit(self.url)
        connection = socket.create_connection(
            (address.hostname, address.port), MOST_SECONDS, (source, 0)
        )
        context = ssl.create_default_context(cafile=self.root)
        return context.wrap_socket(connection, server_hostname=address.hostname)


@contextlib.contextmanager
def run_caddy(
    folder: Path, receiver: str, caddyfile: str = CADDYFILE
) -> Iterator[Proxy]:
    """Run Caddy before the URL *receiver*; all its files and its output are in *folder*."""
    port = _find_free_port()
    # The address and the CA for a test, and nothing that needs the rights of root.
    for old, new in (
        (
            "{\n\tlog",
            "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tlog",
        ),
        ("reports.example.org {", f"127.0.0.1:{port} {{\n\ttls internal"),
        ("127.0.0.1:8787", urlsplit(receiver).netloc),
    ):
        assert caddyfile.count(old) == 1
        caddyfile = caddyfile.replace(old, new)
    (folder / "Caddyfile").write_text(caddyfile, encoding="utf-8")
    with (folder / "caddy.log").open("wb") as output:
        process = subprocess.Popen(
            ("caddy", "run", "--config", "Caddyfile"),
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "TMPDIR": str(folder),
            },
            stdout=output,
            stderr=output,
        )
    root = folder / ".local/share/caddy/pki/authorities/local/root.crt"
    proxy = Proxy(f"https://127.0.0.1:{port}", root)
    with process:
        try:
            _wait(process, proxy)
            yield proxy
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(MOST_SECONDS)


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], proxy: Proxy) -> None:
    end = time.monotonic() + MOST_SECONDS
    while True:
        try:
            proxy.connect().close()
        except OSError:
            assert process.poll() is None, "Caddy has ended; its log says why."
            assert time.monotonic() < end, "Caddy does not answer; its log says why."
            time.sleep(0.05)
        else:
            return
