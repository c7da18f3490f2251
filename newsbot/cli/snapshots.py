"""Commands that read snapshots: list, download."""

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from newsbot.archive.download import download_runs
from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_runs
from newsbot.cli.app import Days, Json, Part, SiteName, StoreUrl, commands
from newsbot.cli.opening import config_of, day_of, nothing_of, open_to_read, span_of
from newsbot.cli.screen import table, transfer_progress
from newsbot.progress import bytes_text
from newsbot.schema import article_schema


@commands.command("list")
def list_(
    site: SiteName = None,
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="URLs seen and not yet fetched, instead.")
    ] = False,
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """List the snapshots that have landed. Example: `newsbot list --from 2025-02-01`"""
    if pending:
        _list_pending(site, as_json=as_json)
        return
    opened = open_to_read(config_of(store))
    refs = find_runs(opened, site, day_of(first, "--from"), day_of(last, "--to"))
    found = list(read_runs(opened, refs))
    runs = [run for run in found if isinstance(run, Snapshot)]
    damaged = [run for run in found if isinstance(run, DamagedRun)]
    if as_json:
        typer.echo(json.dumps([_fields(run) for run in found], indent=2))
    elif not found:
        typer.echo(f"no snapshot has landed in {opened.url}; `newsbot crawl SITE` makes one")
    else:
        _table_of(runs)
    for run in damaged:
        typer.echo(f"newsbot: {run.error}", err=True)
    raise typer.Exit(1 if damaged else 0)


def _list_pending(site: str | None, *, as_json: bool) -> None:
    from newsbot.archive.articles import has_ledger  # noqa: PLC0415 - it brings the ledger
    from newsbot.ledger import Ledger  # noqa: PLC0415 - SQLAlchemy takes 0.4 s

    config = config_of(None)
    found = []
    if has_ledger(config.ledger_url):
        with closing(Ledger.open(config.ledger_url)) as ledger:
            found = ledger.pending(site)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, default=str))
        return
    if not found:
        typer.echo("nothing is pending: every URL seen was fetched, is gone or was given up")
        return
    table(
        ("first seen", "site", "failures", "next try", "url"),
        [
            (
                f"{one.first_seen:%Y-%m-%d %H:%M}Z",
                one.site,
                f"{one.failures} {one.failure}" if one.failure else "",
                f"{one.next_check:%Y-%m-%d %H:%M}Z" if one.next_check else "next crawl",
                one.url,
            )
            for one in found
        ],
    )


def _fields(run: Snapshot | DamagedRun) -> dict[str, object]:
    """Return what --json says of a run; where its manifest cannot be read, ``error`` says why."""
    fields: dict[str, object] = {
        "date": run.ref.date.isoformat(),
        "site": run.ref.site,
        "run": run.ref.run,
        "prefix": run.ref.prefix,
        "error": None,
    }
    if isinstance(run, DamagedRun):
        return fields | {"error": str(run.error)}
    return fields | {
        "outcome": run.manifest.outcome,
        "articles": run.manifest.counts["articles"],
        "bytes": sum(entry.size for entry in run.manifest.files),
        "derived_from": run.manifest.derived_from,
        "imported": None if run.manifest.imported is None else run.manifest.imported.name,
        "manifest_sha256": run.sha256,
    }


def _table_of(runs: list[Snapshot]) -> None:
    table(
        ("date", "site", "run", "outcome", "articles", "size"),
        [
            (
                run.ref.date.isoformat(),
                run.ref.site,
                run.ref.run,
                "reprocessed" if run.manifest.derived_from else run.manifest.outcome,
                run.manifest.counts["articles"],
                bytes_text(sum(entry.size for entry in run.manifest.files)),
            )
            for run in runs
        ],
    )


@commands.command()
def download(
    days: Days,
    to: Annotated[Path, typer.Option("--to", help="Folder to download into.")],
    site: SiteName = None,
    only: Annotated[Part | None, typer.Option(help="A part instead of all.")] = None,
    with_dependencies: Annotated[
        bool,
        typer.Option(
            "--with-dependencies", help="Also the earlier runs that revisit records refer to."
        ),
    ] = False,
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """Download snapshots and check every SHA-256; resumes.

    Example: `newsbot download 2025-02-01..2025-02-28 --to snapshots`
    """
    first, last = span_of(days)
    opened = open_to_read(config_of(store))
    with transfer_progress(enabled=not as_json) as progress:
        done = download_runs(
            opened,
            to,
            site=site,
            first=first,
            last=last,
            only=None if only is None else only.value,
            with_dependencies=with_dependencies,
            progress=progress,
        )
    if done.runs == 0:
        raise nothing_of(days, opened)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return
    typer.echo(f"{done.runs} runs, {done.files} files, {done.bytes} bytes, all checked, in {to}")
    if done.dependencies:
        typer.echo(
            "revisit records refer to files of other runs (--with-dependencies fetches them):"
        )
    for name in done.dependencies:
        typer.echo(f"  {name}")


@commands.command()
def schema() -> None:
    """Print the JSON schema of an article. Example: `newsbot schema > article.schema.json`"""
    typer.echo(json.dumps(article_schema(), ensure_ascii=False, indent=2))
