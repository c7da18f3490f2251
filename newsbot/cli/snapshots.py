"""Commands that read snapshots: list, download."""

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from newsbot.archive.download import Downloaded, download_runs
from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_runs
from newsbot.cli.app import Json, Part, SiteName, SiteNames, StoreUrl, commands
from newsbot.cli.opening import config_of, day_of, nothing_of, open_to_read, runs_of
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
    span = (day_of(first, "--from"), day_of(last, "--to"))
    found = list(read_runs(opened, find_runs(opened, site, *span)))
    runs = [run for run in found if isinstance(run, Snapshot)]
    damaged = [run for run in found if isinstance(run, DamagedRun)]
    if as_json:
        typer.echo(json.dumps([_fields(run) for run in found], indent=2))
    elif found:
        _table_of(runs)
    if not found:
        typer.echo(nothing_of(opened, _days(first, last), [site] if site else []), err=as_json)
    for run in damaged:
        typer.echo(f"newsbot: {run.error}", err=True)
    raise typer.Exit(1 if damaged else 0)


def _days(first: str | None, last: str | None) -> str | None:
    if first and last:
        return f"{first} to {last}"
    return f"{first} or later" if first else f"{last} or earlier" if last else None


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
    what: Annotated[
        list[str],
        typer.Argument(
            help="Days, spans of days (2025-02-01..2025-02-28), or runs.", show_default=False
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="Folder to download into.")],
    site: SiteNames = None,
    only: Annotated[
        Part | None,
        typer.Option(
            help="A part instead of all: articles and events, or WARC files and their index."
        ),
    ] = None,
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

    What is there already is checked too: it is kept, or mended if it is damaged.

    Example: `newsbot download 2025-02-01..2025-02-28 --to snapshots`
    """
    opened = open_to_read(config_of(store))
    runs = runs_of(what, opened, site or [])
    with transfer_progress(enabled=not as_json) as progress:
        done = download_runs(
            opened,
            to,
            runs=runs,
            only=None if only is None else only.value,
            with_dependencies=with_dependencies,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        _show(done, to, with_dependencies=with_dependencies)


def _show(done: Downloaded, to: Path, *, with_dependencies: bool) -> None:
    typer.echo(
        f"{done.runs} runs, {done.files} files, {done.bytes} bytes, all checked, in {to}: "
        f"{done.kept} kept, {done.fetched} fetched, {len(done.mended)} mended"
    )
    for name in done.mended:
        typer.echo(f"mended, for it was damaged: {name}")
    if done.dependencies and with_dependencies:
        typer.echo("revisit records refer to runs that the store does not have:")
    elif done.dependencies:
        typer.echo("revisit records refer to other runs (--with-dependencies fetches them):")
    for run in done.dependencies:
        typer.echo(f"  {run}")


@commands.command()
def schema() -> None:
    """Print the JSON schema of an article. Example: `newsbot schema > article.schema.json`"""
    typer.echo(json.dumps(article_schema(), ensure_ascii=False, indent=2))
