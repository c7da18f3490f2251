"""Commands of the unattended crawler: schedule, status."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of, ledger_to_read
from newsbot.cli.runs import fields_of
from newsbot.cli.screen import table
from newsbot.errors import ConfigError
from newsbot.logs import log_to_stderr
from newsbot.progress import bytes_text
from newsbot.schedule.serve import serve
from newsbot.schedule.status import SiteStatus, installation_alarms, status_of
from newsbot.sites.watched_folder import readable_sites

_WRONG = 3  # exit status: it works, but something is wrong


@commands.command()
def schedule(
    once: Annotated[
        bool, typer.Option("--once", help="Crawl what is due now, then end: for a timer.")
    ] = False,
    setting: Annotated[
        list[str] | None,
        typer.Option("-s", "--set", help="A Scrapy setting NAME=VALUE for every crawl."),
    ] = None,
) -> None:
    """Crawl each site when its seed's [schedule] says, until stopped. Example: `newsbot schedule`

    SIGHUP reads the seeds again (so does a changed file); SIGTERM lets crawls finish for
    NEWSBOT_STOP_GRACE seconds. With --once the exit status is 3 if a crawl did not go well.
    """
    config = config_of(None)
    log_to_stderr(config.log_format, config.secrets)
    raise typer.Exit(serve(config, dict(map(_pair, setting or [])), once=once))


@commands.command()
def status(as_json: Json = False) -> None:
    """Show the state of each site and what is wrong; exit status 3 if something is.

    Example: `newsbot status`
    """
    config = config_of(None)
    sites, problems = readable_sites(config.seeds_folder)
    with ledger_to_read(config) as ledger:
        rows = status_of(config, ledger, sites, datetime.now(UTC))
        problems += installation_alarms(ledger)
    good = not problems and not any(row.wrong for row in rows)
    if as_json:
        document = {"good": good, "wrong": problems, "sites": [_fields(row) for row in rows]}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _draw(rows, problems)
    raise typer.Exit(0 if good else _WRONG)


def _pair(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise ConfigError(f"-s {setting}: write it as NAME=VALUE")
    return name, value


def _fields(row: SiteStatus) -> dict[str, Any]:
    fields = asdict(row) | {"last": None if row.last is None else fields_of(row.last)}
    for name in ("next", "newest"):
        fields[name] = None if fields[name] is None else fields[name].isoformat()
    return fields


def _draw(rows: list[SiteStatus], problems: list[str]) -> None:
    now = datetime.now(UTC)
    shown = [row for row in rows if not row.is_idle]
    heads = ("site", "last run", "", "next", "newest article", "pending", "spool", "")
    table(
        heads,
        [
            (
                row.site,
                "never" if row.last is None else _ago(now, row.last.started),
                "running" if row.running else (row.last and (row.last.outcome or "died")) or "",
                "not scheduled" if row.next is None else _in(now, row.next),
                "none" if row.newest is None else _ago(now, row.newest),
                row.pending,
                f"{row.spool_runs} ({bytes_text(row.spool_bytes)})" if row.spool_runs else "-",
                "WRONG" if row.wrong else "good",
            )
            for row in shown
        ],
    )
    if idle := len(rows) - len(shown):
        typer.echo(f"{idle} more sites are not scheduled and were never crawled: `newsbot sites`")
    wrong = [*problems, *(f"{row.site}: {what}" for row in rows for what in row.wrong)]
    if wrong:
        typer.echo("\nWhat is wrong:")
    for what in wrong:
        typer.echo(f"  {what}")


def _ago(now: datetime, at: datetime) -> str:
    return f"{_span((now - at).total_seconds())} ago"


def _in(now: datetime, at: datetime) -> str:
    seconds = (at - now).total_seconds()
    return f"in {_span(seconds)}" if seconds > 0 else f"due for {_span(-seconds)}"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
