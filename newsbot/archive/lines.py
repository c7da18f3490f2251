"""Reading a landed file from start to end, checking it against the manifest meanwhile."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import DamagedGzip, FixityError, StoreUnavailable
from newsbot.stores.retry import RetryPolicy

_PIECE = 1024 * 1024  # decompressed bytes at once, whatever the compression ratio


def checked_pieces(
    snapshot: Snapshot,
    entry: FileEntry,
    retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
) -> Iterator[bytes]:
    """Yield the file's bytes in pieces, resuming where a connection broke.

    Raises:
        FixityError: at the end, if size or SHA-256 differ from the manifest's. The caller must
            then discard whatever it made of the pieces.
        StoreError: it could not be read.
    """
    file = snapshot.open(entry.name)
    digest, size = hashlib.sha256(), 0
    pieces = file.stream()

    def next_piece() -> bytes | None:
        nonlocal pieces
        try:
            return next(pieces, None)
        except StoreUnavailable:
            pieces = file.stream(size)
            raise

    while (piece := retry_policy.do(next_piece)) is not None:
        digest.update(piece)
        size += len(piece)
        yield piece
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise FixityError(
            f"{file.url}: {size} bytes with SHA-256 {digest.hexdigest()}; the manifest "
            f"says {entry.size} with {entry.sha256}: the stored copy is damaged"
        )


def checked_lines(snapshot: Snapshot, name: str) -> Iterator[bytes]:
    """Yield the lines of one of the run's files, without line feeds.

    A file whose name ends in .gz is decompressed; a missing one has no lines. Memory is
    bounded by the longest line.

    Raises:
        FixityError, StoreError: like ``checked_pieces``, after the last line.
    """
    entry = next((entry for entry in snapshot.manifest.files if entry.name == name), None)
    if entry is None:
        return
    pieces = checked_pieces(snapshot, entry)
    if name.endswith(".gz"):
        pieces = _decompress(pieces, snapshot.open(name).url)
    yield from plain_lines(pieces, snapshot.open(name).url)


class GzipLines:
    """The JSON lines of a landed or closed gzip file, read again for each iteration.

    Iterating raises DamagedGzip where the bytes are not complete gzip members.
    """

    def __init__(self, file: Path | bytes, where: str | None = None) -> None:
        self._file = file
        self._where = where or (str(file) if isinstance(file, Path) else "gzip file")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        pieces = iter([self._file]) if isinstance(self._file, bytes) else _read(self._file)
        yield from map(json.loads, gzip_lines(pieces, self._where))


def gzip_lines(pieces: Iterator[bytes], where: str, longest: int | None = None) -> Iterator[bytes]:
    """Yield the lines of a gzip file that comes in pieces, without line feeds.

    Args:
        where: the file, for messages.
        longest: the most bytes that a line may have; no limit if not given.

    Raises:
        DamagedGzip: it is not complete gzip members, or a line is too long.
    """
    yield from plain_lines(_decompress(pieces, where), where, longest)


def plain_lines(pieces: Iterator[bytes], where: str, longest: int | None = None) -> Iterator[bytes]:
    """Yield the lines of a file that comes in pieces, like ``gzip_lines``."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        if longest is not None and len(rest) > longest:
            raise DamagedGzip(f"{where}: a line is longer than {longest} bytes")
        yield from lines
    if rest:
        yield rest


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _decompress(pieces: Iterator[bytes], where: str) -> Iterator[bytes]:
    """Yield the decompressed bytes of all gzip members, of which a sealed file has many.

    Raises:
        DamagedGzip: a member is damaged or truncated, or other bytes follow the last one.
    """
    decoder = None
    try:
        for packed in pieces:
            rest = packed
            while rest:
                if decoder is None or decoder.eof:
                    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield decoder.decompress(rest, _PIECE)
                rest = decoder.unused_data or decoder.unconsumed_tail
        if decoder is not None:
            yield decoder.flush()
    except zlib.error as error:
        raise DamagedGzip(f"{where}: not gzip ({error}): the copy is damaged") from error
    if decoder is not None and not decoder.eof:
        raise DamagedGzip(f"{where}: its last gzip member is truncated: the copy is damaged")
