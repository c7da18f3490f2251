"""Reads a gzip file member by member, streaming, and tells where each one ends or is torn."""

from collections.abc import Iterator
from typing import IO

from isal import isal_zlib

_PIECE = 256 * 1024


class Member:
    """One gzip member, read once from front to back."""

    def __init__(self, source: "_Source", offset: int) -> None:
        self.offset = offset
        self.broken: str | None = None
        self._source = source
        self._plain = b""
        self._decoder = isal_zlib.decompressobj(31)
        self.end = offset  # where it ends in the file, once it is read

    def _more(self) -> bool:
        """Decompress another piece; False at the member's end or where it is broken."""
        if self._decoder.eof or self.broken is not None:
            return False
        piece = self._source.read()
        if not piece:
            self.broken = "torn: the file ends within this record"
            return False
        try:
            self._plain += self._decoder.decompress(piece)
        except isal_zlib.IsalError as error:  # type: ignore[misc]  # the stub lacks its base
            self.broken = f"not gzip: {error}"
            return False
        if self._decoder.eof:
            self._source.give_back(self._decoder.unused_data)
        return True

    def until(self, end: bytes, most: int, or_all: int | None = None) -> bytes | None:
        """Bytes up to and with the end mark; None if it does not come within ``most`` bytes."""
        while True:
            position = self._plain.find(end, 0, most)
            if position >= 0:
                taken, self._plain = (
                    self._plain[: position + len(end)],
                    self._plain[position + len(end) :],
                )
                return taken
            if len(self._plain) >= most or not self._more():
                break
        if or_all is not None and len(self._plain) >= or_all and or_all <= most:
            taken, self._plain = self._plain[:or_all], self._plain[or_all:]
            return taken
        return None

    def take(self, length: int) -> Iterator[bytes]:
        """So many bytes, in pieces."""
        while length > 0:
            if not self._plain and not self._more():
                return
            piece, self._plain = self._plain[:length], self._plain[length:]
            length -= len(piece)
            if piece:
                yield piece

    def rest(self) -> bytes:
        """The start of what is left (the rest is read over), after which the member is done."""
        start = b""
        while self._plain or self._more():
            start = (start + self._plain)[:64]
            self._plain = b""
        self.end = self._source.position
        return start

    def skip(self) -> None:
        """Read over what is left."""
        self.rest()


class _Source:
    """A file read in pieces, of which a part can be given back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._back = b""
        self.position = 0

    def read(self) -> bytes:
        piece, self._back = self._back or self._file.read(_PIECE), b""
        self.position += len(piece)
        return piece

    def give_back(self, data: bytes) -> None:
        self._back = data
        self.position -= len(data)

    def at_end(self) -> bool:
        if not self._back:
            self._back = self._file.read(_PIECE)
        return not self._back


def members(file: IO[bytes]) -> Iterator[Member]:
    source = _Source(file)
    while not source.at_end():
        member = Member(source, source.position)
        yield member
        member.skip()
        if member.broken is not None:
            return
