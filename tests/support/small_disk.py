"""Runs Python on a file system that is nearly full."""

import os
import subprocess
import sys
import tempfile

import pytest

_SCRIPT = 'mount -t tmpfs -o "$1" none "$2" && exec "$3" -c "$4" "$2"'


def run_on_small_disk(options: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run *code* with a folder on a tmpfs that is mounted with *options*, as its argument."""
    # Root needs no user namespace, and gets none in a chroot.
    as_root = ("--user", "--map-root-user") if os.geteuid() else ()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            (
                *("unshare", *as_root, "--mount", "sh", "-c", _SCRIPT, "sh"),
                *(options, folder, sys.executable, code),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine does not allow mount namespaces: try another one")
    return done
