"""The protocol of a store, where runs land; a folder and S3 implement it.

Objects are never changed: no method overwrites one with other bytes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from newsbot.errors import ObjectExists, StoreError
from newsbot.layout import LAYOUT, is_safe_name

MARKER = "newsbot.json"


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """Name, size and checksums (hex) of an object; None where the store does not give one."""

    name: str
    size: int
    sha256: str | None
    md5: str | None = None


class Store(Protocol):
    """Objects by name (relative, with slashes).

    Raises (all methods):
        StoreError: the operation failed; the message says what to do. ObjectMissing,
            ObjectExists and FixityError are its subclasses for those reasons.
    """

    url: str

    def reach(self, *, write: bool) -> None:
        """Check that the store can be reached and read, and also written if ``write``."""

    def clock(self) -> datetime:
        """Return the store's own time, aware; called only on a store that can be written."""

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Store a file with its checksum; do nothing if the object has that checksum already."""

    def put_new(self, name: str, data: bytes) -> None:
        """Create an object; raise ObjectExists if there is one of that name, whatever its bytes."""

    def stat(self, name: str) -> ObjectInfo:
        """Return the object's size and checksum as the store has them now."""

    def get(self, name: str) -> bytes:
        """Return the whole object, for small ones."""

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from an offset, in one request; fewer where the object ends."""

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """Yield the object from an offset on, in pieces."""

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects whose names begin with the prefix, in any order, without SHA-256."""

    def irregular(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield what stands below the prefix and is no plain object: its name and what it is.

        In a folder these are links, devices, pipes, hidden files and empty folders, whose names end
        with a slash; ``list`` leaves them out, and opening one may lead elsewhere or wait for ever.
        """

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the next level of names below a prefix; the prefix and the names end with a slash.

        The order is the store's own: AWS sorts by bytes, SeaweedFS by folder, S3 Express not.
        """

    def remove(self, name: str) -> None:
        """Remove an object: only the doctor's own trial objects, never what landed."""


def write_marker(store: Store) -> None:
    """Write ``newsbot.json``, if it does not exist."""
    try:
        store.put_new(MARKER, json.dumps({"layout": LAYOUT}).encode() + b"\n")
    except ObjectExists:
        return  # another crawl has written it


def checked_name(name: str) -> str:
    """Return the name, if it is safe to store under.

    Raises:
        StoreError: it is absolute, or might leave the store.
    """
    if not is_safe_name(name):
        raise StoreError(f"{name!r} is not a name that newsbot stores under")
    return name
