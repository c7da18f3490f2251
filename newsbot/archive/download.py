"""Fetching snapshots into a folder, with every sum checked."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event

from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import LandedFile, list_runs, read_run, run_of_warc
from newsbot.errors import FixityError, StoreError
from newsbot.files import pieces, size_and_sha256
from newsbot.layout import MANIFEST, Part, RunRef, is_part, places_of_warc
from newsbot.stores.parallel import all_of
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store

Progress = Callable[[str, int, int], None]
AT_ONCE = 4  # files under way; more gained nothing on loopback, and stores ask for less


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a download fetched or found already there."""

    runs: int
    files: int
    bytes: int
    dependencies: tuple[str, ...] = ()  # WARC files of runs not fetched that revisits refer to


def download_runs(
    store: Store,
    to: Path,
    *,
    site: str | None = None,
    first: date | None = None,
    last: date | None = None,
    only: Part | None = None,
    with_dependencies: bool = False,
    progress: Progress = lambda _name, _done, _size: None,
    patience: RetryPolicy | None = None,
) -> Downloaded:
    """Fetch landed runs into a folder that is laid out like the store; goes on where it stopped.

    A file counts only under its own name, and has it only once its size and SHA-256 are right; a
    run's manifest comes last. ``progress`` is told the name in the store, the bytes there and the
    bytes in all, from several threads. The first failure, or Ctrl-C, stops what is under way.

    Args:
        with_dependencies: also fetch the earlier runs that revisits refer to.

    Raises:
        FixityError: what came is not what the manifest says; the message names file and sums.
        StoreError: the store could not be read, or the folder not be written.
    """
    halted = Event()
    fetcher = _Fetcher(progress, patience or RetryPolicy(wait=halted.wait), halted)
    wanted = deque(list_runs(store, site, first, last))
    fetched: set[RunRef] = set()
    files = size = 0
    dependencies: set[str] = set()
    with fetcher.pool() as pool:
        while wanted:
            run = read_run(store, wanted.popleft())
            entries = [entry for entry in run.manifest.files if is_part(entry.name, only)]
            folder = _inside(to, run.ref.prefix)
            all_of([pool.submit(fetcher.fetch, run.open(e.name), e, folder) for e in entries])
            _replace(_inside(folder, MANIFEST), run.stored)
            fetched.add(run.ref)
            files += len(entries) + 1
            size += sum(entry.size for entry in entries)
            if only != "articles":
                dependencies.update(run.manifest.refers_to)
            if with_dependencies:
                found = filter(None, (run_of_warc(store, file) for file in dependencies))
                wanted += sorted(set(found) - fetched - set(wanted))
    return Downloaded(len(fetched), files, size, _elsewhere(dependencies, fetched))


def _elsewhere(dependencies: Iterable[str], fetched: set[RunRef]) -> tuple[str, ...]:
    """Return those of the WARC files that are in none of the fetched runs."""
    return tuple(
        sorted(file for file in dependencies if not fetched.intersection(places_of_warc(file)))
    )


@dataclass(frozen=True, slots=True)
class _Fetcher:
    """Brings files of landed runs into a folder, several at once."""

    progress: Progress
    patience: RetryPolicy
    halted: Event

    @contextmanager
    def pool(self) -> Iterator[ThreadPoolExecutor]:
        """Threads for ``fetch``; leaving it early halts them at their next piece."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                yield pool
            finally:
                self.halted.set()
                pool.shutdown(wait=False, cancel_futures=True)

    def fetch(self, file: LandedFile, entry: FileEntry, folder: Path) -> None:
        """Fetch one file of a run, checked, under its own name; keep one that is there already."""
        path = _inside(folder, entry.name)
        with _target_errors(path):
            if path.is_file() and size_and_sha256(path) == (entry.size, entry.sha256):
                self.progress(file.name, entry.size, entry.size)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = _inside(folder, entry.name + ".part")
            if self.patience.do(lambda: self._complete(file, entry, partial)):
                partial.replace(path)

    def _complete(self, file: LandedFile, entry: FileEntry, partial: Path) -> bool:
        """Make the partial file whole, anew if a part of it proves wrong; False if halted."""
        for _ in ("what is missing", "all of it"):
            if self.halted.is_set():
                return False
            had, have, sha256 = self._go_on(file, entry.size, partial)
            if (have, sha256) == (entry.size, entry.sha256):
                return True
            if self.halted.is_set():
                return False
            partial.unlink()
            if had == 0:
                break
        raise FixityError(
            f"{file.url}: {have} bytes with SHA-256 {sha256} came; the manifest says "
            f"{entry.size} with {entry.sha256}: the stored copy is damaged"
        )

    def _go_on(self, source: LandedFile, size: int, partial: Path) -> tuple[int, int, str]:
        """Fetch what is missing; bytes there before, bytes there now, SHA-256 of them."""
        digest = hashlib.sha256()
        had = 0
        if partial.is_file() and partial.stat().st_size <= size:
            for piece in pieces(partial):
                digest.update(piece)
                had += len(piece)
        have = had
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        with os.fdopen(os.open(partial, flags, 0o644), "wb") as file:
            file.truncate(had)
            file.seek(had)
            for piece in source.stream(had) if had < size or not had else ():
                if self.halted.is_set():
                    break
                digest.update(piece)
                have += len(piece)
                if have > size:
                    break
                file.write(piece)
                self.progress(source.name, have, size)
        if have == had:
            self.progress(source.name, have, size)
        return had, have, digest.hexdigest()


def _inside(folder: Path, name: str) -> Path:
    """Return the path of a name below a folder, which no link on the way may lead out of."""
    path = folder / name
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        raise StoreError(f"{path}: a link leads out of {folder}; remove it and go on")
    return path


def _replace(path: Path, data: bytes) -> None:
    """Put the bytes there, whole or not at all; the same bytes are left alone."""
    with _target_errors(path):
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.unlink(missing_ok=True)
        partial.write_bytes(data)
        partial.replace(path)


@contextmanager
def _target_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror}; mend it, and the same command goes on"
        ) from error
