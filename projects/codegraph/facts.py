"""Names this machine as Node.js does."""

import os
import platform
import sys

_PROCESSORS = {
    **dict.fromkeys(("x86_64", "amd64"), "x64"),
    **dict.fromkeys(("i386", "i686", "x86"), "ia32"),
    **dict.fromkeys(("armv6l", "armv7l", "armv8l"), "arm"),
    "aarch64": "arm64",
    "loongarch64": "loong64",
    "ppc64le": "ppc64",
}


def read_system() -> str:
    """Return Node's name of the operating system."""
    name = sys.platform
    return name if name == "win32" else name.rstrip("0123456789")


def read_processor() -> str:
    """Return Node's name of the processor's architecture."""
    name = platform.machine().lower()
    return _PROCESSORS.get(name, name)


def is_ci() -> bool:
    """Return whether this is a job of continuous integration."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}
