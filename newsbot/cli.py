"""``newsbot``: the command line. Heavy parts are imported by the command that needs them."""

import json
import os
import sys
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from newsbot import __version__
from newsbot.errors import ConfigError, LockHeld, NewsbotError

if TYPE_CHECKING:
    from newsbot.archive.store import Store
    from newsbot.config import Config

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="Crawls ANTARA and the sites that re-publish its stories into dated, checkable snapshots.",
)
sites_app = typer.Typer(
    invoke_without_command=True, help="List the sites, or check a seed. Example: `newsbot sites`"
)
app.add_typer(sites_app, name="sites")


class Part(StrEnum):
    """Parts of a snapshot that can be fetched alone."""

    articles = "articles"
    warc = "warc"


Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]


def main() -> NoReturn:
    """The console script: errors of newsbot's own are one line, with the exit status to match."""
    try:
        status = app(standalone_mode=False)  # what typer.Exit carried
    except NewsbotError as error:
        print(f"newsbot: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigError) else 75 if isinstance(error, LockHeld) else 1)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # click's usage errors
            error.show()
            sys.exit(error.exit_code)
        raise
    sys.exit(status if isinstance(status, int) else 0)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsbot {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


@app.command()
def crawl(
    site: Annotated[str, typer.Argument(help="Name of a seed, or path of a TOML file.")],
    since: Annotated[str | None, typer.Option(help="First day wanted, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day wanted, YYYY-MM-DD.")] = None,
    url: Annotated[str | None, typer.Option(help="Fetch this one article page.")] = None,
    limit: Annotated[int | None, typer.Option(help="Fetch at most N article pages.")] = None,
) -> None:
    """Crawl a site; the same as `scrapy crawl`. Example: `newsbot crawl antara --limit 20`"""
    from newsbot.config import checkout, load_config
    from newsbot.sites import find_site

    root = checkout()
    if root is None:
        raise ConfigError(
            "crawling runs from a checkout of newsbot, where its spiders and seeds are; "
            "this is the installed package, which lists, downloads and checks snapshots"
        )
    chosen = find_site(site, load_config().seeds_folder)
    path = str(Path(site).resolve()) if site.endswith(".toml") else site
    arguments = {"site": path, "since": since, "until": until, "url": url, "limit": limit}
    command = [sys.executable, "-m", "scrapy", "crawl", chosen.spider]
    for name, value in arguments.items():
        if value is not None:
            command += ["-a", f"{name}={value}"]
    os.chdir(root)
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - the crawl takes this process's place


@sites_app.callback()
def sites(context: typer.Context, as_json: Json = False) -> None:
    """List the sites that can be crawled. Example: `newsbot sites`"""
    if context.invoked_subcommand is not None:
        return
    from newsbot.config import load_config
    from newsbot.sites import load_sites

    found = load_sites(load_config().seeds_folder)
    if as_json:
        rows = [
            {
                "name": site.name,
                "title": site.title,
                "spider": site.spider,
                "language": site.language,
                "hosts": site.hosts,
                "feeds": len(site.feeds),
                "lists": len(site.lists),
            }
            for site in found.values()
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    from newsbot.screen import table

    table(
        ("site", "title", "spider", "language", "hosts", "feeds", "lists"),
        [
            (s.name, s.title, s.spider, s.language, len(s.hosts), len(s.feeds), len(s.lists))
            for s in found.values()
        ],
    )


@sites_app.command("check")
def sites_check(file: Annotated[Path, typer.Argument(help="A seed, as TOML.")]) -> None:
    """Check one seed and say what is wrong with it. Example: `newsbot sites check seeds/my.toml`"""
    from newsbot.sites import load_site

    site = load_site(file)
    typer.echo(
        f"{file}: good: {site.name} ({site.title}), {len(site.hosts)} hosts, "
        f"{len(site.feeds)} feeds, {len(site.lists)} lists; crawl it with "
        f"`scrapy crawl {site.spider} -a site={file}`"
    )


@app.command("list")
def list_(
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    store: Annotated[str | None, typer.Option(help="Store, instead of NEWSBOT_STORE.")] = None,
    as_json: Json = False,
) -> None:
    """List the snapshots that have landed. Example: `newsbot list --from 2025-02-01`"""
    from newsbot.archive.snapshots import list_runs, read_manifest

    opened = _open_store(_config(store))
    runs = list(list_runs(opened, site=site, first=_day(first, "--from"), last=_day(last, "--to")))
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
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    only: Annotated[Part | None, typer.Option(help="A part instead of all.")] = None,
    store: Annotated[str | None, typer.Option(help="Store, instead of NEWSBOT_STORE.")] = None,
    as_json: Json = False,
) -> None:
    """Download snapshots and check every SHA-256; resumes.

    Example: `newsbot download 2025-02-28 --to snapshots`
    """
    from newsbot.archive.snapshots import download_runs
    from newsbot.screen import transfer_progress

    start, dots, end = days.partition("..")
    first = _day(start, "the day")
    last = _day(end, "the last day") if dots else first
    opened = _open_store(_config(store))
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

    config = _config(None)
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

    config = _config(None)
    store = _open_store(config)
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
def recover(as_json: Json = False) -> None:
    """Land what dead or failed crawls left in the spool; running crawls are left alone.

    Example: `newsbot recover`
    """
    from newsbot.archive.store import check_store, open_store
    from newsbot.ledger import Ledger
    from newsbot.run.lock import SiteLock
    from newsbot.run.recover import recover_site, spooled_sites

    config = _config(None)
    store = open_store(config.store_url)
    check_store(store, write=True)
    landed: list[str] = []
    running: list[str] = []
    for site in spooled_sites(config.spool_folder):
        try:
            with SiteLock(config.state_folder, site):
                ledger = Ledger.open(config.ledger_url)
                try:
                    found = recover_site(config.spool_folder, site, store, ledger)
                    landed += [manifest.run for manifest in found]
                finally:
                    ledger.close()
        except LockHeld:
            running.append(site)
    if as_json:
        typer.echo(json.dumps({"landed": landed, "running": running}))
        return
    for run in landed:
        typer.echo(f"landed {run} in {store.url}")
    for site in running:
        typer.echo(f"{site}: a crawl is running; its run is left alone")
    if not landed and not running:
        typer.echo("nothing is left in the spool")


@app.command()
def demo(
    articles: Annotated[int, typer.Option(min=10, help="Articles of the synthetic site.")] = 60,
    store: Annotated[str | None, typer.Option(help="Store, instead of NEWSBOT_STORE.")] = None,
) -> None:
    """Crawl the bundled synthetic site through every stage. Example: `newsbot demo`"""
    from newsbot.demo import run_demo

    raise typer.Exit(run_demo(_config(store), articles))


def _config(store: str | None) -> "Config":
    from newsbot.config import load_config

    return load_config(**({"store": store} if store else {}))


def _open_store(config: "Config") -> "Store":
    from newsbot.archive.store import check_store, open_store

    opened = open_store(config.store_url)
    check_store(opened, write=False)
    return opened


def _day(value: str | None, what: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ConfigError(f"{what}: {value!r} is not a day; write it as 2025-02-28") from error
