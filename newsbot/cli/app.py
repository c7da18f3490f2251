"""The command line's frame: the app, how errors end it, and what its commands share."""

import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, NoReturn, cast

import typer
from typer.core import TyperGroup
from typer.main import get_group

from newsbot._version import __version__
from newsbot.errors import ConfigError, LockHeld, NewsbotError


class Listed(NamedTuple):
    """A command as `newsbot --help` lists it."""

    module: str  # of newsbot.cli, which adds it to ``commands``
    help: str  # the first sentence of its docstring


COMMANDS: Final = {
    "init": Listed(
        "project",
        "Write spiders, pipelines, seeds and a newsbot.toml into DIR, to crawl from there.",
    ),
    "config": Listed(
        "project",
        "Show which newsbot.toml is in force, and each value with where it comes from.",
    ),
    "sites": Listed("sites", "List the sites, draft, check or generate seeds."),
    "try": Listed("trying", "Fetch one page and show what a seed makes of it; nothing is kept."),
    "crawl": Listed("crawl", "Crawl a site; the same as `scrapy crawl`."),
    "save": Listed(
        "saving", "Save any public pages, without a seed; they land under the site `saved`."
    ),
    "demo": Listed("crawl", "Crawl a synthetic site twice and show what was found."),
    "schedule": Listed(
        "scheduling", "Crawl each site when its seed's [schedule] says, until stopped."
    ),
    "status": Listed(
        "scheduling",
        "Show the state of each site and what is wrong; exit status 3 if something is.",
    ),
    "runs": Listed("runs", "List past and present runs, newest first."),
    "alarms": Listed("health", "List the alarms that are open and the last that closed."),
    "doctor": Listed(
        "health",
        "Run all checks now: this machine, then feeds, lists and an article of each crawled site.",
    ),
    "recover": Listed(
        "recovering",
        "Land what dead or failed crawls left in the spool; running crawls are left alone.",
    ),
    "list": Listed("snapshots", "List the snapshots that have landed."),
    "download": Listed("snapshots", "Download snapshots and check every SHA-256; resumes."),
    "import": Listed(
        "importing",
        "Import WARC or WACZ files of other programs and archives as landed runs.",
    ),
    "verify": Listed(
        "verifying",
        "Check snapshots without trusting who made them; exits with 1 if there is any fault.",
    ),
    "show": Listed("articles", "Show what is kept of an article, and its history."),
    "diff": Listed(
        "articles",
        "Show what changed between two revisions of an article, word by word.",
    ),
    "export": Listed(
        "exporting",
        "Export snapshots, streaming and checked; exits with 3 if records they refer to "
        "are missing.",
    ),
    "reprocess": Listed(
        "reprocessing",
        "Extract articles again from archived pages, with today's rules; nothing landed "
        "is touched.",
    ),
    "schema": Listed("snapshots", "Print the JSON schema of an article."),
}

commands = typer.Typer(rich_markup_mode=None)  # where modules add theirs


class _Commands(Mapping[str, Any]):
    """The commands by name; a command's module is imported when the command is asked for."""

    def __getitem__(self, name: str) -> Any:
        import_module(f"newsbot.cli.{COMMANDS[name].module}")
        return get_group(commands).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Front(TyperGroup):
    """The command line: it starts quickly, for its list of commands imports none of them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast("Any", _Commands())

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer gives it
        """Return the names, in the order in which they are listed."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer gives it
        """Write the list of commands for --help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed.help) for name, listed in COMMANDS.items()])


app = typer.Typer(
    cls=_Front,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich draws a box around each list of options, in twice the time
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="Crawls ANTARA and the sites that re-publish its stories into dated, checkable snapshots.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
SiteName = Annotated[str | None, typer.Option(help="Only this site.")]
SiteNames = Annotated[
    list[str] | None, typer.Option("--site", help="Only this site; may be given again.")
]
Days = Annotated[
    str, typer.Argument(help="A day, or FIRST..LAST: 2025-02-01..2025-02-28.", show_default=False)
]
StoreUrl = Annotated[str | None, typer.Option(help="Store, instead of NEWSBOT_STORE.")]


class Part(StrEnum):
    """Parts of a snapshot that can be fetched alone."""

    articles = "articles"
    warc = "warc"


def main() -> NoReturn:
    """Run the console script: an error of newsbot's own is one line, with its exit status."""
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
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The newsbot.toml to use; else that of this folder, of the project or of "
            "/etc/newsbot. It comes before the command: `newsbot --config FILE list`.",
        ),
    ] = None,
) -> None:
    if config is not None:
        from newsbot.config import use_config_file  # noqa: PLC0415 - pydantic takes 0.3 s

        use_config_file(config)
