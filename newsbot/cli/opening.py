"""What commands open: the configuration, the store, the ledger, the runs of some days."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_runs
from newsbot.config import Config, load_config
from newsbot.errors import ConfigError, NewsbotError
from newsbot.sites.loading import Sites, load_sites
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store

if TYPE_CHECKING:
    from newsbot.ledger import Ledger


def config_of(store: str | None) -> Config:
    """Return the configuration, with the store that the command line names, if it names one."""
    return load_config(**({"store": store_argument(store)} if store else {}))


def store_argument(store: str) -> str:
    """Return a store of the command line, whose path is relative to the working directory."""
    return store if "://" in store else str(Path(store).absolute())


def open_to_read(config: Config) -> Store:
    """Open the store for reading.

    Raises:
        NewsbotError: it is a folder that does not exist; none is made.
    """
    if "://" not in config.store_url and not Path(config.store_url).exists():
        raise NewsbotError(
            f"{config.store_url}: no such folder: nothing has landed there yet, or another "
            f"store is meant ({config.installation.describe()}; `newsbot config` shows all)"
        )
    opened = open_store(config.store_url, config.s3)
    check_store(opened, write=False)
    return opened


def sites_of(config: Config) -> Sites | None:
    """Return the configured sites; None where there is no folder of seeds."""
    folder = config.seeds_folder
    return load_sites(folder) if folder.is_dir() else None


@contextmanager
def ledger_to_read(config: Config) -> "Iterator[Ledger]":
    """Open the ledger, if there is one.

    Raises:
        NewsbotError: there is none; none is made.
    """
    from newsbot.archive.articles import has_ledger  # noqa: PLC0415 - it brings the ledger
    from newsbot.ledger import Ledger  # noqa: PLC0415 - SQLAlchemy takes 0.4 s

    if not has_ledger(config.ledger_url):
        raise NewsbotError(
            f"{config.ledger_url.removeprefix('sqlite:///')}: no such ledger: nothing was crawled "
            f"yet, or another is meant ({config.installation.describe()}; `newsbot config` shows "
            "all)"
        )
    with closing(Ledger.open(config.ledger_url)) as ledger:
        yield ledger


def crawled(days: str, store: str | None, site: str | None) -> tuple[Store, list[Snapshot]]:
    """Return the store, and its landed runs of these days, with what was derived from them.

    Raises:
        NewsbotError: no crawl landed on these days, or a manifest among them is damaged.
    """
    first, last = span_of(days)
    opened = open_to_read(config_of(store))
    runs = []
    for run in read_runs(opened, find_runs(opened, site, first, last)):
        if isinstance(run, DamagedRun):
            raise run.error
        runs.append(run)
    if all(run.ref.is_derived for run in runs):
        raise nothing_of(days, opened)
    return opened, runs


def nothing_of(days: str, store: Store) -> NewsbotError:
    """Return the error for a store without snapshots of these days."""
    return NewsbotError(
        f"no snapshot of {days} in {store.url}; `newsbot list` shows those there are"
    )


def day_of(value: str | None, what: str) -> date | None:
    """Return the day of an option (2025-02-28), None for None.

    Args:
        what: the option's name, for the error.

    Raises:
        ConfigError: it is not a day.
    """
    return None if value is None else _day(value, what)


def _day(value: str, what: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ConfigError(f"{what}: {value!r} is not a day; write it as 2025-02-28") from error


def span_of(days: str) -> tuple[date, date]:
    """Return the first and last day of ``2025-02-28`` or ``2025-02-01..2025-02-28``."""
    start, dots, end = days.partition("..")
    first = _day(start, "the first day" if dots else "the day")
    last = _day(end, "the last day") if dots else first
    if last < first:
        raise ConfigError(f"{days}: its last day is before its first; write {last}..{first}")
    return first, last
