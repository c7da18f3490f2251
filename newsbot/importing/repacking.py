"""Compresses an uncompressed WARC file as a store needs it: one gzip member a record.

Nothing else changes: what ``zcat`` gives of it is the file as it came, byte for byte.
"""

import io
import re
from collections.abc import Iterator
from typing import Final, Protocol

from isal import isal_zlib

from newsbot.errors import NewsbotError
from newsbot.warc.header_check import parse_header
from newsbot.warc.members import END_OF_HEADER

_PIECE: Final = 256 * 1024
_MAX_HEADER: Final = 1024 * 1024  # bytes of a record's header block
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_GZIP: Final = 31  # wbits


class Readable(Protocol):
    """What is read from front to back."""

    def read(self, size: int, /) -> bytes:
        """Return up to that many bytes; nothing at the end."""


class NotRecords(NewsbotError):
    """A file that should be WARC records, one after the other, and is not."""


class PieceReader(io.RawIOBase):
    """The pieces of an iterator as a file that is read from front to back."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes, or a piece; nothing at the end."""
        if not self._rest:  # a compressor may give nothing yet, which would be the end
            self._rest = next(filter(None, self._pieces), b"")
        end = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:end], self._rest[end:]
        return piece


def packed(file: Readable, where: str) -> Iterator[bytes]:
    """Yield the records of an uncompressed WARC file as gzip members, in pieces.

    Raises:
        NotRecords: no record begins where one should, so the file cannot be divided.
    """
    source = _Plain(file)
    while not source.is_at_end():
        at = source.position
        header = source.header()
        length = "" if header is None else parse_header(header)[1].get("content-length", "")
        if header is None or not _LENGTH.fullmatch(length):
            raise NotRecords(
                f"{where} at {at}: no WARC record begins here, so the file cannot be divided into "
                "records: the Content-Length of the one before is wrong, or the file is damaged; "
                "mend or cut it there (`warcio recompress` reads some such files)"
            )
        member = isal_zlib.compressobj(2, isal_zlib.DEFLATED, _GZIP)
        yield member.compress(header)
        for piece in source.block(int(length)):
            yield member.compress(piece)
        yield member.compress(source.line_ends()) + member.flush()


class _Plain:
    """An uncompressed file, read from front to back with a look ahead."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._ahead = b""
        self.position = 0

    def is_at_end(self) -> bool:
        return not self._ahead and not self._read()

    def header(self) -> bytes | None:
        """Return a record's header block; None if there is none."""
        while (end := END_OF_HEADER.search(self._ahead)) is None:
            if not b"WARC/".startswith(self._ahead[:5]) or len(self._ahead) > _MAX_HEADER:
                return None
            if not self._read():
                return None
        return self._take(end.end()) if self._ahead.startswith(b"WARC/") else None

    def block(self, length: int) -> Iterator[bytes]:
        """Yield that many bytes; fewer where the file ends."""
        while length > 0 and not self.is_at_end():
            piece = self._take(min(length, len(self._ahead)))
            length -= len(piece)
            yield piece

    def line_ends(self) -> bytes:
        """Return the line ends between a record and the next."""
        found = b""
        while not self.is_at_end():
            rest = self._ahead.lstrip(b"\r\n")
            found += self._take(len(self._ahead) - len(rest))
            if rest:
                break
        return found

    def _read(self) -> bool:
        piece = self._file.read(_PIECE)
        self._ahead += piece
        return bool(piece)

    def _take(self, length: int) -> bytes:
        taken, self._ahead = self._ahead[:length], self._ahead[length:]
        self.position += length
        return taken
