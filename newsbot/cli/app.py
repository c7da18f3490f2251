"""The command line's frame: the app, how errors end it, and what its commands share."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from newsbot._version import __version__
from newsbot.errors import ConfigError, LockHeld, NewsbotError

if TYPE_CHECKING:
    from newsbot.archive.articles import ArticleFinder
    from newsbot.archive.snapshots import Snapshot
    from newsbot.config import Config
    from newsbot.ledger import Ledger
    from newsbot.sites.site import Sites
    from newsbot.stores.store import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich draws a box around each list of options, in twice the time
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="Crawls ANTARA and the sites that re-publish its stories into dated, checkable snapshots.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
SiteName = Annotated[str | None, typer.Option(help="Only this site.")]
Days = Annotated[
    str, typer.Argument(help="A day, or FIRST..LAST: 2025-02-01..2025-02-28.", show_default=False)
]
StoreUrl = Annotated[str | None, typer.Option(help="Store, instead of NEWSBOT_STORE.")]


class Part(StrEnum):
    """Parts of a snapshot that can be fetched alone."""

    articles = "articles"
    warc = "warc"


def main() -> NoReturn:
    """The console script: errors of newsbot's own are one line, with the exit status to match."""
    try:
        status = app(standalone_mode=False)  # what typer.Exit carried
    except NewsbotError as error:
        print(f"newsbot: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigError) else 75 if isinstance(error, LockHeld) else 1)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # click's usage errors
            error.show()
            sys.exit(error.exit_code)
        raise
    sys.exit(status if isinstance(status, int) else 0)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsbot {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The newsbot.toml to use; else that of this folder, of the project or of "
            "/etc/newsbot. It comes before the command: `newsbot --config FILE list`.",
        ),
    ] = None,
) -> None:
    if config is not None:
        from newsbot.config import use_config_file

        use_config_file(config)


def config_of(store: str | None) -> "Config":
    from newsbot.config import load_config

    return load_config(**({"store": store} if store else {}))


def open_to_read(config: "Config") -> "Store":
    """Open the store for reading.

    Raises:
        NewsbotError: it is a folder that does not exist; none is made.
    """
    from newsbot.stores.opening import check_store, open_store

    if "://" not in config.store_url and not Path(config.store_url).exists():
        raise NewsbotError(
            f"{config.store_url}: no such folder: nothing has landed there yet, or another "
            f"store is meant ({config.installation.describe()}; `newsbot config` shows all)"
        )
    opened = open_store(config.store_url, config.s3)
    check_store(opened, write=False)
    return opened


def finder_of(config: "Config", store: "Store") -> "ArticleFinder":
    from newsbot.archive.articles import ArticleFinder

    return ArticleFinder(store, sites_of(config), config.ledger_url)


def sites_of(config: "Config") -> "Sites | None":
    """Return the configured sites; None where there is no folder of seeds."""
    from newsbot.sites.site import load_sites

    folder = config.seeds_folder
    return load_sites(folder) if folder.is_dir() else None


@contextmanager
def ledger_to_read(config: "Config") -> "Iterator[Ledger]":
    """Open the ledger, if there is one.

    Raises:
        NewsbotError: there is none; none is made.
    """
    from newsbot.archive.articles import has_ledger
    from newsbot.ledger import Ledger

    if not has_ledger(config.ledger_url):
        raise NewsbotError(
            f"{config.ledger_url.removeprefix('sqlite:///')}: no such ledger: nothing was crawled "
            f"yet, or another is meant ({config.installation.describe()}; `newsbot config` shows "
            "all)"
        )
    with closing(Ledger.open(config.ledger_url)) as ledger:
        yield ledger


def crawled(days: str, store: str | None, site: str | None) -> "tuple[Store, list[Snapshot]]":
    """Return the store, and its landed runs of these days, with what was derived from them.

    Raises:
        NewsbotError: no crawl landed on these days, or a manifest among them is damaged.
    """
    from newsbot.archive.snapshots import DamagedRun, find_runs, read_runs

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


def nothing_of(days: str, store: "Store") -> NewsbotError:
    return NewsbotError(
        f"no snapshot of {days} in {store.url}; `newsbot list` shows those there are"
    )


def day_of(value: str | None, what: str) -> date | None:
    return None if value is None else _day(value, what)


def _day(value: str, what: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ConfigError(f"{what}: {value!r} is not a day; write it as 2025-02-28") from error


def span_of(days: str) -> tuple[date, date]:
    """First and last day of ``2025-02-28`` or ``2025-02-01..2025-02-28``."""
    start, dots, end = days.partition("..")
    first = _day(start, "the first day" if dots else "the day")
    last = _day(end, "the last day") if dots else first
    if last < first:
        raise ConfigError(f"{days}: its last day is before its first; write {last}..{first}")
    return first, last
