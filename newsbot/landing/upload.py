"""Uploads a closed run: each file is stored and read back, then the manifest, create-only.

The protocol and its crash points are in ``docs/decisions/0015-landing-protocol.md``. Every step
can be repeated.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from newsbot.archive.manifest import FileEntry, Manifest
from newsbot.errors import FixityError, ObjectExists, ObjectMissing, StoreError
from newsbot.files import PARTIAL, md5_of, sha256_of, size_and_sha256, write_durably
from newsbot.layout import MANIFEST, SUMS
from newsbot.stores.parallel import wait_for_all
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import ObjectInfo, Store

_SMALL = 8 * 1024 * 1024  # bytes up to which hashing a file again costs less than a request
_AT_ONCE = 4  # concurrent files: most of a small one's time is the round trip


class LandingConflict(StoreError):
    """The store has another manifest for this run; nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A landed run.

    ``manifest`` is as stored, with all files; ``manifest_sha256`` is of its stored bytes, the head
    of the site's chain. ``again`` is set if the run had landed before.
    """

    manifest: Manifest
    manifest_sha256: str
    again: bool


def land(
    files: Path,
    store: Store,
    manifest: Manifest,
    prefix: str,
    *,
    uploaded: Sequence[FileEntry] = (),
    retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
) -> Landed:
    """Store the run's files and, last, its manifest; nothing local is removed.

    Args:
        files: the folder of the closed run; SHA256SUMS and manifest.json are written into it.
        manifest: the run's manifest, with or without its files.
        prefix: the run's folder in the store, with a closing slash.
        uploaded: files of the run that are in the store already and were removed from the folder.
        retry_policy: how long each step is tried while the store is unavailable.

    Raises:
        StoreError: not all could be stored; nothing local was removed and this can be repeated.
        LandingConflict: the store has another manifest for this run.
    """
    if not manifest.files:
        with _spool_errors(files):
            manifest = manifest.model_copy(update={"files": describe_files(files, uploaded)})
            write_durably(files / MANIFEST, manifest.to_bytes())

    def listed() -> dict[str, ObjectInfo]:
        return {info.name.removeprefix(prefix): info for info in store.list(prefix)}

    def put(entry: FileEntry) -> None:
        path = files / entry.name
        if path.exists():
            retry_policy.do(lambda: store.put_file(prefix + entry.name, path, entry.sha256))

    def read_back(entry: FileEntry) -> None:
        retry_policy.do(lambda: store_file(files, store, prefix, entry))

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="landing") as pool:
        there = retry_policy.do(listed)
        wait_for_all(
            [pool.submit(put, entry) for entry in manifest.files if entry.name not in there]
        )
        there = retry_policy.do(listed)
        unsure = [
            one for one in manifest.files if not _is_listed_intact(files, one, there.get(one.name))
        ]
        wait_for_all([pool.submit(read_back, entry) for entry in unsure])
    return retry_policy.do(partial(_put_manifest, store, prefix, manifest))


def describe_files(files: Path, uploaded: Sequence[FileEntry] = ()) -> tuple[FileEntry, ...]:
    """Return every file of the run with size and SHA-256, after writing SHA256SUMS.

    The entries of ``uploaded`` are taken as they are.

    Raises:
        OSError: the folder cannot be read or written.
    """
    entries = {entry.name: entry for entry in uploaded}
    for path in files.rglob("*"):
        name = path.relative_to(files).as_posix()
        if path.is_file() and path.name not in (SUMS, MANIFEST) and path.suffix != PARTIAL:
            entries.setdefault(name, describe(files, name))
    lines = [f"{entries[name].sha256}  {name}\n" for name in sorted(entries)]
    write_durably(files / SUMS, "".join(lines).encode())
    entries[SUMS] = describe(files, SUMS)
    return tuple(entries[name] for name in sorted(entries))


def describe(files: Path, name: str) -> FileEntry:
    """Return the manifest's entry for one file of the run.

    Raises:
        OSError: it cannot be read.
    """
    size, sha256 = size_and_sha256(files / name)
    return FileEntry(name=name, size=size, sha256=sha256)


@contextmanager
def _spool_errors(files: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{files}: {error.strerror}: the checksums and the manifest cannot be written; the run "
            "stays there: make room or repair the disk, then run `newsbot recover`"
        ) from error


def store_file(files: Path, store: Store, prefix: str, entry: FileEntry) -> None:
    """Store one file of the run and read it back, unless the store has it already.

    Raises:
        StoreError: it could not be stored, or an object of its name has other bytes.
    """
    name = prefix + entry.name
    try:
        _read_back(store, name, entry)
    except ObjectMissing as error:
        if not (files / entry.name).exists():
            raise StoreError(
                f"{store.url}/{name}: missing in the store, although it was uploaded early and "
                "removed from the spool: restore it from a copy of the store, then run "
                "`newsbot recover`"
            ) from error
        store.put_file(name, files / entry.name, entry.sha256)
        _read_back(store, name, entry)


def _is_listed_intact(files: Path, entry: FileEntry, listed: ObjectInfo | None) -> bool:
    """Return whether the store's listing has the file's size and MD5.

    One request checks all small files of a run; their SHA-256 was compared when they were stored.
    """
    if listed is None or listed.md5 is None or entry.size > _SMALL:
        return False
    try:
        return (listed.size, listed.md5) == (entry.size, md5_of(files / entry.name))
    except OSError:  # uploaded early, or unreadable: the caller reads its SHA-256 from the store
        return False


def _read_back(store: Store, name: str, entry: FileEntry) -> None:
    """Check that the store has the object with the right size and SHA-256.

    Raises:
        ObjectMissing: the store has no such object.
        FixityError: the object has other bytes.
    """
    there = store.stat(name)
    if (there.size, there.sha256) != (entry.size, entry.sha256):
        raise FixityError(
            f"{store.url}/{name}: the store has {there.size} bytes with SHA-256 {there.sha256}, "
            f"not {entry.size} with {entry.sha256}; the run stays in the spool: move that object "
            "away, then run `newsbot recover`"
        )


def _put_manifest(store: Store, prefix: str, manifest: Manifest) -> Landed:
    name, data = prefix + MANIFEST, manifest.to_bytes()
    sha256 = sha256_of(data)
    try:
        store.put_new(name, data)
    except ObjectExists as error:
        if store.get(name) != data:
            raise LandingConflict(
                f"{store.url}/{name}: the store has another manifest for this run; nothing was "
                "overwritten and the run stays in the spool: find out who wrote it"
            ) from error
        return Landed(manifest, sha256, again=True)
    _read_back(store, name, FileEntry(name=MANIFEST, size=len(data), sha256=sha256))
    return Landed(manifest, sha256, again=False)
