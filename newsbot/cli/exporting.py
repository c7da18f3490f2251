"""The command that turns snapshots into what other tools read."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from newsbot.archive.articles import ArticleFinder
from newsbot.archive.export import (
    Exported,
    Selection,
    Wanted,
    bag,
    csv,
    index,
    parquet,
    select,
    wacz,
)
from newsbot.archive.export.selection import Target
from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_runs
from newsbot.cli.app import Json, SiteNames, StoreUrl, commands
from newsbot.cli.opening import config_of, crawled, sites_of
from newsbot.cli.screen import count_progress, transfer_progress
from newsbot.errors import ConfigError, StoreError
from newsbot.progress import Progress
from newsbot.stores.store import Store

Export = Callable[[Selection, Target, Progress], Exported]
_LONGEST_CRAWL: Final = timedelta(days=7)  # what began earlier has learned nothing of these days


class Format(StrEnum):
    """The forms that there are."""

    wacz = "wacz"
    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"
    bagit = "bagit"
    cdxj = "cdxj"


@commands.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    to: Annotated[
        Path,
        typer.Option("--to", help="New file; for bagit, a folder; - for the standard output."),
    ],
    days: Annotated[
        str | None,
        typer.Argument(
            help="A day, or FIRST..LAST: 2025-02-01..2025-02-28; else all days.",
            show_default=False,
        ),
    ] = None,
    site: SiteNames = None,
    section: Annotated[
        list[str] | None,
        typer.Option(help="Only articles of this section; may be given again, for any of them."),
    ] = None,
    word: Annotated[
        list[str] | None,
        typer.Option(
            help="Only articles with this word or phrase in title or text; may be given again, "
            "for all of them."
        ),
    ] = None,
    url: Annotated[
        list[str] | None,
        typer.Option(help="Only this article; may be given again, for any of them."),
    ] = None,
    latest: Annotated[
        bool, typer.Option("--latest", help="Of each article its newest revision of these days.")
    ] = False,
    derived: Annotated[
        bool, typer.Option("--derived", help="Articles as the newest reprocessing read them.")
    ] = False,
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """Export snapshots, streaming and checked; exits with 3 if records they refer to are missing.

    wacz: for ReplayWeb.page; parquet, csv, jsonl: the articles; bagit: the snapshots as a bag;
    cdxj: an index of the WARC files, for pywb.

    Example: `newsbot export 2025-02-28 --format wacz --to 2025-02-28.wacz`
    """
    is_stream = to == Path("-")
    if is_stream and form not in (Format.csv, Format.jsonl):
        raise ConfigError(f"--to -: {form} cannot be written to a stream; name a file")
    opened, runs = crawled(days, store, site or [])
    wanted = Wanted(
        tuple(section or ()), tuple(word or ()), _forms(url or (), store, opened), latest
    )
    if form in (Format.bagit, Format.cdxj) and not wanted.is_everything:
        raise ConfigError(
            f"--format {form}: it has whole runs; --section, --word, --url and --latest choose "
            "among articles: use them with wacz, parquet, csv or jsonl"
        )
    selection = select(
        runs, derived=derived, wanted=wanted, learned_from=lambda: _learned_from(opened, runs)
    )
    shown = transfer_progress if form in (Format.wacz, Format.bagit) else count_progress
    with shown(enabled=not (as_json or is_stream)) as progress, _target(to) as target:
        if form is Format.bagit:
            done = bag.export(opened, [run.ref for run in runs], to, progress)
        else:
            done = _module(form)(selection, target, progress)
    _report(done, to, as_json=as_json, to_errors=is_stream)
    raise typer.Exit(3 if done.missing else 0)


def _report(done: Exported, to: Path, *, as_json: bool, to_errors: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(done)), err=to_errors)
        return
    where = "" if to_errors else f", in {to}"
    typer.echo(f"{done.articles} articles of {done.runs} runs, all checked{where}", err=to_errors)
    if done.articles == 0:
        typer.echo("no article of these runs is as asked for", err=True)
    for name in done.missing:
        typer.echo(f"missing in the store, though a revisit refers to it: {name}", err=to_errors)


def _forms(urls: Sequence[str], store: str | None, opened: Store) -> frozenset[str]:
    """Return all forms of the addresses that lines of articles may carry."""
    if not urls:
        return frozenset()
    config = config_of(store)
    finder = ArticleFinder(opened, sites_of(config), config.ledger_url)
    return frozenset[str]().union(*map(finder.forms_of, urls))


def _learned_from(store: Store, runs: Sequence[Snapshot]) -> Iterator[Snapshot]:
    """Yield the crawls of all sites that may have learned of the runs' articles, to the newest."""
    first = min(run.ref.date for run in runs) - _LONGEST_CRAWL
    for found in read_runs(
        store, (ref for ref in find_runs(store, first=first) if not ref.is_derived)
    ):
        if isinstance(found, DamagedRun):
            raise found.error
        yield found


@contextmanager
def _target(to: Path) -> Iterator[Target]:
    """Yield the path, or the standard output for ``-``."""
    if to != Path("-"):
        yield to
        return
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # `| head`; the interpreter would flush once more
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise StoreError(f"standard output: cannot be written: {error.strerror}") from error


def _module(form: Format) -> Export:
    return {
        Format.wacz: wacz.export,
        Format.parquet: parquet.export,
        Format.csv: csv.export_csv,
        Format.jsonl: csv.export_lines,
        Format.cdxj: index.export,
    }[form]
