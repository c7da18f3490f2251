"""The command that lists runs."""

import json
from typing import Annotated, Any

import typer

from newsbot.cli.app import Json, SiteName, commands
from newsbot.cli.opening import config_of, ledger_to_read
from newsbot.cli.screen import table
from newsbot.ledger.attempts import History, PastRun
from newsbot.progress import bytes_text


@commands.command()
def runs(
    site: SiteName = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest N.")] = 20,
    as_json: Json = False,
) -> None:
    """List past and present runs, newest first. Example: `newsbot runs --site antara --limit 50`"""
    with ledger_to_read(config_of(None)) as ledger:
        found = History(ledger).newest(site, limit)
    if as_json:
        typer.echo(json.dumps([fields_of(past) for past in found], indent=2, ensure_ascii=False))
    elif found:
        _draw(found)
    else:
        of = f" of {site}" if site else ""
        typer.echo(f"no run{of} yet; `newsbot crawl SITE` or `newsbot schedule` starts one")


def fields_of(past: PastRun) -> dict[str, Any]:
    """Return a run as JSON has it."""
    return {
        "run": past.run,
        "site": past.site,
        "started": past.started.isoformat(),
        "finished": past.finished and past.finished.isoformat(),
        "seconds": past.seconds,
        "outcome": past.outcome,
        "exit_status": past.exit_status,
        "reasons": past.reasons,
        "landed": past.landed,
        "partial": past.partial,
        "due": past.due and past.due.isoformat(),
        "host": past.host,
        "pid": past.pid,
        "counts": past.counts,
    }


def _draw(found: list[PastRun]) -> None:
    rows = []
    for past in found:
        counts = past.counts
        rows.append(
            (
                f"{past.started:%Y-%m-%d %H:%M:%S}",
                past.site,
                past.outcome or "not ended",
                "" if past.exit_status is None else past.exit_status,
                "" if past.seconds is None else f"{past.seconds:.0f} s",
                counts.get("new", 0),
                counts.get("changed", 0),
                counts.get("exchanges", 0),
                sum(counts.get("failed", {}).values()),
                bytes_text(counts.get("bytes", 0)),
                "; ".join(past.reasons),
            )
        )
    heads = ("began (UTC)", "site", "outcome", "status", "took", "new", "changed", "pages",
        "failed", "bytes", "why")  # fmt: skip
    table(heads, rows)
