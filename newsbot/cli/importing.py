"""The command that imports what others captured: import."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from newsbot.cli.app import Json, StoreUrl, commands
from newsbot.cli.opening import config_of
from newsbot.cli.screen import count_progress
from newsbot.errors import ConfigError, LockHeld, NewsbotError
from newsbot.importing.import_file import import_file
from newsbot.importing.imported_run import ImportReport
from newsbot.landing.outcome import ExitStatus
from newsbot.progress import Progress


@commands.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="WARC files or WACZ packages.")
    ],
    site: Annotated[
        str | None,
        typer.Option(help="A seed's name, or a new name for pages that no seed is for."),
    ] = None,
    even_if_damaged: Annotated[
        bool,
        typer.Option("--even-if-damaged", help="Also where `newsbot verify` finds faults."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and read the files, and write nothing.")
    ] = False,
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """Import WARC or WACZ files of other programs and archives as landed runs.

    The bytes are kept as they came. The pages are read by the rules of the seed that has their
    hosts, or by evidence alone with --site and a new name. A file that was imported before is left
    alone.

    Exit status: 0 all imported, or there already; 3 imported, but something is wrong; 1 a file
    could not be imported; 2 usage; 4 kept in the spool; 75 a crawl of the site is running.

    Example: `newsbot import crawl.warc.gz collection.wacz --site antara`
    """
    config, results, status = config_of(store), [], 0
    with count_progress(enabled=not as_json) as progress:

        def run(file: Path, show: Progress) -> ImportReport:
            return import_file(
                config, file, site=site, even_if_damaged=even_if_damaged, dry_run=dry_run,
                progress=show,
            )  # fmt: skip

        for file in files:
            try:
                report = run(file, _named(file, progress))
            except NewsbotError as error:
                code = _status_of(error)
                print(f"newsbot: {error}", file=sys.stderr)
                results.append({"name": file.name, "outcome": "failed", "error": str(error)})
            else:
                code = int(report.status)
                results.append(asdict(report))
                if not as_json:
                    typer.echo("\n".join(_lines(report)))
            status = status or code
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2))
    raise typer.Exit(status)


def _named(file: Path, progress: Progress) -> Progress:
    return lambda what, done, total: progress(f"{file.name}: {what}", done, total)


def _status_of(error: NewsbotError) -> int:
    if isinstance(error, ConfigError):
        return ExitStatus.USAGE
    return ExitStatus.LOCKED if isinstance(error, LockHeld) else ExitStatus.FAILED


def _lines(report: ImportReport) -> Iterator[str]:
    """Yield the report of one file, for reading."""
    if report.outcome == "already-imported":
        yield f"{report.name}: already imported in {report.prefix}; nothing was written"
        return
    tool = f" by {report.tool}" if report.tool else ""
    what = f"{report.captures} captures, {report.pages} pages{tool}"
    if report.outcome == "dry-run":
        yield f"{report.name}: {what}: would be imported for {report.site}; nothing was written"
        if report.faults:
            yield f"  check     {report.faults} faults"
        return
    place = f"landed in {report.prefix}" if report.outcome == "imported" else "NOT LANDED"
    yield f"{report.name}: imported for {report.site}, {place}"
    yield f"  captures  {what}"
    yield f"  articles  {report.counts['new']} new, {report.counts['changed']} changed"
    yield f"  became    {_counted(report.counts['became'])}"
    if report.counts["failed"]:
        yield f"  failed    {_counted(report.counts['failed'])}"
    if report.manifest_sha256:
        yield f"  chain     head {report.manifest_sha256}"
    for reason in report.reasons:
        yield f"  check     {reason}"


def _counted(numbers: Any) -> str:
    return ", ".join(f"{number} {name}" for name, number in numbers.items())
