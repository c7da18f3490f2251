"""Fetching snapshots into a folder, with every checksum checked."""

import hashlib
import json
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Literal

from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import LandedFile, list_runs, read_run, run_of_warc
from newsbot.errors import FixityError, ObjectMissing, StoreError
from newsbot.files import pieces, size_and_sha256, write_durably
from newsbot.layout import LAYOUT, MANIFEST, Part, RunRef, is_part, places_of_warc
from newsbot.progress import Progress
from newsbot.stores.parallel import wait_for_all
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import MARKER, Store

AT_ONCE = 4  # concurrent files; more gained nothing on loopback, and stores limit requests
_Became = Literal["kept", "fetched", "mended"]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a download fetched or found already there: ``files``, manifests among them, and how.

    A file was kept (it was there, and is right), fetched, or mended (it was there, and wrong).
    """

    runs: int
    files: int
    bytes: int
    kept: int
    fetched: int
    mended: tuple[str, ...] = ()  # names in the store
    dependencies: tuple[str, ...] = ()  # runs not fetched that revisits refer to


def download_runs(
    store: Store,
    to: Path,
    *,
    runs: Iterable[RunRef] | None = None,
    only: Part | None = None,
    with_dependencies: bool = False,
    progress: Progress = lambda _name, _done, _size: None,
    retry_policy: RetryPolicy | None = None,
) -> Downloaded:
    """Fetch landed runs into a folder with the store's layout, continuing where it stopped.

    A file gets its own name only once its size and SHA-256 are right; a run's manifest comes last.
    ``progress`` gets the name in the store, the bytes fetched and the bytes in all, from several
    threads. The first failure, or Ctrl-C, stops the transfers in progress.

    Args:
        runs: those to fetch; all that have landed if not given.
        with_dependencies: also fetch the earlier runs that revisits refer to.

    Raises:
        FixityError: a file differs from its manifest; the message names file and checksums.
        StoreError: the store could not be read, or the folder could not be written.
    """
    stopped = Event()
    fetcher = _Fetcher(progress, retry_policy or RetryPolicy(wait=stopped.wait), stopped)
    wanted = deque(list_runs(store) if runs is None else runs)
    fetched: set[RunRef] = set()
    became: Counter[_Became] = Counter()
    mended: list[str] = []
    size = 0
    dependencies: set[str] = set()
    with fetcher.pool() as pool:
        while wanted:
            run = read_run(store, wanted.popleft())
            if not fetched:
                _mark(store, to)
            entries = [entry for entry in run.manifest.files if is_part(entry.name, only)]
            folder = _inside(to, run.ref.prefix)
            fetching = {
                e.name: pool.submit(fetcher.fetch, run.open(e.name), e, folder) for e in entries
            }
            wait_for_all(list(fetching.values()))
            done = {name: future.result() for name, future in fetching.items()}
            done[MANIFEST] = _write_manifest(_inside(folder, MANIFEST), run.stored)
            fetched.add(run.ref)
            became.update(done.values())
            mended += [run.ref.prefix + name for name in done if done[name] == "mended"]
            size += sum(entry.size for entry in entries)
            if only != "articles":
                dependencies.update(run.manifest.refers_to)
            if with_dependencies:
                found = filter(None, (run_of_warc(store, file) for file in dependencies))
                wanted += sorted(set(found) - fetched - set(wanted))
    return Downloaded(
        len(fetched),
        became.total(),
        size,
        became["kept"],
        became["fetched"],
        tuple(mended),
        _not_in(dependencies, fetched),
    )


def _mark(store: Store, to: Path) -> None:
    """Mark the folder as a copy of a part of the store, of the same kind; once.

    Raises:
        StoreError: the store cannot be read, or the folder cannot be written.
    """
    try:
        marker = json.loads(store.get(MARKER))
    except (ObjectMissing, ValueError):
        marker = None  # verify says so of the store
    kept = marker if isinstance(marker, dict) else {"layout": LAYOUT}
    with _target_errors(to / MARKER):
        if not (to / MARKER).exists():
            to.mkdir(parents=True, exist_ok=True)
            write_durably(_inside(to, MARKER), json.dumps(kept | {"copy": True}).encode() + b"\n")


def _not_in(dependencies: Iterable[str], fetched: set[RunRef]) -> tuple[str, ...]:
    """Return the runs of those of the WARC files that are in none of the fetched runs.

    A file whose name is not ours stands for itself.
    """
    places = {file: places_of_warc(file) for file in dependencies}
    left = {file: refs for file, refs in places.items() if not fetched.intersection(refs)}
    return tuple(sorted({refs[0].run if refs else file for file, refs in left.items()}))


@dataclass(frozen=True, slots=True)
class _Fetcher:
    """Fetches files of landed runs into a folder, several at once."""

    progress: Progress
    retry_policy: RetryPolicy
    stopped: Event

    @contextmanager
    def pool(self) -> Iterator[ThreadPoolExecutor]:
        """Yield the threads for ``fetch``; on an early exit they stop at their next piece."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                yield pool
            finally:
                self.stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)

    def fetch(self, file: LandedFile, entry: FileEntry, folder: Path) -> _Became:
        """Fetch one file of a run, checked, under its own name; keep one that is complete."""
        path = _inside(folder, entry.name)
        with _target_errors(path):
            was_there = path.is_file()
            if was_there and size_and_sha256(path) == (entry.size, entry.sha256):
                self.progress(file.name, entry.size, entry.size)
                return "kept"
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = _inside(folder, entry.name + ".part")
            if self.retry_policy.do(lambda: self._complete(file, entry, partial)):
                partial.replace(path)
        return "mended" if was_there else "fetched"

    def _complete(self, file: LandedFile, entry: FileEntry, partial: Path) -> bool:
        """Complete the partial file, or fetch it again if it is wrong; return False if stopped."""
        for _ in ("what is missing", "all of it"):
            if self.stopped.is_set():
                return False
            had_before, have, sha256 = self._continue_file(file, entry.size, partial)
            if (have, sha256) == (entry.size, entry.sha256):
                return True
            if self.stopped.is_set():
                return False
            partial.unlink()
            if had_before == 0:
                break
        raise FixityError(
            f"{file.url}: {have} bytes with SHA-256 {sha256} received; the manifest says "
            f"{entry.size} with {entry.sha256}: the stored copy is damaged"
        )

    def _continue_file(self, source: LandedFile, size: int, partial: Path) -> tuple[int, int, str]:
        """Fetch the missing bytes; return the size before, the size now, and the SHA-256."""
        digest = hashlib.sha256()
        had_before = 0
        if partial.is_file() and partial.stat().st_size <= size:
            for piece in pieces(partial):
                digest.update(piece)
                had_before += len(piece)
        have = had_before
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        with os.fdopen(os.open(partial, flags, 0o644), "wb") as file:
            file.truncate(had_before)
            file.seek(had_before)
            for piece in source.stream(had_before) if had_before < size or not had_before else ():
                if self.stopped.is_set():
                    break
                digest.update(piece)
                have += len(piece)
                if have > size:
                    break
                file.write(piece)
                self.progress(source.name, have, size)
        if have == had_before:
            self.progress(source.name, have, size)
        return had_before, have, digest.hexdigest()


def _inside(folder: Path, name: str) -> Path:
    """Return the path of a name below a folder, refusing links that lead out of it."""
    path = folder / name
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        raise StoreError(
            f"{path}: a link leads out of {folder}; remove it and run the command again"
        )
    return path


def _write_manifest(path: Path, data: bytes) -> _Became:
    """Write the bytes atomically; leave a file with the same bytes alone."""
    with _target_errors(path):
        was_there = path.is_file()
        if was_there and path.read_bytes() == data:
            return "kept"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.unlink(missing_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    return "mended" if was_there else "fetched"


@contextmanager
def _target_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror}; correct it and run the command again"
        ) from error
