"""Can what is fetched be kept? The store, the spool and the disks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from newsbot.alarms.runs import format_duration
from newsbot.alarms.verdict import INSTALLATION, Kind, Verdict, right, wrong

_WAITING_RUNS: Final = 3  # runs that wait to land: a store that was away for a crawl leaves one
_WAITING_TIME: Final = timedelta(days=1)
_LOW_SHARE, _LOW_BYTES = 0.05, 5_000_000_000  # free: below both, or below …
_LOWEST_BYTES: Final = 500_000_000  # … this, the disk is nearly full
_DAYS_LEFT, _DAYS_ENOUGH = 7.0, 10.0  # at today's pace: fewer is an alarm, more ends it
_LEAST_SAMPLED: Final = timedelta(hours=6)  # less shows no pace
_MARGIN: Final = 1.2  # times the low mark must be free again before the alarm ends


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run in the spool that no process is writing; times are aware."""

    run: str
    site: str
    since: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Free:
    """What a file system had free at a time."""

    at: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system that newsbot writes to: its size, and free bytes over time, oldest first."""

    folder: str
    size: int
    samples: Sequence[Free]


def judge_store(error: str | None) -> Verdict:
    """Return whether the last use of the store went well; ``error`` is what was wrong with it."""
    if error is None:
        return right(Kind.store, INSTALLATION)
    return wrong(Kind.store, INSTALLATION, error)


def judge_spool(waiting: Sequence[Waiting], now: datetime) -> Verdict | None:
    """Do runs pile up that should have landed?"""
    if not waiting:
        return right(Kind.spool, INSTALLATION)
    oldest = min(waiting, key=lambda one: one.since)
    if len(waiting) < _WAITING_RUNS and now - oldest.since < _WAITING_TIME:
        return None
    size = sum(one.bytes for one in waiting)
    return wrong(
        Kind.spool,
        INSTALLATION,
        f"{len(waiting)} runs ({size / 1e6:.1f} MB) wait in the spool to land, the oldest "
        f"({oldest.run} of {oldest.site}) for {format_duration(now - oldest.since)}",
        runs=[one.run for one in waiting],
    )


def judge_disks(disks: Iterable[Disk]) -> Verdict | None:
    """Is a disk nearly full, or will it be within a week at today's pace?"""
    unsure = False
    for disk in disks:
        free, left = disk.samples[-1].bytes, days_left(disk.samples)
        low = max(_LOWEST_BYTES, min(_LOW_SHARE * disk.size, _LOW_BYTES))
        if free < low or (left is not None and left < _DAYS_LEFT):
            return wrong(
                Kind.disk, INSTALLATION,
                f"{disk.folder}: {_amount(free, disk.size)} free{_until(left)}",
                folder=disk.folder, free=free, days_left=left,
            )  # fmt: skip
        unsure |= free < _MARGIN * low or (left is not None and left < _DAYS_ENOUGH)
    return None if unsure else right(Kind.disk, INSTALLATION)


def days_left(samples: Sequence[Free]) -> float | None:
    """Days until nothing is free, at the pace of the last day; None if it is not filling up.

    The pace is the median of the slopes between all samples (Theil and Sen): a clean-up within the
    day does not hide it.
    """
    last = samples[-1]
    day = [one for one in samples if last.at - one.at <= timedelta(days=1)]
    if last.at - day[0].at < _LEAST_SAMPLED:
        return None
    slopes = [
        (later.bytes - earlier.bytes) / (later.at - earlier.at).total_seconds()
        for position, earlier in enumerate(day)
        for later in day[position + 1 :]
        if later.at > earlier.at
    ]
    pace = median(slopes)  # bytes a second, below 0 while it fills up
    return None if pace >= 0 else last.bytes / -pace / 86_400


def _amount(free: int, size: int) -> str:
    return f"{free / 1e9:.1f} of {size / 1e9:.1f} GB"


def _until(left: float | None) -> str:
    return "" if left is None else f", full in {left:.1f} days at today's pace"
