"""Replaces files of a tree at once. No other module writes into one."""

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path


def replace_files(files: Mapping[Path, bytes], like: Path) -> None:
    """Write new contents next to *files*, then replace them all, in their order.

    Files keep their mode and owner. A new file gets those of *like*, without the bits
    that make it executable.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for path, content in files.items():
            descriptor, name = tempfile.mkstemp(
                prefix=f".{path.name}.", dir=path.parent
            )
            written.append((Path(name), path))
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                model = (path if path.exists() else like).stat()
                mode = stat.S_IMODE(model.st_mode)
                os.fchmod(file.fileno(), mode if path.exists() else mode & ~0o111)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), model.st_uid, model.st_gid)
        while written:
            temporary, path = written[0]
            temporary.replace(path)
            del written[0]
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
