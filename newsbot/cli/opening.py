"""What commands open: the configuration, the store, the ledger, the runs of some days."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, list_runs, read_runs
from newsbot.config import Config, load_config
from newsbot.errors import ConfigError, NewsbotError
from newsbot.layout import RunRef, days_of_run
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


def crawled(
    days: str | None, store: str | None, sites: Sequence[str]
) -> tuple[Store, list[Snapshot]]:
    """Return the store, and its landed runs of these days, with what was derived from them.

    Args:
        days: those of a command line; None for all.
        sites: their names; none for all.

    Raises:
        NewsbotError: no crawl landed on these days, or a manifest among them is damaged.
    """
    first, last = (None, None) if days is None else span_of(days)
    opened = open_to_read(config_of(store))
    runs = []
    for run in read_runs(opened, find_runs(opened, sites, first, last)):
        if isinstance(run, DamagedRun):
            raise run.error
        runs.append(run)
    if all(run.ref.is_derived for run in runs):
        raise NewsbotError(nothing_of(opened, days, sites))
    return opened, runs


def runs_of(targets: Sequence[str], store: Store, sites: Sequence[str]) -> list[RunRef]:
    """Return the landed runs of days, spans of days and ids of runs.

    Raises:
        NewsbotError: there is none of one of them.
        ConfigError: one is neither.
    """
    found: dict[RunRef, None] = {}
    for target in targets:
        if days := days_of_run(target):
            near = list_runs(store, sites, min(days), max(days))
            refs = [ref for ref in near if ref.run == target]
        else:
            refs = list(list_runs(store, sites, *span_of(target)))
        if not refs:
            raise NewsbotError(nothing_of(store, target, sites))
        found |= dict.fromkeys(refs)
    return list(found)


def nothing_of(store: Store, days: str | None, sites: Sequence[str]) -> str:
    """Return the message for a store without snapshots of these days and sites; what it has."""
    refs = list(find_runs(store))
    if not refs:
        return f"no snapshot has landed in {store.url}; `newsbot crawl SITE` makes one"
    asked = f" of {days}" if days else ""
    if sites:
        asked += f" of the {'site' if len(sites) == 1 else 'sites'} {', '.join(sites)}"
    there = ", ".join(sorted({ref.site for ref in refs}))
    return (
        f"no snapshot{asked} in {store.url}, which has those of {refs[0].date} to {refs[-1].date}, "
        f"of {there}; `newsbot list` shows them"
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
