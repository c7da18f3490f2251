"""The store: where runs land. A folder or S3, behind one protocol.

What is written stays: nothing here overwrites an object with other bytes.
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
    """What the store says of an object; a checksum (hex) is None where it does not say it."""

    name: str
    size: int
    sha256: str | None
    md5: str | None = None


class Store(Protocol):
    """Objects by name (relative, with slashes).

    Raises (all methods):
        StoreError: the store could not do it; the message says what to do. Also ObjectMissing,
            ObjectExists and FixityError, where they are the reason.
    """

    url: str

    def reach(self, *, write: bool) -> None:
        """Check that the store is there and the credentials are good, also for writing if asked."""

    def clock(self) -> datetime:
        """Return the store's own time, aware; it can be written when this is asked."""

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Store a file whole, under its checksum; there already with that checksum is success."""

    def put_new(self, name: str, data: bytes) -> None:
        """Create an object; ObjectExists if there is one of that name, whatever its bytes."""

    def stat(self, name: str) -> ObjectInfo:
        """Return size and checksum as the store has them now."""

    def get(self, name: str) -> bytes:
        """Return the whole object, for small ones."""

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """So many bytes from an offset on, in one request; fewer where the object ends before."""

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """Return the object from an offset on, in pieces."""

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return objects whose names begin so, in the store's own order; without SHA-256."""

    def folders(self, prefix: str) -> Iterator[str]:
        """The next level of names below a prefix that ends with a slash; each ends with one too.

        In the store's own order: AWS sorts by bytes, SeaweedFS by folder, S3 Express not at all.
        """


def mark(store: Store) -> None:
    """Write ``newsbot.json``, once."""
    try:
        store.put_new(MARKER, json.dumps({"layout": LAYOUT}).encode() + b"\n")
    except ObjectExists:
        return  # another crawl was first


def checked_name(name: str) -> str:
    """Return the name, if it is one of ours.

    Raises:
        StoreError: it is absolute, or might leave the store.
    """
    if not is_safe_name(name):
        raise StoreError(f"{name!r} is not a name that newsbot stores under")
    return name
