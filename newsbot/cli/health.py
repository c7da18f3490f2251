"""Commands that look after newsbot: doctor, alarms."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.alarms import Kind
from newsbot.alarms.delivery import check_addresses, deliver, send, targets_of, undelivered
from newsbot.alarms.state import close_by_hand, open_alarms, recent_alarms
from newsbot.cli.app import Json, commands
from newsbot.cli.checks import report
from newsbot.cli.opening import config_of, ledger_to_read
from newsbot.config import Config, load_config
from newsbot.errors import ConfigError, NewsbotError
from newsbot.ledger import Ledger
from newsbot.sites.loading import find_site

alarms_app = typer.Typer(
    invoke_without_command=True,
    help="List the alarms that are open and the last that closed. Example: `newsbot alarms`",
)
commands.add_typer(alarms_app, name="alarms")


@commands.command()
def doctor(
    site: Annotated[
        str | None,
        typer.Argument(
            metavar="SITE|STORE",
            help="A seed's name or path; without it, the sites crawled before. With --store, a "
            "folder or s3://bucket/prefix; without it, the configured one.",
        ),
    ] = None,
    store: Annotated[
        bool,
        typer.Option(
            "--store",
            help="Try in the store all that newsbot needs, and find the options that it wants.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Run all checks now: this machine, then feeds, lists and an article of each crawled site.

    Exits with 3 if anything is wrong. Examples: `newsbot doctor antara`, `newsbot doctor --store`,
    `newsbot doctor --store s3://bucket/prefix`
    """
    if store:
        from newsbot.doctor.store_examination import examine_store  # noqa: PLC0415 - boto3: 0.3 s

        raise typer.Exit(report(examine_store(config_of(site)), as_json=as_json))
    from newsbot.doctor import examine  # noqa: PLC0415 - 0.3 s that `newsbot alarms` saves

    config = load_config()
    wanted = None if site is None else find_site(site, config.seeds_folder)
    raise typer.Exit(report(examine(config, wanted), as_json=as_json))


@alarms_app.callback()
def alarms(context: typer.Context, as_json: Json = False) -> None:
    """List the alarms that are open and the last that closed. Example: `newsbot alarms`"""
    if context.invoked_subcommand is not None:
        return
    with _ledger() as (config, ledger):
        is_open, over = open_alarms(ledger), recent_alarms(ledger)
        waiting = undelivered(ledger, config.notify)
    if as_json:
        rows = {
            "open": [asdict(one) for one in is_open],
            "closed": [asdict(one) for one in over],
            "undelivered": [asdict(one) for one in waiting],
        }
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))
        return
    for alarm in is_open:
        typer.echo(f"OPEN  {alarm.opened:%Y-%m-%d %H:%M} {alarm.title}: {alarm.message}")
    for alarm in over:
        typer.echo(
            f"over  {alarm.opened:%Y-%m-%d %H:%M} to {alarm.closed:%Y-%m-%d %H:%M} {alarm.title}"
        )
    for notice in waiting:
        typer.echo(
            f"NOT SENT  {notice.alarm} ({notice.event}) to {notice.address}, "
            f"tried {notice.attempts} times: {notice.error}"
        )
    if not is_open and not waiting:
        typer.echo("no alarm is open")


@alarms_app.command("close")
def alarms_close(
    kind: Annotated[str, typer.Argument(help="Its kind: layout, silence …")],
    site: Annotated[str, typer.Argument(help="Its site; none for disk, spool, store, ping.")] = "",
) -> None:
    """Close an alarm by hand: what it found is as it should be from now on.

    Example: `newsbot alarms close layout antara`
    """
    if kind not in list(Kind):
        raise ConfigError(f"{kind!r} is no kind of alarm; there are {', '.join(Kind)}")
    with _ledger() as (config, ledger):
        alarm = close_by_hand(ledger, Kind(kind), site, list(targets_of(config.notify)))
        if alarm is None:
            raise NewsbotError(f"no {kind} alarm is open for {site or 'the installation'}")
        deliver(ledger, config.notify, datetime.now(UTC))
    typer.echo(f"closed: {alarm.title}")


@alarms_app.command("test")
def alarms_test() -> None:
    """Send a message to every address of NEWSBOT_NOTIFY. Example: `newsbot alarms test`"""
    config = load_config()
    if not config.notify:
        raise ConfigError("NEWSBOT_NOTIFY is not set; write Apprise addresses, separated by spaces")
    check_addresses(config.notify)
    errors = [send(one, "newsbot: a test", "Alarms will come here.") for one in config.notify]
    for position, error in enumerate(errors, 1):
        typer.echo(f"address {position}: {error or 'sent'}")
    raise typer.Exit(1 if any(errors) else 0)


@contextmanager
def _ledger() -> Iterator[tuple[Config, Ledger]]:
    config = config_of(None)
    with ledger_to_read(config) as ledger:
        yield config, ledger
