"""Reading snapshots: which runs have landed, and what their manifests say."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final, TypeVar

from newsbot.archive.manifest import Manifest
from newsbot.errors import FixityError, ObjectMissing
from newsbot.files import sha256_of
from newsbot.layout import MANIFEST, ROOT, RunRef, parse_prefix, places_of_warc
from newsbot.stores.store import Store

_AT_ONCE: Final = 8  # small reads under way; boto3 keeps 10 connections
_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class LandedRun:
    """A landed run: where it is, its manifest, and the bytes of that as they are stored."""

    ref: RunRef
    manifest: Manifest
    stored: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the stored manifest: a link of the site's chain."""
        return sha256_of(self.stored)


@dataclass(frozen=True, slots=True)
class DamagedRun:
    """A run whose manifest cannot be read, and why."""

    ref: RunRef
    error: FixityError


def list_runs(
    store: Store, site: str | None = None, first: date | None = None, last: date | None = None
) -> Iterator[RunRef]:
    """Landed runs by day, site and start; days are inclusive."""
    refs = find_runs(store, site, first, last)
    for ref, has_landed in _parallel(lambda ref: (ref, _has_landed(store, ref)), refs):
        if has_landed:
            yield ref


def find_runs(
    store: Store, site: str | None = None, first: date | None = None, last: date | None = None
) -> Iterator[RunRef]:
    """Folders of runs, landed or not, by day, site and start."""

    def folders(prefix: str) -> list[str]:
        return sorted(store.folders(prefix))

    def is_wanted(day_folder: str) -> bool:
        day = day_folder.removeprefix(ROOT).strip("/")
        return not ((first and day < first.isoformat()) or (last and day > last.isoformat()))

    days = filter(is_wanted, folders(ROOT))
    sites = chain.from_iterable(_parallel(folders, days))
    wanted = (folder for folder in sites if site is None or folder.endswith(f"/{site}/"))
    for runs in _parallel(folders, wanted):
        yield from sorted(filter(None, map(parse_prefix, runs)))  # a run before its derived ones


def read_runs(store: Store, refs: Iterable[RunRef]) -> Iterator[LandedRun | DamagedRun]:
    """Those of the runs that have landed, in the order given, several manifests read at once."""

    def read(ref: RunRef) -> LandedRun | DamagedRun | None:
        try:
            return read_run(store, ref)
        except ObjectMissing:
            return None
        except FixityError as error:
            return DamagedRun(ref, error)

    for found in _parallel(read, refs):
        if found is not None:
            yield found


def read_run(store: Store, ref: RunRef) -> LandedRun:
    """The run with its manifest.

    Raises:
        ObjectMissing: the run has not landed.
        FixityError: the manifest is damaged or hostile, or of another run.
    """
    name = ref.prefix + MANIFEST
    data = store.get(name)
    manifest = Manifest.from_bytes(data, f"{store.url}/{name}")
    if (manifest.run, manifest.site) != (ref.run, ref.site):
        raise FixityError(f"{store.url}/{name}: it is of {manifest.site}/{manifest.run}")
    return LandedRun(ref, manifest, data)


def read_manifest(store: Store, ref: RunRef) -> Manifest:
    """The run's manifest; raises as ``read_run`` does."""
    return read_run(store, ref).manifest


def run_of_warc(store: Store, file: str) -> RunRef | None:
    """The landed run that has the WARC file of that name; None if it is not in this store."""
    return next((ref for ref in places_of_warc(file) if _has_landed(store, ref)), None)


def _has_landed(store: Store, ref: RunRef) -> bool:
    try:
        store.stat(ref.prefix + MANIFEST)
    except ObjectMissing:
        return False
    return True


def _parallel(work: Callable[[_In], _Out], of: Iterable[_In]) -> Iterator[_Out]:
    """The results in order, some worked out ahead: a store's answer is mostly waiting."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(work, of)
