"""Commands that crawl: crawl, demo."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from newsbot.cli.app import commands
from newsbot.cli.opening import config_of
from newsbot.config import child_environment, project_of
from newsbot.errors import ConfigError
from newsbot.sites.loading import find_site


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
