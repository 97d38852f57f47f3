"""Compares an artifact with one of the same tree that was built without the hook."""

import tarfile
import zipfile
from pathlib import Path

# A file's mode and content.
File = tuple[int, bytes]


def find_differences(without_hook: Path, artifact: Path) -> list[str]:
    """Return a line for each difference that the hook is not there to make.

    The hook may add one `build_info.py`, set the channel in the `version.py` next to it,
    and change the rows of both in RECORD.
    """
    before, after = read_files(without_hook), read_files(artifact)
    added = sorted(after.keys() - before.keys())
    problems = [f"{name} is missing" for name in sorted(before.keys() - after.keys())]
    if [Path(name).name for name in added] != ["build_info.py"]:
        return [*problems, f"these files were added: {added}"]
    version = f"{added[0].removesuffix('build_info.py')}version.py"
    for name in before.keys() & after.keys():
        (mode, content), (new_mode, new_content) = before[name], after[name]
        if mode != new_mode:
            problems.append(f"{name} has mode {new_mode:o}, not {mode:o}")
        lines, new_lines = content.splitlines(), new_content.splitlines()
        if name.endswith(".dist-info/RECORD"):
            ours = (f"{added[0]},".encode(), f"{version},".encode())
            lines = sorted(it for it in lines if not it.startswith(ours))
            new_lines = sorted(it for it in new_lines if not it.startswith(ours))
        elif name == version:
            lines = [it for it in lines if b"__channel__" not in it]
            new_lines = [it for it in new_lines if b"__channel__" not in it]
        if lines != new_lines:
            problems.append(f"{name} has other content")
    return problems


def read_files(path: Path) -> dict[str, File]:
    """Return the mode and content of each file in a wheel or an sdist, by name."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {
                it.filename: (it.external_attr >> 16, wheel.read(it))
                for it in wheel.infolist()
            }
    with tarfile.open(path) as sdist:
        return {
            it.name: (it.mode, file.read() if file else b"")
            for it in sdist
            for file in [sdist.extractfile(it)]
        }
