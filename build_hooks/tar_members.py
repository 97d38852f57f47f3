"""Reads a tar archive strictly: every reader must find the same members in it.

`tarfile`, GNU tar and the readers of other installers differ in what they make of
contradicting sizes and names, of types that few know, and of the bytes behind the end
(CVE-2025-62518). The format is POSIX's pax interchange format, with GNU's long names.
"""

import re
import tarfile
from collections.abc import Iterator
from tarfile import TarInfo

from build_hooks.compressed import Stream
from build_hooks.errors import ArtifactError
from build_hooks.members import BLOCK_BYTES, MOST_BYTES, MOST_MEMBERS, Member

_BLOCK = tarfile.BLOCKSIZE
_POSIX, _GNU, _OLD = b"ustar\x0000", b"ustar  \0", bytes(8)
_NUMBER = re.compile(rb" *[0-7]+[ \0]*|\0*|\x80[\0-\x7f].*", re.DOTALL)
_RECORD = re.compile(rb"([1-9][0-9]{0,6}) ")
# Names have 4,096 bytes at most; the rest is for attributes of files.
_MOST_HEADER_BYTES = 1 << 20
_MOST_HEADERS = 3 * MOST_MEMBERS  # a member may have two more headers
_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "link",
    tarfile.CHRTYPE: "special",
    tarfile.BLKTYPE: "special",
    tarfile.FIFOTYPE: "special",
}
_LONG = {tarfile.GNUTYPE_LONGNAME: "path", tarfile.GNUTYPE_LONGLINK: "linkpath"}
_PAX = (tarfile.XHDTYPE, tarfile.XGLTYPE)


class TarMembers:
    """The members of the tar archive in *stream*, in their order.

    Attributes:
        problems: Everything in it that readers could understand in different ways.
    """

    def __init__(self, stream: Stream) -> None:
        self.problems: list[str] = []
        self._stream = stream
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Yield each member. Its content can be read until the next one.

        Raises:
            ArtifactError: If the archive is damaged or too large.
        """
        # What the headers in front of a member say about it.
        stated: dict[str, bytes] = {}
        count = 0
        while (block := self._stream.read(_BLOCK)) and any(block):
            count += 1
            if count > _MOST_HEADERS:
                raise ArtifactError(f"it has more than {MOST_MEMBERS} members")
            header = self._parse(block)
            kind = block[156:157]
            if kind in _PAX or kind in _LONG:
                self._add(header, stated)
                continue
            yield self._make_member(header, block, stated)
            stated = {}
            self._skip()
        if stated:
            self.problems.append("its last header describes no member")
        self._check_end(block)

    def read(self) -> Iterator[bytes]:
        """Read the content of the current member, in blocks."""
        while self._left:
            block = self._stream.read(min(self._left, BLOCK_BYTES))
            if not block:
                raise ArtifactError("it is cut off")
            self._left -= len(block)
            yield block

    def _skip(self) -> None:
        for _ in self.read():
            pass
        if len(self._stream.read(self._padding)) != self._padding:
            raise ArtifactError("it is cut off")

    def _parse(self, block: bytes) -> TarInfo:
        """Parse a header, and prepare for reading its content."""
        at = self._stream.position - len(block)
        try:
            header = TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError) as error:
            raise ArtifactError(
                f"there is no valid header at byte {at}, where the archive says"
            ) from error
        if not _NUMBER.fullmatch(block[124:136]) or header.size < 0:
            raise ArtifactError(f"the header at byte {at} has a malformed size")
        if at + header.size > MOST_BYTES:
            raise ArtifactError(f"it unpacks to more than {MOST_BYTES >> 30} GiB")
        magic = block[257:265]
        if magic not in (_POSIX, _GNU, _OLD) or block[508:512] == b"tar\0":
            self.problems.append(f"{header.name} has a header of an unknown format")
        elif magic != _POSIX and any(block[345:500]):
            self.problems.append(f"{header.name} has a header that readers differ on")
        self._left = header.size
        self._padding = -header.size % _BLOCK
        return header

    def _add(self, header: TarInfo, stated: dict[str, bytes]) -> None:
        """Add what an extended *header* says to what is *stated* about the next member."""
        if header.size > _MOST_HEADER_BYTES:
            raise ArtifactError(f"it has a header of {header.size} bytes")
        content = b"".join(self.read())
        self._skip()
        if header.type in _LONG:
            records = [(_LONG[header.type], content.rstrip(b"\0"))]
        else:
            records = list(_parse_records(content))
        for key, value in records:
            decides = key in ("path", "linkpath", "size")
            if header.type != tarfile.XGLTYPE:
                if decides and (key in stated or not value):
                    self.problems.append(f"a member has several headers for its {key}")
                stated[key] = value
            elif decides or key.startswith("GNU."):
                self.problems.append(f"a header for all members sets {key}")

    def _make_member(
        self, header: TarInfo, block: bytes, stated: dict[str, bytes]
    ) -> Member:
        name, target = (
            stated[key].decode("utf-8", "surrogateescape") if key in stated else own
            for key, own in (("path", header.name), ("linkpath", header.linkname))
        )
        kind = _KINDS.get(block[156:157])
        size = stated.get("size")
        # Python takes a file whose name ends so for a folder, and drops the slash.
        is_folder = header.isdir() or name.endswith("/")
        reasons = (
            kind is None and "a type that few readers know",
            any(key.startswith(("GNU.sparse", "SCHILY.realsize")) for key in stated)
            and "gaps (a sparse file)",
            size is not None
            and size.lstrip(b"0") != str(header.size or "").encode()
            and "two sizes",
            kind == "file" and is_folder and "the name of a folder",
            kind != "file" and header.size and "content, but is not a file",
        )
        if words := ", ".join(reason for reason in reasons if reason):
            self.problems.append(f"{name} has {words}")
        return Member(
            name,
            kind or "special",  # type: ignore[arg-type]  # mypy takes them for any string
            header.size,
            target,
            is_hard=header.islnk(),
        )

    def _check_end(self, block: bytes) -> None:
        """Read the rest, which must be zeros: two blocks mark the end."""
        zeros = len(block)
        while block:
            if any(block) or zeros > MOST_BYTES:
                raise ArtifactError(
                    f"there are bytes behind its end, at byte {self._stream.position}"
                )
            block = self._stream.read(BLOCK_BYTES)
            zeros += len(block)
        if zeros < 2 * _BLOCK:
            self.problems.append("it has no end marker, so it could be cut off")


def _parse_records(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Parse the records of a pax header, "11 path=name" and a line break each."""
    at = 0
    while at < len(content):
        length = _RECORD.match(content, at)
        end = at + int(length[1]) if length else 0
        key, equals, value = content[length.end() if length else 0 : end].partition(
            b"="
        )
        if not (end <= len(content) and equals and value.endswith(b"\n")):
            raise ArtifactError("it has a malformed pax header")
        at = end
        yield key.decode("utf-8", "surrogateescape"), value[:-1]
