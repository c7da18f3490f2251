"""The command that lands what crawls left behind."""

import json
from contextlib import closing
from typing import Annotated

import typer

from newsbot.archive.synthetic import claim_store
from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of, open_to_read
from newsbot.cli.screen import count_progress
from newsbot.config import Config
from newsbot.errors import LockHeld
from newsbot.landing.lock import SiteLock
from newsbot.landing.outcome import ExitStatus
from newsbot.landing.rebuild_ledger import rebuild_ledger
from newsbot.landing.recover import BlockedRun, recover_site, spooled_sites
from newsbot.ledger import Ledger
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store


@commands.command()
def recover(
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild-ledger", help="First rebuild the ledger from the snapshots."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Land what dead or failed crawls left in the spool; running crawls are left alone.

    Example: `newsbot recover`
    """
    config = config_of(None)
    rebuilt = _rebuild(config, open_to_read(config), quiet=as_json) if rebuild else None
    waiting = spooled_sites(config.spool_folder)
    store = open_store(config.store_url, config.s3)
    if waiting:
        claim_store(store, synthetic=config.synthetic)
        check_store(store, write=True)
    landed: list[str] = []
    kept: dict[str, str] = {}
    running: list[str] = []
    for site in waiting:
        try:
            with (
                closing(Ledger.open(config.ledger_url)) as ledger,  # a shared lock is in it
                SiteLock(config.state_folder, site, config.ledger_url),
            ):
                for one in recover_site(config.spool_folder, site, store, ledger):
                    if isinstance(one, BlockedRun):
                        kept[one.run] = one.reason
                    else:
                        landed.append(one.run)
        except LockHeld:
            running.append(site)
    if as_json:
        more = {} if rebuilt is None else {"rebuilt": rebuilt}
        typer.echo(json.dumps({"landed": landed, "kept": kept, "running": running, **more}))
        raise typer.Exit(ExitStatus.SPOOLED if kept else ExitStatus.OK)
    for run in landed:
        typer.echo(f"landed {run} in {store.url}")
    for run, reason in kept.items():
        typer.echo(f"kept {run}: {reason}")
    for site in running:
        typer.echo(f"{site}: a crawl is running; its run is left alone")
    if not landed and not kept and not running:
        typer.echo(f"nothing is left in the spool, {config.spool_folder}")
    raise typer.Exit(ExitStatus.SPOOLED if kept else ExitStatus.OK)


def _rebuild(config: Config, store: Store, *, quiet: bool) -> int:
    with count_progress(enabled=not quiet) as progress:
        number = rebuild_ledger(config, store, progress)
    if not quiet:
        typer.echo(f"the ledger was rebuilt from {number} runs of {store.url}")
    return number
