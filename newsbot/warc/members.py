"""Reads a gzip file member by member, streaming, with the offset and end of each."""

import re
from collections.abc import Iterator
from typing import IO

from isal import isal_zlib

END_OF_HEADER = re.compile(rb"\r\n\r\n")  # of a WARC record
_PIECE = 256 * 1024


class GzipMember:
    """One gzip member, read once from front to back."""

    def __init__(self, source: "_Source", offset: int) -> None:
        self.offset = offset
        self.broken: str | None = None  # what is wrong with it
        self._source = source
        self._plain = b""
        self._decoder = isal_zlib.decompressobj(31)
        self.end = offset  # offset in the file behind it, once it is read

    def _more(self) -> bool:
        """Decompress another piece; return False at the member's end or where it is broken."""
        if self._decoder.eof or self.broken is not None:
            return False
        piece = self._source.read()
        if not piece:
            self.broken = "truncated: the file ends within this record"
            return False
        try:
            self._plain += self._decoder.decompress(piece)
        except isal_zlib.IsalError as error:  # type: ignore[misc]  # the stub lacks its base
            self.broken = f"not gzip: {error}"
            return False
        if self._decoder.eof:
            self._source.unread(self._decoder.unused_data)
        return True

    def read_until(
        self, end: re.Pattern[bytes], most: int, or_all: int | None = None
    ) -> bytes | None:
        """Return the bytes up to and including the end mark.

        Args:
            end: matches the mark.
            most: bytes within which the mark must occur; None is returned if it does not.
            or_all: without the mark, return this many bytes if they are there.
        """
        while True:
            found = end.search(self._plain, 0, most)
            if found is not None:
                taken, self._plain = self._plain[: found.end()], self._plain[found.end() :]
                return taken
            if len(self._plain) >= most or not self._more():
                break
        if or_all is not None and len(self._plain) >= or_all and or_all <= most:
            taken, self._plain = self._plain[:or_all], self._plain[or_all:]
            return taken
        return None

    def read(self, length: int) -> Iterator[bytes]:
        """Yield that many bytes, in pieces; fewer where the member ends."""
        while length > 0:
            if not self._plain and not self._more():
                return
            piece, self._plain = self._plain[:length], self._plain[length:]
            length -= len(piece)
            if piece:
                yield piece

    def finish(self) -> bytes:
        """Read to the member's end; return the first 64 bytes of what was left."""
        start = b""
        while self._plain or self._more():
            start = (start + self._plain)[:64]
            self._plain = b""
        self.end = self._source.position
        return start

    def skip(self) -> None:
        """Read to the member's end."""
        self.finish()


class _Source:
    """A file read in pieces, part of which can be put back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unread = b""
        self.position = 0

    def read(self) -> bytes:
        piece, self._unread = self._unread or self._file.read(_PIECE), b""
        self.position += len(piece)
        return piece

    def unread(self, data: bytes) -> None:
        self._unread = data
        self.position -= len(data)

    def at_end(self) -> bool:
        if not self._unread:
            self._unread = self._file.read(_PIECE)
        return not self._unread


def members(file: IO[bytes]) -> Iterator[GzipMember]:
    """Yield the file's gzip members; each is skipped to its end before the next."""
    source = _Source(file)
    while not source.at_end():
        member = GzipMember(source, source.position)
        yield member
        member.skip()
        if member.broken is not None:
            return
