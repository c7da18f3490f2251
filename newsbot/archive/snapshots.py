"""Reading snapshots: which runs have landed, and fetching them with every sum checked."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from newsbot.archive.layout import MANIFEST, ROOT, RunRef, parse_prefix
from newsbot.archive.manifest import FileEntry, Manifest
from newsbot.archive.store import Store
from newsbot.errors import FixityError, ObjectMissing, StoreError

Progress = Callable[[str, int, int], None]
Part = Literal["articles", "warc"]
AT_ONCE = 4  # files under way; more gained nothing on loopback, and stores ask for less
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a download fetched or found already there."""

    runs: int
    files: int
    bytes: int


def list_runs(
    store: Store, site: str | None = None, first: date | None = None, last: date | None = None
) -> Iterator[RunRef]:
    """Landed runs by day, site and start; days are inclusive."""
    for day_folder in store.folders(ROOT):
        day = day_folder.removeprefix(ROOT).strip("/")
        if (first and day < first.isoformat()) or (last and day > last.isoformat()):
            continue
        for site_folder in store.folders(day_folder):
            if site is not None and site_folder != f"{day_folder}{site}/":
                continue
            for run_folder in store.folders(site_folder):
                ref = parse_prefix(run_folder)
                if ref is not None and _has_landed(store, ref):
                    yield ref


def read_manifest(store: Store, ref: RunRef) -> Manifest:
    """The run's manifest.

    Raises:
        ObjectMissing: the run has not landed.
        FixityError: it is damaged or hostile.
    """
    name = ref.prefix + MANIFEST
    manifest = Manifest.from_bytes(store.get(name), f"{store.url}/{name}")
    if (manifest.run, manifest.site) != (ref.run, ref.site):
        raise FixityError(f"{store.url}/{name}: it is of {manifest.site}/{manifest.run}")
    return manifest


def download_runs(
    store: Store,
    to: Path,
    *,
    site: str | None = None,
    first: date | None = None,
    last: date | None = None,
    only: Part | None = None,
    progress: Progress = lambda _name, _done, _size: None,
) -> Downloaded:
    """Fetch landed runs into a folder that is laid out like the store; goes on where it stopped.

    A file counts only under its own name, and has it only once its size and SHA-256 are right.

    Raises:
        FixityError: what came is not what the manifest says; the message names file and sums.
        StoreError: the store could not be read, or the folder not be written.
    """
    runs = files = size = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for ref in list_runs(store, site, first, last):
            manifest = read_manifest(store, ref)
            wanted = [entry for entry in manifest.files if _is_wanted(entry.name, only)]
            folder = _inside(to, ref.prefix)
            done = [
                pool.submit(_fetch, store, ref.prefix, entry, folder, progress) for entry in wanted
            ]
            for future in done:
                future.result()
            target = _inside(folder, MANIFEST)
            _write(target, store.get(ref.prefix + MANIFEST))
            runs, files = runs + 1, files + len(wanted) + 1
            size += sum(entry.size for entry in wanted)
    return Downloaded(runs, files, size)


def _has_landed(store: Store, ref: RunRef) -> bool:
    try:
        store.stat(ref.prefix + MANIFEST)
    except ObjectMissing:
        return False
    return True


def _is_wanted(name: str, only: Part | None) -> bool:
    if only == "articles":
        return name == "articles.jsonl.gz"
    if only == "warc":
        return name.startswith("warc/") or name == "index.cdxj"
    return True


def _fetch(store: Store, prefix: str, entry: FileEntry, folder: Path, progress: Progress) -> None:
    path = _inside(folder, entry.name)
    shown = prefix + entry.name
    try:
        if path.is_file() and _sum(path) == (entry.size, entry.sha256):
            progress(shown, entry.size, entry.size)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _inside(folder, entry.name + ".part")
        _go_on(store, prefix + entry.name, entry, partial, lambda n: progress(shown, n, entry.size))
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}; mend it, go on") from error


def _go_on(
    store: Store, name: str, entry: FileEntry, partial: Path, at: Callable[[int], None]
) -> None:
    """Fetch what is missing of the file; a part that proves wrong is fetched anew, once."""
    for attempt in (1, 2):
        digest, have = hashlib.sha256(), 0
        if partial.is_file() and not partial.is_symlink() and partial.stat().st_size <= entry.size:
            with partial.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    have += len(piece)
        resumed = have > 0
        if have < entry.size:
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (0 if have else os.O_TRUNC)
            with os.fdopen(os.open(partial, flags, 0o644), "wb") as file:
                file.seek(have)
                for piece in store.stream(name, have):
                    have += len(piece)
                    if have > entry.size:
                        break
                    file.write(piece)
                    digest.update(piece)
                    at(have)
        elif have == 0:
            partial.touch()
            at(0)
        if (have, digest.hexdigest()) == (entry.size, entry.sha256):
            return
        partial.unlink()
        if not resumed or attempt == 2:
            raise FixityError(
                f"{store.url}/{name}: {have} bytes with SHA-256 {digest.hexdigest()} came; the "
                f"manifest says {entry.size} with {entry.sha256}: the stored copy is damaged"
            )


def _inside(folder: Path, name: str) -> Path:
    """The path of a name below a folder, which no link on the way may lead out of."""
    path = folder / name
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        raise StoreError(f"{path}: a link leads out of {folder}; remove it and go on")
    return path


def _sum(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
        return file.tell(), digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}; mend it, go on") from error
