"""Judges whether what is fetched can be kept: the store, the spool and the disks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from newsbot.alarms.runs import format_duration
from newsbot.alarms.verdict import INSTALLATION, Kind, Verdict, right, wrong

_MAX_WAITING_RUNS: Final = 3  # a store that is unreachable during one crawl leaves one run waiting
_MAX_WAITING_TIME: Final = timedelta(days=1)
_LOW_SHARE, _LOW_BYTES = 0.05, 5_000_000_000  # free space: below both, or below …
_LOWEST_BYTES: Final = 500_000_000  # … this, the disk is nearly full
_DAYS_LEFT, _DAYS_ENOUGH = 7.0, 10.0  # at today's pace: fewer open the alarm, more close it
_MIN_SAMPLED: Final = timedelta(hours=6)  # a shorter time shows no pace
_MARGIN: Final = 1.2  # factor of the low mark that must be free again before the alarm closes


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run in the spool that has ended and not landed; ``since`` is aware."""

    run: str
    site: str
    since: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """How many bytes of a file system were free at a time."""

    at: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system that newsbot writes to: its size, and free space over time, oldest first."""

    folder: str
    size: int
    samples: Sequence[FreeSpace]


def judge_spool(waiting: Sequence[WaitingRun], now: datetime) -> Verdict | None:
    """Judge whether runs pile up in the spool that should have landed."""
    if not waiting:
        return right(Kind.spool, INSTALLATION)
    oldest = min(waiting, key=lambda run: run.since)
    if len(waiting) < _MAX_WAITING_RUNS and now - oldest.since < _MAX_WAITING_TIME:
        return None
    size = sum(run.bytes for run in waiting)
    return wrong(
        Kind.spool,
        INSTALLATION,
        f"{len(waiting)} runs ({size / 1e6:.1f} MB) wait in the spool to land, the oldest "
        f"({oldest.run} of {oldest.site}) for {format_duration(now - oldest.since)}; "
        "`newsbot recover` lands them",
        runs=[run.run for run in waiting],
    )


def judge_disks(disks: Iterable[Disk]) -> Verdict | None:
    """Judge whether a disk is nearly full, or will be full within a week at today's pace."""
    is_unsure = False
    for disk in disks:
        free, left = disk.samples[-1].bytes, days_left(disk.samples)
        low = max(_LOWEST_BYTES, min(_LOW_SHARE * disk.size, _LOW_BYTES))
        if free < low or (left is not None and left < _DAYS_LEFT):
            return wrong(
                Kind.disk, INSTALLATION,
                f"{disk.folder}: {_amount(free, disk.size)} free{_until(left)}",
                folder=disk.folder, free=free, days_left=left,
            )  # fmt: skip
        is_unsure |= free < _MARGIN * low or (left is not None and left < _DAYS_ENOUGH)
    return None if is_unsure else right(Kind.disk, INSTALLATION)


def days_left(samples: Sequence[FreeSpace]) -> float | None:
    """Return the days until the disk is full, at the last day's pace; None if it does not fill up.

    The pace is the median of the slopes between all samples (Theil and Sen): a clean-up within the
    day does not hide it.
    """
    last = samples[-1]
    day = [sample for sample in samples if last.at - sample.at <= timedelta(days=1)]
    if last.at - day[0].at < _MIN_SAMPLED:
        return None
    slopes = [
        (later.bytes - earlier.bytes) / (later.at - earlier.at).total_seconds()
        for position, earlier in enumerate(day)
        for later in day[position + 1 :]
        if later.at > earlier.at
    ]
    pace = median(slopes)  # bytes per second, negative while the disk fills up
    return None if pace >= 0 else last.bytes / -pace / 86_400


def _amount(free: int, size: int) -> str:
    return f"{free / 1e9:.1f} of {size / 1e9:.1f} GB"


def _until(left: float | None) -> str:
    return "" if left is None else f", full in {left:.1f} days at today's pace"
