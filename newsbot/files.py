"""Durable writes to the local disk, their errors, and checksums of files."""

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
_LOCK_DELAY = 1.0  # seconds; the writer of a younger side file may not have locked it yet


def sync_folder(folder: Path) -> None:
    """Flush a folder to the disk, so that names created or changed in it survive a crash."""
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
                f"{self._folder}: cannot write: {error.strerror}; what was written so far is kept: "
                "make room (or repair the folder) and start the crawl again"
            ) from error


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of the data to an unbuffered file, in as many calls as it takes."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it exists whole or not at all."""
    with durable_file(path) as file:
        file.write(data)


@contextmanager
def durable_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write to, which gets its name once it is whole and on the disk.

    Several processes may write the same path at once; the file of the last one remains.
    """
    with side_file(path) as file:
        yield file
        put_on_disk(file)
        Path(file.name).replace(path)
    sync_folder(path.parent)


@contextmanager
def side_file(target: Path) -> Iterator[IO[bytes]]:
    """Yield a new hidden file beside the target, and remove it after the block if it still exists.

    The block writes it and renames it to the target. Its writer holds a lock on it, so that files
    left in this folder by a killed process can be distinguished from files being written; they are
    removed.
    """
    _remove_abandoned(target.parent)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        with partial.open("xb") as file:
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
    finally:
        partial.unlink(missing_ok=True)


def put_on_disk(file: IO[bytes]) -> None:
    """Flush what was written to the file to the disk, so that it survives a crash."""
    file.flush()
    os.fsync(file.fileno())


def _remove_abandoned(folder: Path) -> None:
    for partial in folder.glob(f".*{PARTIAL}"):
        # An OSError means that its writer holds the lock, or another process has removed it.
        with suppress(OSError), partial.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - partial.stat().st_mtime > _LOCK_DELAY:
                partial.unlink()


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of the data in hex."""
    return hashlib.sha256(data).hexdigest()


PIECE = 1024 * 1024  # bytes read at once: memory stays small, however large the file


def pieces(path: Path, offset: int = 0) -> Iterator[bytes]:
    """Yield the file's bytes from an offset on, in pieces of at most 1 MiB.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        while piece := file.read(PIECE):
            yield piece


def size_and_sha256(path: Path) -> tuple[int, str]:
    """Return the file's size in bytes, and its SHA-256 in hex.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def md5_and_sha256(body: bytes | IO[bytes]) -> tuple[bytes, str]:
    """Return the MD5 and the SHA-256 (hex) in one pass; a file is at its beginning afterwards."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    if isinstance(body, bytes):
        md5.update(body)
        sha256.update(body)
        return md5.digest(), sha256.hexdigest()
    while piece := body.read(PIECE):
        md5.update(piece)
        sha256.update(piece)
    body.seek(0)
    return md5.digest(), sha256.hexdigest()


def md5_of(path: Path) -> str:
    """Return the file's MD5 in hex, to be compared with an ETag of S3.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
