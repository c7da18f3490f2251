"""Writing to the local disk so that it lasts, and saying what to do when it cannot be done."""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from newsbot.errors import CaptureError

PARTIAL = ".partial"
_NEWBORN = 1.0  # seconds; a side file this young may be about to be locked by its writer


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class disk_errors:  # noqa: N801 - reads as a statement
    """Turns an OSError of the spool's folder into a CaptureError that says what to do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise CaptureError(
                f"{self._folder}: cannot write: {error.strerror}; what was written is kept: "
                "make room (or mend the folder) and start the crawl again"
            ) from error


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of it to an unbuffered file, however many calls that takes."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all."""
    with durable_file(path) as file:
        file.write(data)


@contextmanager
def durable_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which has its name once it is whole and on the disk.

    Several may write the same path at once; the last one's file is then there.
    """
    with side_file(path) as file:
        yield file
        put_on_disk(file)
        Path(file.name).replace(path)
    sync_folder(path.parent)


@contextmanager
def side_file(target: Path) -> Iterator[IO[bytes]]:
    """A new hidden file beside the target, to be written and given its name; gone afterwards.

    While it is there its writer holds a lock on it; so what a killed process left in this folder
    can be told from what another one is writing, and is removed.
    """
    _clear_dead(target.parent)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        with partial.open("xb") as file:
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
    finally:
        partial.unlink(missing_ok=True)


def put_on_disk(file: IO[bytes]) -> None:
    """See that what was written to the file survives the machine's going down."""
    file.flush()
    os.fsync(file.fileno())


def _clear_dead(folder: Path) -> None:
    for left in folder.glob(f".*{PARTIAL}"):
        with suppress(OSError), left.open("rb") as file:  # alive, or another one was quicker
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - left.stat().st_mtime > _NEWBORN:
                left.unlink()


def sha256_of(data: bytes) -> str:
    """Return SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


PIECE = 1024 * 1024  # bytes read at once: memory stays small, whatever the file


def pieces(path: Path, offset: int = 0) -> Iterator[bytes]:
    """Yield the file's bytes from an offset on, a piece at a time.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        while piece := file.read(PIECE):
            yield piece


def size_and_sha256(path: Path) -> tuple[int, str]:
    """Return bytes, and SHA-256 in hex.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def md5_of(path: Path) -> str:
    """MD5 in hex, for comparing with an ETag of S3.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
