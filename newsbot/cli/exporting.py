"""The command that turns snapshots into what other tools read."""

import json
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from newsbot.archive.export import Exported, Selected, bag, csv, index, parquet, select, wacz
from newsbot.cli.app import Days, Json, SiteName, StoreUrl, commands
from newsbot.cli.opening import crawled, span_of
from newsbot.cli.screen import count_progress, transfer_progress
from newsbot.progress import Progress

Export = Callable[[list[Selected], Path, Progress], Exported]


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
    days: Days,
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    to: Annotated[Path, typer.Option("--to", help="New file; for bagit, a folder.")],
    site: SiteName = None,
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
    opened, runs = crawled(days, store, site)
    chosen = select(runs, derived=derived)
    shown = transfer_progress if form in (Format.wacz, Format.bagit) else count_progress
    with shown(enabled=not as_json) as progress:
        if form is Format.bagit:
            first, last = span_of(days)
            done = bag.export(opened, to, progress, site=site, first=first, last=last)
        else:
            done = _module(form)(chosen, to, progress)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        typer.echo(f"{done.articles} articles of {done.runs} runs, all checked, in {to}")
        for name in done.missing:
            typer.echo(f"missing in the store, though a revisit refers to it: {name}")
    raise typer.Exit(3 if done.missing else 0)


def _module(form: Format) -> Export:
    return {
        Format.wacz: wacz.export,
        Format.parquet: parquet.export,
        Format.csv: csv.export_csv,
        Format.jsonl: csv.export_lines,
        Format.cdxj: index.export,
    }[form]
