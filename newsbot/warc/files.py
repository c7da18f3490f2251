"""The WARC files of a run: opened, rolled, appended to record by record, closed."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from isal import isal_zlib

from newsbot.files import disk_errors, sync_folder, write_all
from newsbot.warc import http1
from newsbot.warc.records import Block, base32_digest, new_id, timestamp, warc_fields

ROLL_AT = 256 * 1024**2  # bytes: WARC 1.1, annex C, recommends at most 1 GB
_GZIP_LEVEL = 2  # ISA-L: 4,300 records/s of 60 KB, 5 % larger than zlib at 6
_STORED = 0  # zlib: for compressed payloads; a tenth of the time, 3 % larger at 12 KB


class WarcFiles:
    """Appends records to ``<prefix>-<serial>.warc.gz``, which carries ``.open`` until closed.

    Each record is a gzip member of its own. ``flush`` writes what was appended to the operating
    system, in one call; ``sync`` forces it to disk. Not thread-safe.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        info: Mapping[str, str],
        roll_at: int = ROLL_AT,
        on_rolled: Callable[[Path], None] = lambda _path: None,
        last_serial: int = 0,
    ) -> None:
        self._folder = folder
        self._prefix = prefix
        self._info = dict(info)
        self._roll_at = roll_at
        self._on_rolled = on_rolled
        self._serial = last_serial
        self._file: IO[bytes] | None = None
        self._info_id = ""
        self.filename = ""  # the name, once closed, of the file being written
        self._appended: list[bytes] = []  # not yet written to the operating system
        self.size = 0  # bytes of the open file, with those appended

    def sync(self) -> None:
        """Force what was flushed to disk."""
        if self._file is not None:
            with disk_errors(self._folder):
                os.fsync(self._file.fileno())

    def close(self) -> Path | None:
        """Sync the open file and give it its final name; return its path, None if there is none."""
        if self._file is None:
            return None
        with disk_errors(self._folder):
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            path = self._folder / self.filename
            open_path = path.with_name(path.name + ".open")
            if self.size:
                open_path.rename(path)
            else:  # not even its warcinfo could be written
                open_path.unlink()
            sync_folder(self._folder)
        return path if self.size else None

    def roll_if_due(self) -> None:
        """Close the file if it is large enough, and open the next; open the first one too."""
        if self._file is not None and self.size >= self._roll_at:
            path = self.close()
            if path is not None:
                self._on_rolled(path)
        if self._file is None:
            self._serial += 1
            self.filename = f"{self._prefix}-{self._serial:05d}.warc.gz"
            path = self._folder / (self.filename + ".open")
            self._file = path.open("xb", buffering=0)
            sync_folder(self._folder)
            self.size = 0
            self._info_id = new_id()
            headers = {
                "WARC-Filename": self.filename,
                "Content-Type": "application/warc-fields",
            }
            block = Block(warc_fields(self._info))
            try:
                self.append("warcinfo", self._info_id, datetime.now(UTC), headers, block)
                self.flush()
            except OSError:
                self.cut(0)
                raise

    def append(
        self, kind: str, record_id: str, date: datetime, headers: dict[str, str], block: Block
    ) -> tuple[int, int]:
        """Append one record as one gzip member; return its offset and length in bytes.

        Raises:
            OSError: it was not written completely; the caller cuts the file back.
        """
        lines = "".join([f"{name}: {headers[name]}\r\n" for name in headers])
        warcinfo = "" if kind == "warcinfo" else f"WARC-Warcinfo-ID: {self._info_id}\r\n"
        head = (
            f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: {record_id}\r\n"
            f"WARC-Date: {timestamp(date)}\r\n{warcinfo}{lines}"
            f"WARC-Block-Digest: {_block_digest(block)}\r\n"
            f"Content-Length: {block.length}\r\n\r\n"
        ).encode()
        offset = self.size
        in_memory = isinstance(block.payload, bytes)
        for piece in _member(head, block):
            self._appended.append(piece)
            self.size += len(piece)
            if not in_memory:
                self.flush()
        return offset, self.size - offset

    def flush(self) -> None:
        """Write what was appended to the operating system.

        Raises:
            OSError: it was not written completely; the caller cuts the file back.
        """
        write_all(cast("IO[bytes]", self._file), b"".join(self._appended))
        self._appended.clear()

    def cut(self, size: int) -> None:
        """Truncate the open file to that many bytes: a full disk leaves partial records."""
        self._appended.clear()
        file = cast("IO[bytes]", self._file)
        file.truncate(size)
        file.seek(size)
        self.size = size


def _block_digest(block: Block) -> str:
    sha1 = hashlib.sha1(block.head, usedforsecurity=False)
    for piece in http1.pieces(block.payload):
        sha1.update(piece)
    return base32_digest(sha1.digest())


def _member(head: bytes, block: Block) -> Iterator[bytes]:
    """Yield the record as one gzip member: in one piece when its payload is in memory."""
    level = _STORED if block.is_compressed else _GZIP_LEVEL
    if isinstance(block.payload, bytes):
        whole = b"".join((head, block.head, block.payload, b"\r\n\r\n"))
        yield (zlib if block.is_compressed else isal_zlib).compress(whole, level, wbits=31)
        return
    member = (zlib if block.is_compressed else isal_zlib).compressobj(level, zlib.DEFLATED, 31)
    yield member.compress(head)
    for piece in block.pieces():
        yield member.compress(piece)
    yield member.compress(b"\r\n\r\n") + member.flush()
