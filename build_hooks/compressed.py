"""Decompresses a file that has one compressed stream and nothing else."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from build_hooks.errors import ArtifactError
from build_hooks.members import BLOCK_BYTES

# xz -9 needs 65 MiB.
_MOST_MEMORY = 256 << 20


class _Decompressor(Protocol):
    """What `bz2` and `lzma` have in common."""

    @property
    def eof(self) -> bool: ...  # as in the standard library
    @property
    def needs_input(self) -> bool: ...  # the same
    @property
    def unused_data(self) -> bytes: ...  # the same
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """A gzip stream, with the interface of `bz2` and `lzma`."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        data = self._inflate.unconsumed_tail + data
        block = self._inflate.decompress(data, max_length)
        self._full = len(block) == max_length
        return block


class _Plain:
    """Content that is not compressed, with the same interface."""

    eof = False
    needs_input = True
    unused_data = b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        assert len(data) <= max_length  # noqa: S101  # our own reader
        return data


_FORMATS: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\0": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_MEMORY),
}


class Stream:
    """The decompressed content of *file*, from its beginning to its end.

    Attributes:
        position: The number of bytes read.
    """

    def __init__(self, file: BinaryIO) -> None:
        start = file.read(6)
        file.seek(0)
        makers = (make for magic, make in _FORMATS.items() if start.startswith(magic))
        self._decompressor = next(makers, _Plain)()
        self._file = file
        self._block = b""
        self._used = 0  # bytes of the block
        self.position = 0

    def read(self, size: int) -> bytes:
        """Read *size* bytes; fewer only at the end."""
        parts = []
        while size:
            if self._used == len(self._block):
                self._block, self._used = self._read_block(), 0
                if not self._block:
                    break
            part = self._block[self._used : self._used + size]
            parts.append(part)
            self._used += len(part)
            self.position += len(part)
            size -= len(part)
        return b"".join(parts)

    def _read_block(self) -> bytes:
        """Read the next bytes; none at the end.

        Raises:
            ArtifactError: If the stream is cut off, or anything is behind it. Readers
                disagree on whether that belongs to the content.
        """
        decompressor = self._decompressor
        while not decompressor.eof:
            data = self._file.read(BLOCK_BYTES) if decompressor.needs_input else b""
            if decompressor.needs_input and not data:
                if isinstance(decompressor, _Plain):
                    return b""
                raise ArtifactError("its compressed data is cut off")
            if block := decompressor.decompress(data, BLOCK_BYTES):
                return block
        if decompressor.unused_data or self._file.read(1):
            raise ArtifactError(
                "there are bytes behind its compressed data: compress it as one stream"
            )
        return b""
