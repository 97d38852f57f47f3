"""Defines an artifact: the files in it that carry or describe a stamp. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path, PurePosixPath
from typing import Literal

from build_hooks import install_paths
from build_hooks.errors import ArtifactError
from build_hooks.members import Member
from build_hooks.python_source import PythonSource
from build_hooks.record import Row
from build_hooks.stamp import BUILD_INFO, VERSION
from build_hooks.stamped_package import find_package

Kind = Literal["wheel", "sdist", "tarball", "directory"]


@dataclass(frozen=True)
class Contents:
    """What was read of an artifact.

    Attributes:
        kind: Its kind.
        members: Everything in it.
        texts: Contents by name, of the files that carry or describe a stamp.
        rows: The row that a wheel's RECORD should have for each file in it, by name.
        problems: Everything that readers could understand in different ways.
    """

    kind: Kind
    members: Sequence[Member]
    texts: Mapping[str, bytes]
    rows: Mapping[str, Row] = field(default_factory=dict)
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Artifact:
    """A wheel, an sdist, a tarball or a directory.

    Attributes:
        path: Its path.
        kind: Its kind.
        files: Contents of the files that carry or describe a stamp, by the path where an
            installer puts each.
        sources: The files of the stamped package that carry the stamp, by name.
        rows: The row that a wheel's RECORD should have for each file in it, by name.
        dist_info: The path of the folder with its metadata; None if it has none.
        problems: Everything that could make an installer put other files in place.
    """

    path: Path
    kind: Kind
    files: Mapping[str, bytes]
    sources: Mapping[str, PythonSource]
    rows: Mapping[str, Row] = field(default_factory=dict)
    dist_info: str | None = None
    problems: Sequence[str] = ()

    @property
    def metadata(self) -> Message | None:
        """Its core metadata; None if it has none."""
        name = "PKG-INFO" if self.kind == "sdist" else "METADATA"
        content = self.files.get(f"{self.dist_info}/{name}")
        if content is None:
            return None
        return BytesParser().parsebytes(content, headersonly=True)

    @property
    def version(self) -> str | None:
        """The version in its core metadata; None if it has none."""
        version = self.metadata["Version"] if self.metadata else None
        return str(version) if version else None


def make_artifact(path: Path, contents: Contents, package: str | None) -> Artifact:
    """Make an artifact of its *contents*, and find everything ambiguous in them.

    Args:
        path: The artifact's path.
        contents: What was read of it.
        package: The name of the stamped package, "paperless", if there are several.

    Raises:
        ArtifactError: If no package, or more than one, could be the stamped one.
    """
    members, is_wheel = contents.members, contents.kind == "wheel"
    names = {PurePosixPath(it.name).parts[:1] for it in members}
    data = None
    if is_wheel:
        stems = {
            it[0][: -len(".dist-info")] for it in names if it and _is_dist_info(it[0])
        }
        data = f"{next(iter(stems))}.data" if len(stems) == 1 else ""
    paths, problems = install_paths.locate(members, data)
    problems = [*contents.problems, *problems]
    if contents.kind != "directory":
        problems += install_paths.find_collisions(members, paths)
        problems += install_paths.find_escaping_links(members)
    owners: dict[str, Member] = {}
    for member in members:
        for place in paths.get(member.name, ()):
            owners.setdefault(place, member)
    files = {
        place: contents.texts[member.name]
        for place, member in owners.items()
        if member.name in contents.texts
    }
    tops = sorted({place.partition("/")[0] for place in owners} - {"."})
    homes = tops if contents.kind == "sdist" else list(filter(_is_dist_info, tops))
    if is_wheel and len(homes) != 1:
        problems.append(f"it has {len(homes)} .dist-info folders{_list(homes)}")
    if contents.kind == "sdist" and len(homes) != 1:
        problems.append(f"it has {len(homes)} top folders{_list(homes)}")
    has_metadata = contents.kind in ("wheel", "sdist")
    try:
        folder = find_package(path, files, package, has_metadata=has_metadata)
    except ArtifactError as error:
        raise ArtifactError("; ".join((*problems, str(error)))) from error
    problems += install_paths.find_shadows(
        str(folder), owners, bytecode=contents.kind != "directory"
    )
    sources = {
        name: PythonSource(files[file], Path(file))
        for name in (VERSION, BUILD_INFO)
        if (file := str(folder / name)) in files
    }
    return Artifact(
        path,
        contents.kind,
        files,
        sources,
        contents.rows,
        homes[0] if len(homes) == 1 else None,
        list(dict.fromkeys(problems)),
    )


def _is_dist_info(name: str) -> bool:
    return name.casefold().endswith(".dist-info")


def _list(names: Sequence[str]) -> str:
    return f": {', '.join(names[:3])}" if names else ""
