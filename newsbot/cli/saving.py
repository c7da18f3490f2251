"""The command that saves single pages: save."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of
from newsbot.cli.rounds import Interval, Stop, repeat
from newsbot.config import Config, child_environment, project_of
from newsbot.crawl.page_list import checked_pages, read_page_list
from newsbot.errors import ConfigError
from newsbot.landing.outcome import ExitStatus


@commands.command()
def save(
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="URL...", help="Pages to save.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="File of pages, one a line; - for standard input."),
    ] = None,
    every: Annotated[
        str | None, typer.Option(metavar="10m", help="Save them again and again, with --for.")
    ] = None,
    during: Annotated[
        str | None, typer.Option("--for", metavar="48h", help="How long, with --every.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Save any public pages, without a seed; they land under the site `saved`.

    robots.txt, delays and the guard of addresses hold as in a crawl. With --every each round is a
    run of its own (with --json a line each), until --for is over or SIGTERM or SIGINT comes.

    Exit status: 0 all saved and landed; 3 landed, but a page failed; 1 none was saved; 2 usage;
    4 kept in the spool; 75 another save is running.

    Example: `newsbot save https://example.org/report.pdf`
    """
    interval = Interval.of(every, during)
    given = [(f"URL {n}", os.fsencode(url)) for n, url in enumerate(urls or (), 1)]
    listed = read_page_list(file) if file is not None else []
    pages = list(dict.fromkeys([*checked_pages(given), *listed]))
    if not pages:
        raise ConfigError("no page to save: give URLs, or --file with a list of them")
    config = config_of(None)
    project_of(config)  # raises where nothing can be crawled from
    raise typer.Exit(asyncio.run(_save(config, pages, interval, as_json=as_json)))


async def _save(
    config: Config, pages: list[str], interval: Interval | None, *, as_json: bool
) -> int:
    stop = Stop()
    status = await repeat(lambda: _round(config, pages, stop, as_json=as_json), interval, stop.wait)
    return int(status)


async def _round(config: Config, pages: list[str], stop: Stop, *, as_json: bool) -> int | None:
    """Save the pages once, in a process of its own: Scrapy's reactor runs once in each."""
    command = [
        sys.executable, "-m", "scrapy", "crawl", "saved", "-a", "pages=-",
        "-s", f"REPORT_AS_JSON={int(as_json)}", "-s", "LOG_LEVEL=WARNING",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=project_of(config),
        env=os.environ | child_environment(config),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,  # the terminal's signals come to us, and once to it
    )
    stop.passes_to(process)
    await process.communicate("\n".join(pages).encode())
    return _status_of(process.returncode or 0, is_stopped=stop.is_set)


def _status_of(code: int, *, is_stopped: bool) -> int | None:
    if code >= 0:
        return code
    if is_stopped and code == -signal.SIGTERM:  # before Scrapy began, which lands what it has
        typer.echo("newsbot: stopped before the round fetched anything", err=True)
        return None
    typer.echo(
        f"newsbot: the round was ended by signal {-code}; what it fetched is in the spool: "
        "`newsbot recover` lands it",
        err=True,
    )
    return ExitStatus.FAILED
