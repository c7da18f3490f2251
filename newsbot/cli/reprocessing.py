"""The command that reads archived pages again."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from newsbot.archive.synthetic import claim_store
from newsbot.cli.app import Days, Json, SiteName, StoreUrl, commands
from newsbot.cli.opening import config_of, crawled, store_argument
from newsbot.cli.screen import count_progress, table
from newsbot.config import load_config
from newsbot.errors import ConfigError
from newsbot.reprocess import Report
from newsbot.reprocess import reprocess as derive
from newsbot.sites.loading import load_sites
from newsbot.stores.opening import check_store, open_store

_OUTCOMES = ("same", "changed", "found", "lost", "extraction-failed")
_NOT_DERIVED = ("lost", "extraction-failed")


@commands.command()
def reprocess(
    days: Days,
    to: Annotated[str, typer.Option("--to", help="Store for the derived runs; may be the same.")],
    site: SiteName = None,
    store: StoreUrl = None,
    seeds: Annotated[Path | None, typer.Option(help="Seeds, instead of NEWSBOT_SEEDS.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Workers; one a core.")] = None,
    as_json: Json = False,
) -> None:
    """Extract articles again from archived pages, with today's rules; nothing landed is touched.

    Example: `newsbot reprocess 2025-02-01..2025-02-28 --to archive`
    """
    if seeds is not None and not seeds.is_dir():
        raise ConfigError(f"--seeds: {seeds}: no such folder")
    source, runs = crawled(days, store, [site] if site else [])
    target_config = load_config(store=store_argument(to))
    target = open_store(target_config.store_url, target_config.s3)
    claim_store(target, synthetic=any(run.manifest.synthetic for run in runs))
    check_store(target, write=True)
    folder = seeds or config_of(store).seeds_folder
    sites = load_sites(folder) if folder.is_dir() else {}
    with count_progress(enabled=not as_json) as progress:
        reports = list(derive(source, target, runs, sites, processes=processes, progress=progress))
    if as_json:
        typer.echo(json.dumps([_fields(report) for report in reports], indent=2))
    else:
        _show(reports)
    is_whole = not any(report.outcomes[name] for report in reports for name in _NOT_DERIVED)
    raise typer.Exit(0 if is_whole else 3)


def _fields(report: Report) -> dict[str, Any]:
    return {
        "source": report.source.run,
        "derived": report.derived.run,
        "prefix": report.derived.prefix,
        "already_there": report.exists_already,
        **{name.replace("-", "_"): report.outcomes[name] for name in _OUTCOMES},
        "fields": dict(sorted(report.fields.items())),
    }


def _show(reports: list[Report]) -> None:
    table(
        ("date", "site", "derived run", *_OUTCOMES),
        [
            (
                report.source.date.isoformat(),
                report.source.site,
                report.derived.run + (" (exists)" if report.exists_already else ""),
                *(report.outcomes[outcome] for outcome in _OUTCOMES),
            )
            for report in reports
        ],
    )
    fields: Counter[str] = sum((report.fields for report in reports), Counter())
    if fields:
        typer.echo()
        table(("field", "articles in which it changed"), fields.most_common())
    if lost := sum(report.outcomes["lost"] for report in reports):
        typer.echo(
            f"{lost} articles are not found in their pages any more; the originals keep them, and "
            "events.jsonl.gz of each derived run names them"
        )
    if failed := sum(report.outcomes["extraction-failed"] for report in reports):
        typer.echo(
            f"{failed} pages cannot be read (a body that does not decode, or a fault of the "
            "extractor); the originals keep them, and events.jsonl.gz of each derived run says why"
        )
