"""Writing to the local disk so that it lasts, and saying what to do when it cannot be done."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from newsbot.errors import CaptureError


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
    """A file to write, which has its name once it is whole and on the disk."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
