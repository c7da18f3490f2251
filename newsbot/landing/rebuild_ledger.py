"""Rebuilds the ledger from the landed runs: ``newsbot recover --rebuild-ledger``."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from newsbot.archive.lines import checked_lines
from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_runs
from newsbot.config import Config
from newsbot.errors import LedgerError
from newsbot.landing.land import LINES, run_content
from newsbot.landing.lock import SiteLock
from newsbot.landing.recover import spooled_sites
from newsbot.ledger import Ledger
from newsbot.ledger.ingest import ingest_within
from newsbot.ledger.schema import REBUILT, runs
from newsbot.ledger.sharedlock import is_shared
from newsbot.progress import Progress
from newsbot.sites.loading import load_sites
from newsbot.stores.store import Store

logger = logging.getLogger(__name__)


def rebuild_ledger(
    config: Config, store: Store, progress: Progress = lambda _what, _done, _all: None
) -> int:
    """Fill the ledger from the store's snapshots alone, in one transaction; return their number.

    A damaged ledger is renamed first; an intact one keeps its history of attempts that landed
    nothing. ``progress`` is called with the number of runs read.

    Raises:
        LockHeld: a crawl is running; nothing was changed.
        StoreError: a snapshot cannot be read, or is damaged; likewise.
        LedgerError: the ledger refused; likewise.
    """
    refs = sorted(find_runs(store), key=lambda ref: ref.run)
    sites = {ref.site for ref in refs} | set(spooled_sites(config.spool_folder))
    if config.seeds_folder.is_dir():
        sites |= set(load_sites(config.seeds_folder))
    if is_shared(config.ledger_url):
        Ledger.open(config.ledger_url).close()  # the locks are in it
    with ExitStack() as held:
        for site in sorted(sites):
            held.enter_context(SiteLock(config.state_folder, site, config.ledger_url))
        ledger = held.enter_context(closing(_open_or_replace(config.ledger_url)))
        with ledger.transaction() as connection:
            _clear(connection)
            number = 0
            for done, run in enumerate(read_runs(store, refs), 1):
                number += _ingest_run(connection, run)
                progress("runs read", done, len(refs))
            return number


def _open_or_replace(url: str) -> Ledger:
    try:
        return Ledger.open(url)
    except LedgerError as error:
        path = make_url(url).database
        if type(error.__cause__) is not DatabaseError or is_shared(url) or not path:
            raise
        _put_aside(Path(path))
        return Ledger.open(url)


def _put_aside(path: Path) -> None:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    logger.warning("%s: damaged; renamed to %s", path, aside.name)


def _clear(connection: Connection) -> None:
    for table in REBUILT:
        if table is not runs:
            connection.execute(delete(table))
    connection.execute(update(runs).values(manifest_sha256=None))


def _ingest_run(connection: Connection, run: Snapshot | DamagedRun) -> int:
    """Ingest the run and return 1; skip a derived run, which adds nothing, and return 0."""
    if isinstance(run, DamagedRun):
        raise run.error
    if run.manifest.derived_from is not None:
        return 0
    lines = {name: _LandedLines(run, f"{name}.jsonl.gz") for name in LINES}
    ingest_within(connection, run_content(run.manifest, run.ref.prefix, run.sha256, lines))
    return 1


class _LandedLines:
    """The lines of a landed file, checked and read again for each iteration."""

    def __init__(self, run: Snapshot, name: str) -> None:
        self._run, self._name = run, name

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, checked_lines(self._run, self._name))
