"""What stands where in a store: its marker, runs in their own folders, and nothing else."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from newsbot.archive.snapshots import Snapshot
from newsbot.errors import ObjectMissing
from newsbot.files import PARTIAL
from newsbot.layout import LAYOUT, RunRef, is_place, places_of_warc
from newsbot.stores.store import MARKER, Store
from newsbot.warc.fault import Fault, grouped


def marker_faults(store: Store, *, is_required: bool = True) -> Iterator[Fault]:
    """Yield what is wrong with the store's ``newsbot.json``.

    Args:
        is_required: whether it must be there: in a copy made with other tools it need not.
    """
    odd = dict(store.irregular("")).get(MARKER)
    if odd is not None:
        yield Fault(MARKER, odd)
        return
    try:
        data = store.get(MARKER)
    except ObjectMissing:
        if is_required:
            remedy = "each store and each download has one; --copy checks a copy made otherwise"
            yield Fault(MARKER, "is missing", detail=remedy)
        return
    marker = _json(data)
    if not isinstance(marker, dict):
        yield Fault(MARKER, "is damaged: restore it from a copy")
    elif marker.get("layout") != LAYOUT:
        said = f"{marker.get('layout')!r:.40}, not {LAYOUT}"
        yield Fault(MARKER, "has a layout that this newsbot does not know", detail=said)


def is_copy(store: Store) -> bool:
    """Return whether the store is a downloaded copy, which may hold a part of another's runs."""
    return _marker(store).get("copy") is True


def synthetic_faults(store: Store, runs: Iterable[tuple[RunRef, bool]]) -> Iterator[Fault]:
    """Yield a fault if the runs, each given with whether it is synthetic, are not of one kind."""
    marker = _marker(store)
    if not marker:
        return  # missing or damaged, which is a fault of its own
    is_synthetic = marker.get("synthetic") is True
    for ref, is_ in runs:
        if is_ != is_synthetic:
            kinds = ("real", "invented stories")
            what = f"is in a store of {kinds[is_synthetic]} runs, and of the other kind"
            yield Fault(ref.prefix, what)


def stray_faults(store: Store, prefixes: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault for each file and folder below the prefixes that belongs to no run."""
    yield from grouped(fault for prefix in prefixes for fault in _strays(store, prefix))


def odd_fault(name: str, what: str) -> Fault:
    """Return the fault of what is no plain file; a temporary one of newsbot's is a remark."""
    file = name.rpartition("/")[2]
    if file.startswith(".") and file.endswith(PARTIAL):
        what = "is a temporary file: it is being written, or a killed process left it"
        return Fault(name, what, is_remark=True)
    return Fault(name, what)


def _strays(store: Store, prefix: str) -> Iterator[Fault]:
    odd = dict(store.irregular(prefix))
    for name, what in sorted(odd.items()):
        if name != MARKER and _stray_part(name) is not None:
            yield odd_fault(name, what)
    for info in store.list(prefix):
        part = _stray_part(info.name)
        if part is not None and info.name not in odd:
            yield Fault(part, "belongs to no run", detail=info.name if info.name != part else "")


def _stray_part(name: str) -> str | None:
    """Return the part of a name that makes it belong to no run; None if it may belong to one."""
    if name == MARKER:
        return None
    *folders, _ = name.split("/")
    for depth in range(4):
        if depth == len(folders):
            return name
        if not is_place(folders[: depth + 1]):
            return "/".join(folders[: depth + 1]) + "/"
    return None


def day_fault(run: Snapshot) -> Iterator[Fault]:
    """Yield a fault if the run's folder is not of the day on which it began."""
    days = _days(run)
    if days and run.ref.date not in days:
        began = " or ".join(day.isoformat() for day in days)
        yield Fault(run.ref.prefix, "is in another day's folder", detail=f"it began on {began}")


def _days(run: Snapshot) -> tuple[date, ...]:
    """Return the days on which the run may have begun in its site's time zone."""
    try:
        began = datetime.strptime(run.ref.run[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return ()
    zone = _time_zone(run.manifest.seed.text)
    if zone is not None:
        return (began.astimezone(zone).date(),)
    return tuple((began + timedelta(days=off)).date() for off in (-1, 0, 1))


def _time_zone(seed: str) -> ZoneInfo | None:
    """Return the time zone of a seed, which may be of any version; None if it has none."""
    try:
        return ZoneInfo(str(tomllib.loads(seed)["time_zone"]))
    except (ValueError, KeyError, OSError):
        return None


def warc_name_fault(ref: RunRef, name: str) -> Iterator[Fault]:
    """Yield a fault if a WARC file of the run has the name of another run's file."""
    places = places_of_warc(name.rpartition("/")[2])
    if places and not any((one.site, one.run) == (ref.site, ref.source) for one in places):
        yield Fault(ref.prefix + name, "has the name of a file of another run")


def _marker(store: Store) -> dict[str, object]:
    if MARKER in dict(store.irregular("")):
        return {}
    try:
        marker = _json(store.get(MARKER))
    except ObjectMissing:
        return {}
    return marker if isinstance(marker, dict) else {}


def _json(data: bytes) -> object:
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found
