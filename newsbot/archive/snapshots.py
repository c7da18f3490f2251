"""Reading snapshots: which runs have landed, and what their manifests say."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Final, TypeVar

from newsbot.archive.manifest import Manifest
from newsbot.errors import FixityError, ObjectMissing
from newsbot.files import sha256_of
from newsbot.layout import MANIFEST, ROOT, RunRef, parse_prefix, places_of_warc
from newsbot.stores.store import Store

_AT_ONCE: Final = 8  # concurrent small reads; boto3 keeps 10 connections
SiteNames = str | Collection[str] | None
"""A site or several; None, or an empty collection, for all."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One file of a landed run: the only way to its bytes.

    All methods raise ObjectMissing where there is no such file, and StoreError where the store
    cannot be read.
    """

    store: Store
    name: str  # in the store

    @property
    def url(self) -> str:
        """The file's address, for messages."""
        return f"{self.store.url}/{self.name}"

    def read(self) -> bytes:
        """Return the whole file; for small ones."""
        return self.store.get(self.name)

    def read_range(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from an offset on; fewer where the file ends before."""
        return self.store.get_range(self.name, offset, length)

    def stream(self, offset: int = 0) -> Iterator[bytes]:
        """Yield the file from an offset on, in pieces."""
        return self.store.stream(self.name, offset)


class Snapshot:
    """A landed run: where it is, its manifest, and its files.

    The manifest is read when it is first asked for; ``manifest``, ``stored`` and ``sha256`` raise
    ObjectMissing where the run has not landed, and FixityError where its manifest is damaged,
    malicious, or of another run.
    """

    def __init__(self, store: Store, ref: RunRef) -> None:
        self.store = store
        self.ref = ref

    @cached_property
    def stored(self) -> bytes:
        """The bytes of the manifest as they are stored."""
        return self.open(MANIFEST).read()

    @cached_property
    def manifest(self) -> Manifest:
        """The parsed manifest."""
        url = self.open(MANIFEST).url
        manifest = Manifest.from_bytes(self.stored, url)
        if (manifest.run, manifest.site) != (self.ref.run, self.ref.site):
            raise FixityError(
                f"{url}: the manifest is of another run, {manifest.site}/{manifest.run}"
            )
        return manifest

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the stored manifest: a link of the site's chain."""
        return sha256_of(self.stored)

    def open(self, path: str) -> LandedFile:
        """Return the file of that path within the run; nothing is read yet."""
        return LandedFile(self.store, self.ref.prefix + path)

    def paths(self) -> Iterator[str]:
        """Yield the paths of the files that exist, listed in the manifest or not."""
        for info in self.store.list(self.ref.prefix):
            yield info.name.removeprefix(self.ref.prefix)


@dataclass(frozen=True, slots=True)
class DamagedRun:
    """A run whose manifest cannot be read, and why."""

    ref: RunRef
    error: FixityError


def list_runs(
    store: Store, site: SiteNames = None, first: date | None = None, last: date | None = None
) -> Iterator[RunRef]:
    """Yield landed runs by day, site and start; days are inclusive."""
    refs = find_runs(store, site, first, last)
    for ref, has_landed in _parallel(lambda ref: (ref, _has_landed(store, ref)), refs):
        if has_landed:
            yield ref


def find_runs(
    store: Store, site: SiteNames = None, first: date | None = None, last: date | None = None
) -> Iterator[RunRef]:
    """Yield folders of runs, landed or not, by day, site and start."""
    names = (site,) if isinstance(site, str) else site

    def folders(prefix: str) -> list[str]:
        return sorted(store.folders(prefix))

    def is_wanted(day_folder: str) -> bool:
        day = day_folder.removeprefix(ROOT).strip("/")
        return not ((first and day < first.isoformat()) or (last and day > last.isoformat()))

    days = filter(is_wanted, folders(ROOT))
    sites = chain.from_iterable(_parallel(folders, days))
    wanted = (folder for folder in sites if not names or folder.split("/")[-2] in names)
    for runs in _parallel(folders, wanted):
        yield from sorted(filter(None, map(parse_prefix, runs)))  # a run before its derived ones


def read_runs(store: Store, refs: Iterable[RunRef]) -> Iterator[Snapshot | DamagedRun]:
    """Yield those of the runs that have landed, in the order given, reading several at once."""

    def read(ref: RunRef) -> Snapshot | DamagedRun | None:
        try:
            return read_run(store, ref)
        except ObjectMissing:
            return None
        except FixityError as error:
            return DamagedRun(ref, error)

    for found in _parallel(read, refs):
        if found is not None:
            yield found


def read_run(store: Store, ref: RunRef) -> Snapshot:
    """Return the run with its manifest read.

    Raises:
        ObjectMissing: the run has not landed.
        FixityError: the manifest is damaged or malicious, or of another run.
    """
    snapshot = Snapshot(store, ref)
    _ = snapshot.manifest
    return snapshot


def run_of_warc(store: Store, file: str) -> RunRef | None:
    """Return the landed run that has the WARC file; None if it is not in this store."""
    return next((ref for ref in places_of_warc(file) if _has_landed(store, ref)), None)


def _has_landed(store: Store, ref: RunRef) -> bool:
    try:
        store.stat(ref.prefix + MANIFEST)
    except ObjectMissing:
        return False
    return True


def _parallel(work: Callable[[_Item], _Result], of: Iterable[_Item]) -> Iterator[_Result]:
    """Yield the results in order, computing several at once: stores answer slowly."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(work, of)
