"""Keeps the installation ID: one random UUID4 in one file (decision C10)."""

import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError
from paperless_report.state.folder import Folder, NotRegularFileError, open_folder

FILE = "usage_uuid"

_TRIES, _WAIT_SECONDS = 10, 0.02


@dataclass(frozen=True)
class Identity:
    """The installation ID, and whether it replaced something that was not an ID."""

    uuid: str
    path: Path
    replaced: bool = False


def find_identity(data_dir: Path) -> Identity | None:
    """Read the ID in *data_dir*, if there is one. Create nothing.

    Raises:
        ReportingError: If the file is there and cannot be read.
    """
    with (
        explain_id_file(Problem.ID_NOT_READ, data_dir),
        contextlib.suppress(FileNotFoundError),
        open_folder(data_dir) as folder,
    ):
        if known := parse_id(_read(folder)):
            return Identity(known, data_dir / FILE)
    return None


def obtain_identity(data_dir: Path, candidate: str | None = None) -> Identity:
    """Read the ID in *data_dir*, or save *candidate* or else a random one.

    The file appears whole or not at all. Two first runs at once end with one ID.

    Raises:
        ReportingError: If it can be neither read nor saved: reports under an ID that is
            lost could be neither deduplicated nor forgotten.
    """
    path = data_dir / FILE
    with (
        explain_id_file(Problem.ID_NOT_SAVED, data_dir),
        open_folder(data_dir) as folder,
    ):
        if known := parse_id(_read(folder)):
            return Identity(known, path)
        # Without a lock, two runs could replace the same content at once.
        with folder.lock():
            # Another run may have been faster.
            content = _read(folder)
            if known := parse_id(content):
                return Identity(known, path)
            replaced = content is not None
            if replaced:
                folder.delete(FILE)
            return Identity(_create(folder, candidate), path, replaced)


def remove_identity(known: Identity) -> None:
    """Delete the file, unless it holds another ID by now.

    Raises:
        ReportingError: If it cannot be deleted.
    """
    with (
        explain_id_file(Problem.ID_NOT_DELETED, known.path.parent),
        contextlib.suppress(FileNotFoundError),
        open_folder(known.path.parent) as folder,
    ):
        if parse_id(folder.read(FILE)) == known.uuid:
            folder.delete(FILE)


@contextlib.contextmanager
def explain_id_file(problem: Problem, data_dir: Path) -> Iterator[None]:
    """Turn what the steps of the folder *data_dir* raise into a ReportingError.

    It has the code *problem*, and the path of the file or folder that is at fault.
    """
    try:
        yield
    except NotRegularFileError as error:
        path = data_dir / error.name
        raise ReportingError(problem, path=path, obstacle=error.obstacle) from error
    except (OSError, ValueError) as error:  # ValueError: the path holds a NUL
        name = getattr(error, "filename", None)
        raise ReportingError(
            problem,
            path=data_dir / (name if isinstance(name, str | Path) else FILE),
            number=getattr(error, "errno", None),
            reason=getattr(error, "strerror", None) or str(error),
        ) from error


def _read(folder: Folder) -> bytes | None:
    content = None
    for _attempt in range(_TRIES):
        content = folder.read(FILE)
        if content != b"":
            break
        # Another run may have created the file and not written to it yet.
        time.sleep(_WAIT_SECONDS)
    return content


def parse_id(content: bytes | None) -> str | None:
    """Return the UUID4 in *content*; None if it holds anything else."""
    text = (content or b"").decode("ascii", "replace").strip().lower()
    return text if contract.load_fields()["uuid"].fits(text) else None


def _create(folder: Folder, candidate: str | None) -> str:
    """Save a new ID; return the ID that is there in the end."""
    new = candidate or str(uuid.uuid4())
    try:
        folder.create(FILE, f"{new}\n".encode("ascii"))
    except FileExistsError:
        # Another run was faster.
        known = parse_id(_read(folder))
        if known is None:
            raise
        return known
    return new
