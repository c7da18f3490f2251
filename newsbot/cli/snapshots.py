"""Commands that read snapshots: list, download, verify, show."""

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from newsbot.cli.app import Json, SiteName, StoreUrl, app, config_of, day_of, open_to_read
from newsbot.errors import NewsbotError


class Part(StrEnum):
    """Parts of a snapshot that can be fetched alone."""

    articles = "articles"
    warc = "warc"


@app.command("list")
def list_(
    site: SiteName = None,
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """List the snapshots that have landed. Example: `newsbot list --from 2025-02-01`"""
    from newsbot.archive.snapshots import list_runs, read_manifest

    opened = open_to_read(config_of(store))
    runs = list(
        list_runs(opened, site=site, first=day_of(first, "--from"), last=day_of(last, "--to"))
    )
    manifests = [(ref, read_manifest(opened, ref)) for ref in runs]
    if as_json:
        rows = [
            {
                "date": ref.date.isoformat(),
                "site": ref.site,
                "run": ref.run,
                "outcome": manifest.outcome,
                "articles": manifest.counts["articles"],
                "bytes": sum(entry.size for entry in manifest.files),
                "prefix": ref.prefix,
            }
            for ref, manifest in manifests
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    from newsbot.screen import bytes_text, table

    if not manifests:
        typer.echo(f"no snapshot has landed in {opened.url}; `make demo` makes some")
        return
    table(
        ("date", "site", "run", "outcome", "articles", "size"),
        [
            (
                ref.date.isoformat(),
                ref.site,
                ref.run,
                manifest.outcome,
                manifest.counts["articles"],
                bytes_text(sum(entry.size for entry in manifest.files)),
            )
            for ref, manifest in manifests
        ],
    )


@app.command()
def download(
    days: Annotated[str, typer.Argument(help="A day, or FIRST..LAST: 2025-02-01..2025-02-28.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to download into.")],
    site: SiteName = None,
    only: Annotated[Part | None, typer.Option(help="A part instead of all.")] = None,
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """Download snapshots and check every SHA-256; resumes.

    Example: `newsbot download 2025-02-28 --to snapshots`
    """
    from newsbot.archive.snapshots import download_runs
    from newsbot.screen import transfer_progress

    start, dots, end = days.partition("..")
    first = day_of(start, "the day")
    last = day_of(end, "the last day") if dots else first
    opened = open_to_read(config_of(store))
    with transfer_progress(enabled=not as_json) as progress:
        done = download_runs(
            opened,
            to,
            site=site,
            first=first,
            last=last,
            only=None if only is None else only.value,
            progress=progress,
        )
    if done.runs == 0:
        raise NewsbotError(
            f"no snapshot of {days} in {opened.url}; `newsbot list` shows those there are"
        )
    if as_json:
        typer.echo(json.dumps({"runs": done.runs, "files": done.files, "bytes": done.bytes}))
    else:
        typer.echo(
            f"{done.runs} runs, {done.files} files, {done.bytes} bytes, all checked, in {to}"
        )


@app.command()
def verify(
    target: Annotated[
        str | None,
        typer.Argument(help="A WARC file, a day, a run, a folder or s3://…; else the whole store."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check snapshots without trusting who made them; exits with 1 if there is any fault.

    Example: `newsbot verify 2025-02-28`
    """
    from newsbot.archive.targets import faults_of

    config = config_of(None)
    count = 0
    for fault in faults_of(target, config.store_url):
        count += 1
        typer.echo(json.dumps(asdict(fault)) if as_json else f"FAULT {fault}")
    if not as_json:
        typer.echo(f"{count} faults" if count else f"{target or config.store_url}: no fault")
    raise typer.Exit(1 if count else 0)


@app.command()
def show(
    url: Annotated[str, typer.Argument(help="URL of an article, as printed or canonical.")],
    raw: Annotated[bool, typer.Option("--raw", help="The WARC record, as it is stored.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is kept of an article. Example: `newsbot show URL --raw`"""
    from newsbot.archive.lookup import find_article, raw_record

    config = config_of(None)
    store = open_to_read(config)
    found = find_article(url, config, store)
    if raw:
        sys.stdout.buffer.write(raw_record(store, found))
        sys.stdout.buffer.flush()
    elif as_json:
        typer.echo(json.dumps(found.article, ensure_ascii=False, indent=2))
    else:
        from newsbot.demo import describe

        typer.echo(describe(found.article))


@app.command()
def schema() -> None:
    """Print the JSON schema of an article. Example: `newsbot schema > article.schema.json`"""
    from newsbot.schema import article_schema

    typer.echo(json.dumps(article_schema(), ensure_ascii=False, indent=2))
