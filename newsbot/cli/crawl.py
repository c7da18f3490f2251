"""Commands that crawl: crawl, sites, demo."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of
from newsbot.cli.screen import table
from newsbot.config import child_environment, load_config, project_of
from newsbot.errors import ConfigError
from newsbot.sites.access import readable_ca_file
from newsbot.sites.site import find_site, load_site, load_sites

sites_app = typer.Typer(
    invoke_without_command=True, help="List the sites, or check a seed. Example: `newsbot sites`"
)
commands.add_typer(sites_app, name="sites")


@commands.command()
def crawl(
    site: Annotated[str, typer.Argument(help="Name of a seed, or path of a TOML file.")],
    since: Annotated[str | None, typer.Option(help="First day wanted, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day wanted, YYYY-MM-DD.")] = None,
    url: Annotated[str | None, typer.Option(help="Fetch this one article page.")] = None,
    limit: Annotated[int | None, typer.Option(help="Fetch at most N article pages.")] = None,
    recheck: Annotated[
        str | None, typer.Option(help="Check known articles for edits: all, due (default) or none.")
    ] = None,
) -> None:
    """Crawl a site; the same as `scrapy crawl`. Example: `newsbot crawl antara --limit 20`"""
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
    site = load_site(file)
    readable_ca_file(site)
    typer.echo(
        f"{file}: good: {site.name} ({site.title}), {len(site.hosts)} hosts, "
        f"{len(site.feeds)} feeds, {len(site.lists)} lists; crawl it with "
        f"`scrapy crawl {site.kind} -a site={file}`"
    )
    if site.request.variables:
        typer.echo(f"it needs in its environment: {', '.join(site.request.variables)}")


@commands.command()
def demo(
    articles: Annotated[int, typer.Option(min=25, help="Articles of the synthetic site.")] = 60,
) -> None:
    """Crawl a synthetic site twice and show what was found. Example: `newsbot demo`

    It keeps its store, its state and its newsbot.toml in `demo/` of the checkout.
    """
    checkout = Path(__file__).parent.parent.parent  # of this code; the project may be another
    if not (checkout / "replica" / "demo.py").is_file():
        raise ConfigError(
            "the demo needs a checkout of newsbot, for its synthetic site is not in the package"
        )
    os.chdir(checkout)
    sys.stdout.flush()
    command = [sys.executable, "-m", "replica.demo", f"--articles={articles}"]
    os.execv(sys.executable, command)  # noqa: S606 - the demo takes this process's place
