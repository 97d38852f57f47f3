"""Installs and runs the real codegraph, from the npm registry."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.receiver import client_environment
from worker.local import toolchain

VERSION = "1.6.1"
_PACKAGE = "@colbymchenry/codegraph"
_SECONDS = 120
# codegraph sends the usage of a day when that day is over, so a process with BEHIND lives a day
# before the others. It waits 1.5 seconds for an answer, then sends the same again later. On a
# busy machine, a first answer may take longer.
_SCRIPT = """
const Now = Date;
const behind = process.env.BEHIND ? 86_400_000 : 0;
globalThis.Date = class extends Now {
  constructor(...values) {
    super(...(values.length > 0 ? values : [Now.now() - behind]));
  }
  static now() {
    return Now.now() - behind;
  }
};
const wait = AbortSignal.timeout;
AbortSignal.timeout = (milliseconds) => wait.call(AbortSignal, 20 * milliseconds);
"""


@dataclass(frozen=True)
class Codegraph:
    """An installed codegraph with a home and a project of its own."""

    program: Path
    home: Path
    project: Path
    script: Path
    endpoint: str

    def run(self, *arguments: str, yesterday: bool = False) -> str:
        """Run a command; return what it printed, with what it said that it sends.

        Raises:
            subprocess.CalledProcessError: If it fails.
        """
        done = subprocess.run(
            [self.program, *arguments],
            cwd=self.project,
            env=self.environment(yesterday=yesterday),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
            timeout=_SECONDS,
        )
        return done.stdout

    def environment(self, *, yesterday: bool) -> dict[str, str]:
        return client_environment(
            HOME=str(self.home),
            CODEGRAPH_TELEMETRY_ENDPOINT=self.endpoint,
            CODEGRAPH_TELEMETRY_DEBUG="1",
            CODEGRAPH_NO_UPDATE_CHECK="1",
            CODEGRAPH_NO_DAEMON="1",
            NODE_OPTIONS=f"--require {self.script}",
            BEHIND="1" if yesterday else "",
        )

    def read_choice(self) -> dict[str, Any]:
        """The user's choice, with the machine's ID."""
        file = self.home / ".codegraph" / "telemetry.json"
        choice: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return choice


def install(box: Path) -> Path:
    """Install codegraph in *box* with npm, and return the program."""
    npm = [str(toolchain.NODE), "--use-system-ca", str(toolchain.NPM)]
    subprocess.run(
        [
            *(*npm, "install", f"{_PACKAGE}@{VERSION}", "--prefix", str(box)),
            *("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
            *("--cache", str(box / "npm-cache")),
        ],
        check=True,
        timeout=_SECONDS * 3,
    )
    (program,) = (box / "node_modules").glob(f"{_PACKAGE}-*-*/bin/codegraph")
    return program


def prepare(program: Path, folder: Path, url: str) -> Codegraph:
    """Make a home and a small project in *folder*, to report to *url*."""
    home, project, script = folder / "home", folder / "project", folder / "script.cjs"
    home.mkdir(parents=True)
    project.mkdir()
    script.write_text(_SCRIPT, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", project], check=True)
    (project / "hello.py").write_text("def hello():\n    return 1\n", encoding="utf-8")
    (project / "main.go").write_text("package main\n\nfunc main() {}\n", "utf-8")
    return Codegraph(program, home, project, script, f"{url}/v1/events")


@contextmanager
def run_agent(codegraph: Codegraph, name: str, version: str) -> Iterator["Agent"]:
    """Run codegraph's MCP server of yesterday for an agent, until the end of the block."""
    with subprocess.Popen(
        [codegraph.program, "serve", "--mcp"],
        cwd=codegraph.project,
        env=codegraph.environment(yesterday=True),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        agent = Agent(process)
        agent.call(
            "initialize",
            protocolVersion="2024-11-05",
            capabilities={},
            clientInfo={"name": name, "version": version},
        )
        agent.send(method="notifications/initialized")
        try:
            yield agent
        finally:
            # The server ends with its input.
            process.communicate(timeout=_SECONDS)


class Agent:
    """Speaks JSON-RPC with an MCP server over its standard input and output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._number = 0

    def send(self, **message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Call *method* and return the answer with its number."""
        self._number += 1
        self.send(id=self._number, method=method, params=params)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer: dict[str, Any] = json.loads(line)
            if answer.get("id") == self._number:
                return answer
        raise AssertionError(f"The server ended without an answer to {method}.")

    def use(self, tool: str, **arguments: object) -> dict[str, Any]:
        return self.call("tools/call", name=tool, arguments=arguments)
