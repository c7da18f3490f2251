"""The files of a run: which there are, and whether size and SHA-256 are as the manifest says."""

import hashlib
import io
from collections.abc import Callable, Collection, Iterator, Mapping

from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import Snapshot
from newsbot.archive.verify.places import odd_fault
from newsbot.layout import MANIFEST, SUMS, Part, is_part
from newsbot.warc.fault import Fault


class HashingReader(io.RawIOBase):
    """A stream of pieces as a file object that computes size and SHA-256.

    ``seen`` is called with the number of bytes of each piece.
    """

    def __init__(self, pieces: Iterator[bytes], seen: Callable[[int], None]) -> None:
        self._pieces = pieces
        self._seen = seen
        self._rest = b""
        self._digest = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """Return further bytes: at most a piece, and none at the end."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self._digest.update(self._rest)
            self._size += len(self._rest)
            self._seen(len(self._rest))
        piece, self._rest = (
            (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return piece

    def finish(self) -> tuple[int, str]:
        """Read the rest of the stream; return size and SHA-256 (hex) of the whole."""
        self._rest = b""
        while self.read():
            pass
        return self._size, self._digest.hexdigest()


def listing_faults(
    run: Snapshot, existing: Collection[str], odd: Mapping[str, str], only: Part | None
) -> Iterator[Fault]:
    """Yield a fault for each file that the run has too many, or lacks.

    Args:
        existing: the paths of its plain files.
        odd: what else stands there, by path: links, devices, hidden files, empty folders.
    """
    prefix = run.ref.prefix
    listed = {entry.name for entry in run.manifest.files}
    for name, what in sorted(odd.items()):
        yield odd_fault(prefix + name, what)
    for name in sorted(set(existing) - listed - {MANIFEST}):
        yield Fault(prefix + name, "is not in the manifest", detail=_twin(name, listed))
    for name in sorted(listed - set(existing) - odd.keys()):
        if is_part(name, only):
            yield Fault(prefix + name, "is in the manifest, but missing")
    for name in sorted(listed):
        if twin := _twin(name, listed):
            yield Fault(prefix + MANIFEST, "lists names that differ only in case", detail=twin)
    if only is None and SUMS not in listed:
        yield Fault(prefix + MANIFEST, f"lists no {SUMS}, which each run has")


def _twin(name: str, names: Collection[str]) -> str:
    """Return the name that differs from this one in case alone, and what comes of it; or ""."""
    twin = next((one for one in names if one != name and one.lower() == name.lower()), None)
    return f"differs only in case from {twin}: many disks cannot hold both" if twin else ""


def entry_faults(
    name: str, entry: FileEntry, found: tuple[int, str], entries: Collection[FileEntry]
) -> Iterator[Fault]:
    """Yield a fault if a file's size or SHA-256 are not the manifest's.

    Args:
        name: of the file in the store.
        found: its size and SHA-256.
        entries: of all files of the run, among which it may have been swapped.
    """
    size, sha256 = found
    if found == (entry.size, entry.sha256):
        return
    twin = next((one.name for one in entries if (one.size, one.sha256) == found), None)
    if twin is not None:
        yield Fault(name, f"holds the bytes of another file of the run, {twin}")
    elif size != entry.size:
        yield Fault(name, f"has {size} bytes, the manifest says {entry.size}")
    else:
        yield Fault(name, f"SHA-256 is {sha256}, not {entry.sha256} as the manifest says")


def sums_faults(run: Snapshot) -> Iterator[Fault]:
    """Yield a fault for each file of which SHA256SUMS says other than the manifest."""
    file = run.open(SUMS)
    data = file.read()
    entries = sorted((one.name, one.sha256) for one in run.manifest.files if one.name != SUMS)
    if data == "".join(f"{sha256}  {name}\n" for name, sha256 in entries).encode():
        return
    said = {line[66:]: line[:64] for line in data.decode("utf-8", "replace").splitlines()}
    wanted = dict(entries)
    names = sorted(said.keys() | wanted)
    differing = [name for name in names if said.get(name) != wanted.get(name)]
    for name in differing:
        sums = f"{said.get(name, 'nothing')}, the manifest {wanted.get(name, 'nothing')}"
        detail = f"of {name[:200]} it says {sums}"
        yield Fault(file.name, "says other than the manifest", detail=detail)
    if not differing:
        yield Fault(file.name, "is not written as sha256sum reads it, or not in order")
