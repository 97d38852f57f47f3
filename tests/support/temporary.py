"""Makes temporary folders that are removed even if the tests are killed."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

# The input ends with the process that made the folder, in whatever way it ends. Then
# the processes that still write into the folder are about to be killed.
_REMOVE = """
cat
for attempt in 1 2 3 4 5; do
  rm -rf -- "$1" && exit
  sleep 1
done
exit 1
"""


@contextlib.contextmanager
def make_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Make a folder in *parent*, by default the system's, and remove it at the end.

    Another process removes it. After Ctrl-C, nox kills the tests before they could
    remove a large folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    with subprocess.Popen(
        ("sh", "-c", _REMOVE, "sh", folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as remover:
        yield folder
    if remover.returncode:
        raise OSError(f"{folder} was not removed")
