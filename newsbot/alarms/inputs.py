"""Reads what the rules judge: the ledger's runs, the spool, and the free space of the disks."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, or_, select

from newsbot.alarms.storage import Disk, FreeSpace, WaitingRun
from newsbot.alarms.verdict import RunFacts
from newsbot.config import Config
from newsbot.landing.spool import site_of
from newsbot.ledger import Ledger
from newsbot.ledger.database import insert_new
from newsbot.ledger.schema import runs, samples

HISTORY: Final = timedelta(days=28)  # what is usual is learned from these: four of every weekday
_STARTS: Final = timedelta(days=14)
_SAMPLE_EVERY: Final = timedelta(hours=1)
_SAMPLES_KEPT: Final = timedelta(days=30)

_NO_CRAWL: Final = ("locked", "imported")  # outcomes that tell nothing of the site
_ENDED: Final = (runs.c.outcome.is_not(None), runs.c.outcome.not_in(_NO_CRAWL))


def runs_of(ledger: Ledger, site: str, now: datetime) -> list[RunFacts]:
    """Return the site's ended runs of the last four weeks, oldest first."""
    query = (
        select(runs)
        .where(runs.c.site == site, runs.c.started > now - HISTORY, *_ENDED)
        .order_by(runs.c.started)
    )
    with ledger.reading() as connection:
        return [
            RunFacts(
                row.run,
                row.started,
                row.finished or row.started,
                row.outcome,
                row.counts or {},
                tuple(row.reasons or ()),
                bool(row.partial),
            )
            for row in connection.execute(query)
        ]


def starts_of(ledger: Ledger, site: str, now: datetime) -> list[datetime]:
    """Return when runs of the site began in the last two weeks, oldest first."""
    query = (
        select(runs.c.started)
        .where(runs.c.site == site, runs.c.started > now - _STARTS)
        .where(or_(runs.c.outcome.is_(None), runs.c.outcome.not_in(_NO_CRAWL)))
        .order_by(runs.c.started)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).scalars())


def last_finished(ledger: Ledger, site: str) -> datetime | None:
    """Return when the site's newest landed run ended (UTC), or None if none has landed."""
    query = select(func.max(runs.c.finished)).where(
        runs.c.site == site, runs.c.manifest_sha256.is_not(None), runs.c.outcome != "imported"
    )
    with ledger.reading() as connection:
        return connection.execute(query).scalar()


def waiting_runs(spool: Path) -> list[WaitingRun]:
    """Return the closed runs in the spool, which have ended and not landed; oldest first."""
    return sorted(_waiting_runs(spool), key=lambda run: (run.since, run.run))


def _waiting_runs(spool: Path) -> Iterator[WaitingRun]:
    for ending in spool.glob("*/ending.json"):
        with suppress(FileNotFoundError):  # it is landing at this moment
            folder = ending.parent
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            yield WaitingRun(folder.name, site_of(folder / "run.json"), _ended(ending), size)


def _ended(ending: Path) -> datetime:
    """Return when the run ended (aware); when the file was written if it does not say so."""
    try:
        return datetime.fromisoformat(json.loads(ending.read_bytes())["finished"])
    except (ValueError, KeyError, TypeError):  # damaged: `newsbot recover` mends or names it
        return datetime.fromtimestamp(ending.stat().st_mtime, tz=UTC)


def disks(ledger: Ledger, config: Config, now: datetime) -> list[Disk]:
    """Return the file systems of state and store with samples of their free space.

    A new sample is stored once an hour.
    """
    measured = []
    for folder in _folders(config):
        usage = shutil.disk_usage(folder)
        stored = _samples(ledger, str(folder), now)
        if not stored or now - stored[-1].at >= _SAMPLE_EVERY:
            _add_sample(ledger, str(folder), usage.free, now)
        earlier = [sample for sample in stored if sample.at < now]
        measured.append(Disk(str(folder), usage.total, [*earlier, FreeSpace(now, usage.free)]))
    return measured


def _folders(config: Config) -> list[Path]:
    """Return the folders that newsbot writes to, one for each file system."""
    wanted = [config.state_folder]
    if "://" not in config.store_url:
        wanted.append(Path(config.store_url))
    by_device: dict[int, Path] = {}
    for folder in wanted:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        by_device.setdefault(existing.stat().st_dev, existing)
    return list(by_device.values())


def _samples(ledger: Ledger, folder: str, now: datetime) -> list[FreeSpace]:
    query = (
        select(samples.c.at, samples.c.free)
        .where(samples.c.host == socket.gethostname(), samples.c.folder == folder)
        .where(samples.c.at > now - timedelta(days=1, hours=1))
        .order_by(samples.c.at)
    )
    with ledger.reading() as connection:
        return [FreeSpace(row.at, row.free) for row in connection.execute(query)]


def _add_sample(ledger: Ledger, folder: str, free: int, now: datetime) -> None:
    host = socket.gethostname()
    with ledger.transaction() as connection:
        connection.execute(delete(samples).where(samples.c.at < now - _SAMPLES_KEPT))
        insert_new(connection, samples, [{"host": host, "folder": folder, "at": now, "free": free}])
