"""Lands a closed run: every file stored and read back, then the manifest, create-only.

The protocol and its crash points are in ``docs/decisions.md``. Every step can be done again.
"""

import hashlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from newsbot.archive.layout import MANIFEST
from newsbot.archive.manifest import FileEntry, Manifest, sha256_of
from newsbot.archive.store import Store
from newsbot.capture.disk import write_durably
from newsbot.errors import FixityError, ObjectExists, ObjectMissing, StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

SUMS = "SHA256SUMS"
ATTEMPTS = 4  # of one step; the waits between them add up to at most 7 s
FIRST_WAIT = 1.0  # seconds; doubled each time, with jitter
_PIECE = 1024 * 1024
_T = TypeVar("_T")


class LandingConflict(StoreError):
    """Another manifest than ours is in the run's place; nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A landed run; ``again`` tells that it had landed before."""

    manifest_sha256: str
    again: bool


def land(
    files: Path,
    store: Store,
    manifest: Manifest,
    prefix: str,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Landed:
    """Store the run's files and, last, its manifest.

    Args:
        files: the closed run's folder; SHA256SUMS and manifest.json are written into it.
        manifest: the run's manifest, with or without its files.
        prefix: the run's folder in the store, with a closing slash.

    Raises:
        StoreError: not all could be stored; nothing local was removed and it can be done again.
        LandingConflict: another manifest is in this place.
    """
    if not manifest.files:
        entries = describe_files(files)
        manifest = manifest.model_copy(update={"files": entries})
        write_durably(files / MANIFEST, manifest.to_bytes())
    for entry in manifest.files:
        _patiently(lambda entry=entry: _store(files, store, prefix, entry), wait)  # type: ignore[misc]
    data = manifest.to_bytes()
    return _patiently(lambda: _put_manifest(store, prefix, data), wait)


def describe_files(files: Path) -> tuple[FileEntry, ...]:
    """Every file of the run with size and SHA-256, after writing SHA256SUMS."""
    names = sorted(
        path.relative_to(files).as_posix()
        for path in files.rglob("*")
        if path.is_file() and path.name not in (SUMS, MANIFEST) and path.suffix != ".partial"
    )
    entries = [_describe(files, name) for name in names]
    lines = [f"{entry.sha256}  {entry.name}\n" for entry in entries]
    write_durably(files / SUMS, "".join(lines).encode())
    return tuple(sorted([*entries, _describe(files, SUMS)], key=lambda entry: entry.name))


def _describe(files: Path, name: str) -> FileEntry:
    digest = hashlib.sha256()
    with (files / name).open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
        return FileEntry(name=name, size=file.tell(), sha256=digest.hexdigest())


def _store(files: Path, store: Store, prefix: str, entry: FileEntry) -> None:
    name = prefix + entry.name
    try:
        if _is_there(store, name, entry):
            return
    except ObjectMissing:
        store.put_file(name, files / entry.name, entry.sha256)
        _is_there(store, name, entry)


def _is_there(store: Store, name: str, entry: FileEntry) -> bool:
    """Whether the store has the file as it should be.

    Raises:
        ObjectMissing: it has none.
        FixityError: it has other bytes under that name.
    """
    there = store.stat(name)
    if (there.size, there.sha256) == (entry.size, entry.sha256):
        return True
    raise FixityError(
        f"{store.url}/{name}: the store has {there.size} bytes with SHA-256 {there.sha256}, "
        f"not {entry.size} with {entry.sha256}; the run stays in the spool: move that object away"
    )


def _put_manifest(store: Store, prefix: str, data: bytes) -> Landed:
    name = prefix + MANIFEST
    try:
        store.put_new(name, data)
        again = False
    except ObjectExists as error:
        if store.get(name) != data:
            raise LandingConflict(
                f"{store.url}/{name}: another manifest is there; nothing was overwritten and the "
                "run stays in the spool: find out who wrote it"
            ) from error
        again = True
    return Landed(sha256_of(data), again)


def _patiently(step: Callable[[], _T], wait: Callable[[float], None]) -> _T:
    """Do the step again, after longer and longer waits, while the store is only unavailable."""
    pause = FIRST_WAIT
    for _ in range(ATTEMPTS - 1):
        try:
            return step()
        except StoreUnavailable as error:
            logger.warning("%s; trying again in about %.0f s", error, pause)
            wait(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause *= 2
    return step()
