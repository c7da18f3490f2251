"""Commands that crawl: crawl, sites, recover, demo."""

import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.cli.app import Json, app, config_of, open_to_read
from newsbot.errors import ConfigError, LockHeld

if TYPE_CHECKING:
    from newsbot.config import Config
    from newsbot.stores.store import Store

sites_app = typer.Typer(
    invoke_without_command=True, help="List the sites, or check a seed. Example: `newsbot sites`"
)
app.add_typer(sites_app, name="sites")


@app.command()
def crawl(
    site: Annotated[str, typer.Argument(help="Name of a seed, or path of a TOML file.")],
    since: Annotated[str | None, typer.Option(help="First day wanted, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day wanted, YYYY-MM-DD.")] = None,
    url: Annotated[str | None, typer.Option(help="Fetch this one article page.")] = None,
    limit: Annotated[int | None, typer.Option(help="Fetch at most N article pages.")] = None,
    recheck: Annotated[
        str | None, typer.Option(help="Look again at known articles: all, due (default) or none.")
    ] = None,
) -> None:
    """Crawl a site; the same as `scrapy crawl`. Example: `newsbot crawl antara --limit 20`"""
    from newsbot.config import child_environment, project_of
    from newsbot.sites.site import find_site

    config = config_of(None)
    root = project_of(config)
    chosen = find_site(site, config.seeds_folder)
    path = str(Path(site).resolve()) if site.endswith(".toml") else site
    arguments = {
        "site": path, "since": since, "until": until, "url": url, "limit": limit,
        "recheck": recheck,
    }  # fmt: skip
    command = [sys.executable, "-m", "scrapy", "crawl", chosen.kind]
    for name, value in arguments.items():
        if value is not None:
            command += ["-a", f"{name}={value}"]
    os.chdir(root)
    sys.stdout.flush()
    environment = os.environ | child_environment(config)
    os.execve(sys.executable, command, environment)  # noqa: S606 - it takes this process's place


@sites_app.callback()
def sites(context: typer.Context, as_json: Json = False) -> None:
    """List the sites that can be crawled. Example: `newsbot sites`"""
    if context.invoked_subcommand is not None:
        return
    from newsbot.config import load_config
    from newsbot.sites.site import load_sites

    found = load_sites(load_config().seeds_folder)
    if as_json:
        rows = [
            {
                "name": site.name,
                "title": site.title,
                "kind": site.kind,
                "language": site.language,
                "hosts": site.hosts,
                "feeds": len(site.feeds),
                "lists": len(site.lists),
            }
            for site in found.values()
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    from newsbot.cli.screen import table

    table(
        ("site", "title", "kind", "language", "hosts", "feeds", "lists"),
        [
            (s.name, s.title, s.kind, s.language, len(s.hosts), len(s.feeds), len(s.lists))
            for s in found.values()
        ],
    )


@sites_app.command("check")
def sites_check(file: Annotated[Path, typer.Argument(help="A seed, as TOML.")]) -> None:
    """Check one seed and say what is wrong with it. Example: `newsbot sites check seeds/my.toml`"""
    from newsbot.sites.site import load_site

    site = load_site(file)
    typer.echo(
        f"{file}: good: {site.name} ({site.title}), {len(site.hosts)} hosts, "
        f"{len(site.feeds)} feeds, {len(site.lists)} lists; crawl it with "
        f"`scrapy crawl {site.kind} -a site={file}`"
    )


@app.command()
def recover(
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild-ledger", help="First make the ledger again from the snapshots."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Land what dead or failed crawls left in the spool; running crawls are left alone.

    Example: `newsbot recover`
    """
    from newsbot.archive.synthetic import claim_store
    from newsbot.landing.lock import SiteLock
    from newsbot.landing.outcome import ExitStatus
    from newsbot.landing.recover import Kept, recover_site, spooled_sites
    from newsbot.ledger import Ledger
    from newsbot.stores.opening import check_store, open_store

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
                    if isinstance(one, Kept):
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


def _rebuild(config: "Config", store: "Store", *, quiet: bool) -> int:
    from newsbot.cli.screen import count_progress
    from newsbot.landing.rebuild_ledger import rebuild_ledger

    with count_progress(enabled=not quiet) as progress:
        number = rebuild_ledger(config, store, progress)
    if not quiet:
        typer.echo(f"the ledger is made again from {number} runs of {store.url}")
    return number


@app.command()
def demo(
    articles: Annotated[int, typer.Option(min=25, help="Articles of the synthetic site.")] = 60,
) -> None:
    """Crawl a synthetic site twice and show what was found. Example: `newsbot demo`

    It keeps its store, its state and its newsbot.toml in `demo/` of the checkout.
    """
    from newsbot.config import checkout

    root = checkout()
    if root is None or not (root / "replica" / "demo.py").is_file():
        raise ConfigError(
            "the demo needs a checkout of newsbot, for its synthetic site is not in the package"
        )
    os.chdir(root)
    sys.stdout.flush()
    command = [sys.executable, "-m", "replica.demo", f"--articles={articles}"]
    os.execv(sys.executable, command)  # noqa: S606 - the demo takes this process's place
