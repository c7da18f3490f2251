"""Reading a landed file from front to back, seeing on the way that it is what the manifest says."""

import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isal import igzip

from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import FixityError, StoreUnavailable
from newsbot.stores.retry import Patience

_PIECE = 1024 * 1024  # bytes of plain text at once, however well a file is compressed


def checked(
    snapshot: Snapshot,
    entry: FileEntry,
    patience: Patience = Patience(),  # noqa: B008 - frozen
) -> Iterator[bytes]:
    """The file's bytes in pieces; goes on where a connection broke.

    Raises:
        FixityError: at its end, if size or SHA-256 are not the manifest's. Nothing that was made
            of the pieces may be kept then.
        StoreError: it could not be read.
    """
    file = snapshot.open(entry.name)
    digest, size = hashlib.sha256(), 0
    pieces = file.stream()

    def following() -> bytes | None:
        nonlocal pieces
        try:
            return next(pieces, None)
        except StoreUnavailable:
            pieces = file.stream(size)
            raise

    while (piece := patience.do(following)) is not None:
        digest.update(piece)
        size += len(piece)
        yield piece
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise FixityError(
            f"{file.url}: {size} bytes with SHA-256 {digest.hexdigest()}; the manifest "
            f"says {entry.size} with {entry.sha256}: the stored copy is damaged"
        )


def checked_lines(snapshot: Snapshot, name: str) -> Iterator[bytes]:
    """The lines of one of the run's files (gunzipped if it ends in .gz), without line feeds.

    A run that has no such file has no lines. Memory is bounded by the longest line.

    Raises:
        FixityError, StoreError: as ``checked`` does, after the last line.
    """
    entry = next((entry for entry in snapshot.manifest.files if entry.name == name), None)
    if entry is None:
        return
    pieces = checked(snapshot, entry)
    if name.endswith(".gz"):
        pieces = _gunzipped(pieces, snapshot.open(name).url)
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _gunzipped(pieces: Iterator[bytes], where: str) -> Iterator[bytes]:
    decoder = zlib.decompressobj(31)
    try:
        for piece in pieces:
            yield decoder.decompress(piece, _PIECE)
            while decoder.unconsumed_tail:
                yield decoder.decompress(decoder.unconsumed_tail, _PIECE)
        yield decoder.flush()
    except zlib.error as error:
        raise FixityError(f"{where}: not gzip ({error}): the stored copy is damaged") from error


class GzipLines:
    """The JSON lines of a landed or closed file, read anew each time they are gone through."""

    def __init__(self, file: Path | bytes) -> None:
        self._file = file

    def __iter__(self) -> Iterator[dict[str, Any]]:
        source = io.BytesIO(self._file) if isinstance(self._file, bytes) else self._file
        with igzip.open(source, "rt", encoding="utf-8") as file:  # type: ignore[no-untyped-call]
            yield from map(json.loads, file)
