"""Detects the facts that Python knows, where OctoPrint's own detector does not run."""

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any

_SYSTEMS = {"darwin": "macos", "win32": "windows"}


def find_basedir() -> Path:
    """Return the folder of OctoPrint's settings and files."""
    return Path(os.environ.get("OCTOPRINT_BASEDIR") or Path.home() / ".octoprint")


def find_version() -> str | None:
    """Return the version of OctoPrint in this Python; None without one."""
    return _find_package("OctoPrint")


def detect_environment() -> dict[str, Any]:
    """Return what Python knows about this machine, in the form of OctoPrint's detector."""
    return {
        "os": {
            "id": _SYSTEMS.get(sys.platform, sys.platform.rstrip("0123456789")),
            "bits": 64 if sys.maxsize > 2**32 else 32,
        },
        "python": {"version": platform.python_version(), "pip": _find_package("pip")},
        "hardware": {"cores": os.cpu_count(), "ram": _read_ram()},
    }


def _find_package(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _read_ram() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on every system
        return None
