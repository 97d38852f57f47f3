"""Reads from /proc what the processes of a group use."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_SHARED_OUT = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def read_cpu(group: int) -> float:
    """Return the seconds of CPU that the processes of *group* have used."""
    ticks = sum(int(user) + int(system) for _, user, system in _list_processes(group))
    return ticks / os.sysconf("SC_CLK_TCK")


def read_memory(group: int) -> float:
    """Return the megabytes that the processes of *group* use; what they share counts once."""
    kilobytes = 0
    for path, *_ in _list_processes(group):
        match = _SHARED_OUT.search((path / "smaps_rollup").read_text())
        kilobytes += int(match[1]) if match else 0
    return kilobytes * 1024 / 1e6


def _list_processes(group: int) -> Iterator[tuple[Path, str, str]]:
    """Yield the folder of each process, and its ticks of user and of system time."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name of the program, in brackets, may contain spaces.
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It has ended.
        if int(fields[2]) == group:
            yield path.parent, fields[11], fields[12]
