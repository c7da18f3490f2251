"""Size and checksums of what lies on the local disk."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

PIECE = 1024 * 1024  # bytes read at once: memory stays small, whatever the file


def pieces(path: Path, offset: int = 0) -> Iterator[bytes]:
    """The file's bytes from an offset on, a piece at a time.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        while piece := file.read(PIECE):
            yield piece


def size_and_sha256(path: Path) -> tuple[int, str]:
    """Bytes, and SHA-256 in hex.

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
