"""Reads from the ledger and the disk what the rules judge."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, select

from newsbot.alarms.storage import Disk, Free, Waiting
from newsbot.alarms.verdict import RunFacts
from newsbot.config import Config
from newsbot.ledger import Ledger
from newsbot.ledger.database import insert_new
from newsbot.ledger.schema import runs, samples

HISTORY: Final = timedelta(days=28)  # what a habit is learned from: four of every weekday
_STARTS: Final = timedelta(days=14)
_SAMPLE_EVERY: Final = timedelta(hours=1)
_SAMPLES_KEPT: Final = timedelta(days=30)

_ENDED: Final = (runs.c.outcome.is_not(None), runs.c.outcome != "locked")


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
            )
            for row in connection.execute(query)
        ]


def starts_of(ledger: Ledger, site: str, now: datetime) -> list[datetime]:
    """Return when runs of the site began in the last two weeks, oldest first."""
    query = (
        select(runs.c.started)
        .where(runs.c.site == site, runs.c.started > now - _STARTS)
        .where(runs.c.outcome.is_distinct_from("locked"))
        .order_by(runs.c.started)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).scalars())


def last_finished(ledger: Ledger, site: str) -> datetime | None:
    """Return when the site's newest landed run ended."""
    query = select(func.max(runs.c.finished)).where(
        runs.c.site == site, runs.c.manifest_sha256.is_not(None)
    )
    with ledger.reading() as connection:
        return connection.execute(query).scalar()


def waiting_runs(spool: Path) -> list[Waiting]:
    """Closed runs in the spool: they have ended and have not landed. Oldest first."""
    return sorted(_waiting(spool), key=lambda one: one.since)


def _waiting(spool: Path) -> Iterator[Waiting]:
    for path in spool.glob("*/ending.json"):
        with suppress(FileNotFoundError):  # it lands just now
            record = json.loads((path.parent / "run.json").read_bytes())
            ended = datetime.fromisoformat(json.loads(path.read_bytes())["finished"])
            size = sum(one.stat().st_size for one in path.parent.rglob("*") if one.is_file())
            yield Waiting(record["run"], record["site"], ended, size)


def disks(ledger: Ledger, config: Config, now: datetime) -> list[Disk]:
    """Return the file systems of state and store with their samples; takes a new one each hour."""
    found = []
    for folder in _folders(config):
        usage = shutil.disk_usage(folder)
        before = _samples(ledger, str(folder), now)
        if not before or now - before[-1].at >= _SAMPLE_EVERY:
            _add_sample(ledger, str(folder), usage.free, now)
        history = [one for one in before if one.at < now]
        found.append(Disk(str(folder), usage.total, [*history, Free(now, usage.free)]))
    return found


def _folders(config: Config) -> list[Path]:
    """Return where newsbot writes, one folder for each file system."""
    wanted = [config.state_folder]
    if "://" not in config.store_url:
        wanted.append(Path(config.store_url))
    by_device: dict[int, Path] = {}
    for folder in wanted:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        by_device.setdefault(there.stat().st_dev, there)
    return list(by_device.values())


def _samples(ledger: Ledger, folder: str, now: datetime) -> list[Free]:
    query = (
        select(samples.c.at, samples.c.free)
        .where(samples.c.host == socket.gethostname(), samples.c.folder == folder)
        .where(samples.c.at > now - timedelta(days=1, hours=1))
        .order_by(samples.c.at)
    )
    with ledger.reading() as connection:
        return [Free(row.at, row.free) for row in connection.execute(query)]


def _add_sample(ledger: Ledger, folder: str, free: int, now: datetime) -> None:
    host = socket.gethostname()
    with ledger.transaction() as connection:
        connection.execute(delete(samples).where(samples.c.at < now - _SAMPLES_KEPT))
        insert_new(connection, samples, [{"host": host, "folder": folder, "at": now, "free": free}])
