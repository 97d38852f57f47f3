"""Reads the facts from what OctoPrint detects, and rounds those that would identify a machine.

It does no I/O. The receiver's facts.ts rounds in the same way what other clients send.
"""

from collections.abc import Iterable, Mapping
from typing import Any

# The fields of the contract that `read_facts` reads.
DETECTED = (
    *("os", "bits", "python", "pip", "cores", "ram"),
    *("pi_model", "octopi_version", "octopiuptodate_build"),
)
_MOST_CORES = 16
_GIB = 2**30
_SIZES_GIB = (0.5, 1, 2, 4, 8, 16, 32)
_OVER = "more than 32"


def read_facts(environment: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts in *environment*, in the form of OctoPrint's own detector.

    Those that it does not hold are None.
    """
    system, python, hardware = (
        environment.get(it) or {} for it in ("os", "python", "hardware")
    )
    pi = (environment.get("plugins") or {}).get("pi_support") or {}
    cores, ram = hardware.get("cores"), hardware.get("ram")
    model, build = pi.get("model"), pi.get("octopiuptodate_build")
    return {
        "os": system.get("id"),
        "bits": system.get("bits"),
        "python": python.get("version"),
        "pip": python.get("pip"),
        # OctoPrint writes "unknown" for these.
        "cores": min(cores, _MOST_CORES) if isinstance(cores, int) else None,
        "ram": find_size(ram) if isinstance(ram, int) else None,
        # Without its revision.
        "pi_model": model and model.partition(" Rev ")[0],
        "octopi_version": pi.get("octopi_version"),
        # Before it are the versions of OctoPi and OctoPrint.
        "octopiuptodate_build": build and build.rpartition("-")[2],
    }


def find_size(ram_bytes: int) -> str:
    """Round memory up to the size that machines are sold with, in GiB."""
    return next((f"{it:g}" for it in _SIZES_GIB if ram_bytes <= it * _GIB), _OVER)


def list_fields(facts: Mapping[str, Any]) -> dict[str, object]:
    """Return *facts*, which fit the contract, as the fields that OctoPrint sends."""
    fields = {
        **facts,
        "ram": _to_bytes(facts["ram"]) if "ram" in facts else None,
        # The version of a plugin, which is not sent, is unknown.
        "plugins": _join(f"{it}:?" for it in facts.get("plugins", ())),
        "achievements": _join(facts.get("achievements", ())),
    }
    return {name: fields[name] for name in facts}


def _to_bytes(size: str) -> int:
    """Return a number of bytes for which the receiver finds the same *size*."""
    return int((2 * _SIZES_GIB[-1] if size == _OVER else float(size)) * _GIB)


def _join(values: Iterable[str]) -> str:
    return ",".join(values)
