"""Finds out where Printernizer runs, without asking the network."""

import contextlib
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

_COUNTRIES = {
    "AU": "Australia/Sydney Australia/Melbourne Australia/Brisbane Australia/Perth",
    "DE": "Europe/Berlin Europe/Busingen",
    "ES": "Europe/Madrid Atlantic/Canary Africa/Ceuta",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "US": (
        "America/New_York America/Chicago America/Denver America/Los_Angeles"
        " America/Phoenix America/Detroit America/Anchorage Pacific/Honolulu"
    ),
}
_BY_ZONE = {zone: code for code, zones in _COUNTRIES.items() for zone in zones.split()}
_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}


def find_country(time_zone: str) -> str:
    """Return the country of a time zone that few countries share; XX for any other."""
    return _BY_ZONE.get(time_zone, "XX")


def count_printers(types: Collection[str]) -> dict[str, object]:
    """Count the printers of each type, given the type of each printer."""
    return {
        "printer_count": len(types),
        "printer_types": [*types],
        "printer_type_counts": Counter(types),
    }


def find_platform(name: str) -> str | None:
    """Return the operating system of Python's `sys.platform`."""
    return "freebsd" if name.startswith("freebsd") else _SYSTEMS.get(name)


def find_deployment(environ: Mapping[str, str], root: Path = Path("/")) -> str:
    """Return how Printernizer is deployed, by the first sign of it.

    Args:
        environ: The environment variables.
        root: The folder that holds the file system.
    """
    if environ.keys() & {"SUPERVISOR_TOKEN", "HASSIO_TOKEN"}:
        return "homeassistant"
    if (root / ".dockerenv").exists() or environ.get("container"):
        return "docker"
    model = b""
    with contextlib.suppress(OSError):
        model = (root / "proc/device-tree/model").read_bytes()
    return "pi" if model.startswith(b"Raspberry Pi") else "standalone"
