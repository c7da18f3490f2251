"""Commands about single articles: show, diff."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.console import Console

from newsbot.archive.articles import ArticleFinder, ArticleHistory, Version, raw_record
from newsbot.archive.instants import Instant, parse_instant
from newsbot.cli.app import Json, commands
from newsbot.cli.captures import show_captures, write_raw
from newsbot.cli.diffs import RevisionDiff, as_fields, as_lines, as_page
from newsbot.cli.opening import config_of, ledger_to_read, open_to_read, sites_of
from newsbot.cli.screen import table
from newsbot.config import Config
from newsbot.errors import ConfigError, NewsbotError
from newsbot.extract import canonical_url
from newsbot.ledger.copies.links import ClusterMember, clusters_of
from newsbot.stores.store import Store

ArticleUrl = Annotated[str, typer.Argument(help="URL of an article, as printed or canonical.")]


@commands.command()
def show(
    url: ArticleUrl,
    revision: Annotated[
        int | None, typer.Option("--revision", metavar="N", help="This revision, by its number.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="The revision that was the newest then: 20250228080000 (UTC, as replay tools have "
            "it), ISO 8601 (UTC unless it says otherwise), or the end of a day of snapshots.",
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="All of its text.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="All revisions, the first one first.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The WARC record, as it is stored.")] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="Its original and copies, and how that is known.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is kept of an article, and its history. Example: `newsbot show URL --raw`

    Of a page without an article, such as a saved PDF, it shows the captures.
    """
    if revision is not None and at is not None:
        raise ConfigError("--revision and --at: each chooses a revision; give one of them")
    if every and (raw or copies or revision is not None or at is not None):
        raise ConfigError("--all: it goes with --full and --json only")
    config = config_of(None)
    when = None if at is None else parse_instant(at, "--at")
    if copies:
        print_copies(url, config, as_json=as_json)
        return
    store = open_to_read(config)
    finder = _finder(config, store)
    newest = finder.find(url)
    if newest is None and revision is not None:
        raise NewsbotError(f"{url}: no article in {store.url}, so it has no revisions")
    if newest is None:
        show_captures(url, store, list(finder.captures(url)), at=when, raw=raw, as_json=as_json)
    elif raw and revision is None and when is None:
        write_raw(raw_record(store, newest))  # the history is not needed
    else:
        history = finder.history(url)
        chosen = _chosen(finder, history, revision, when) or newest
        if raw:
            write_raw(raw_record(store, chosen))
        elif every:
            _Shown(finder, history).print_all(full=full, as_json=as_json)
        else:
            _Shown(finder, history).print_one(chosen, full=full, as_json=as_json)


def _chosen(
    finder: ArticleFinder, history: ArticleHistory, revision: int | None, when: Instant | None
) -> Version | None:
    """Return the revision that was asked for; None if none was."""
    if revision is not None:
        return history.version(revision)
    return None if when is None else finder.as_of(history, when)


@dataclass(frozen=True, slots=True)
class _Shown:
    """An article's history, to be printed; times as replay tools take them are beside each."""

    finder: ArticleFinder
    history: ArticleHistory

    def print_one(self, version: Version, *, full: bool, as_json: bool) -> None:
        if as_json:
            print_json(self._fields(version) | {"history": self._history()})
            return
        typer.echo(describe_article(version.article, self.finder.stamp(version), full=full))
        typer.echo()
        self._draw()

    def print_all(self, *, full: bool, as_json: bool) -> None:
        if as_json:
            revisions = [self._fields(version) for version in self.history.versions]
            events = self._history()["events"]
            print_json({"url": self.history.url, "revisions": revisions, "events": events})
            return
        for version in self.history.versions:
            what = ", ".join(version.changed) or "first seen"
            typer.echo(f"revision {version.number} ({what}), run {version.ref.run}")
            typer.echo(describe_article(version.article, self.finder.stamp(version), full=full))
            typer.echo()
        self._draw()

    def _fields(self, version: Version) -> dict[str, Any]:
        return version.article | {"ts": self.finder.stamp(version), "run": version.ref.run}

    def _history(self) -> dict[str, object]:
        return {
            "revisions": [
                {
                    "number": version.number,
                    "ts": self.finder.stamp(version),
                    "fetched_at": version.article["fetched_at"],
                    "run": version.ref.run,
                    "changed": version.changed,
                    "title": version.title,
                    "content_sha256": version.article["content_sha256"],
                }
                for version in self.history.versions
            ],
            "events": [asdict(event) for event in self.history.events],
        }

    def _draw(self) -> None:
        rows = [
            (
                f"{self.finder.captured_at(version):%Y%m%d%H%M%S}",
                f"revision {version.number}",
                ", ".join(version.changed) or "first seen",
                version.ref.run,
            )
            for version in self.history.versions
        ]
        rows += [
            (f"{parse_instant(one.time, 'time'):%Y%m%d%H%M%S}", one.event, "", one.run)
            for one in self.history.events
        ]
        table(("time (UTC)", "what", "changed", "run"), sorted(rows))


@commands.command()
def diff(
    url: ArticleUrl,
    first: Annotated[int | None, typer.Argument(help="A revision; else the last but one.")] = None,
    second: Annotated[int | None, typer.Argument(help="A later one; else the last.")] = None,
    as_html: Annotated[bool, typer.Option("--html", help="A page of HTML.")] = False,
    as_json: Json = False,
) -> None:
    """Show what changed between two revisions of an article, word by word.

    Example: `newsbot diff URL 1 3 --html > changes.html`
    """
    config = config_of(None)
    history = _finder(config, open_to_read(config)).history(url)
    numbers = [version.number for version in history.versions]
    if first is None and len(numbers) < 2:
        raise NewsbotError(f"{url}: one revision is kept, so there is nothing to compare")
    old = history.version(numbers[-2] if first is None else first)
    new = history.version(numbers[-1] if second is None else second)
    found = RevisionDiff.between(history.url, old, new)
    if as_html:
        typer.echo(as_page(found), nl=False)
    elif as_json:
        typer.echo(json.dumps(as_fields(found), ensure_ascii=False, indent=2))
    else:
        console = Console(soft_wrap=not sys.stdout.isatty())
        for line in as_lines(found, colour=sys.stdout.isatty()):
            console.print(line)


def describe_article(article: dict[str, Any], stamp: str | None, *, full: bool) -> str:
    """Return an article for reading: its fields, then the first paragraphs, or all of them.

    Args:
        stamp: the 14-digit time of its capture, which replay tools take.
    """
    people = ", ".join(f"{person['name']} ({person['role']})" for person in article["authors"])
    dateline = (article["dateline"] or {}).get("raw")
    fields = {
        "title": article["title"],
        "url": article["canonical_url"],
        "published": article["published_at"],
        "dateline": dateline,
        "by": people or None,
        "source": article["source_credit"],
        "copyright": article["copyright"],
        "original": article["original_url"],
        "fetched": article["fetched_at"],
        "captured": stamp,
        "record": f"{article['sources'][0]['file']} @ {article['sources'][0]['offset']}",
    }
    lines = [f"  {name:<10} {value}" for name, value in fields.items() if value]
    paragraphs = article["text"].split("\n\n")
    shown = paragraphs if full else paragraphs[:2]
    lines += ["", *(f"  {paragraph}" for paragraph in shown)]
    if len(paragraphs) > len(shown):
        lines.append(f"  … {len(paragraphs) - len(shown)} more paragraphs (--full shows them)")
    return "\n".join(lines)


def print_json(fields: Mapping[str, object]) -> None:
    """Print the fields as an indented object."""
    typer.echo(json.dumps(fields, ensure_ascii=False, indent=2))


def print_copies(url: str, config: Config, *, as_json: bool) -> None:
    """Print each cluster of the article, its original first.

    Raises:
        NewsbotError: the ledger knows nothing of it.
    """
    canonical, clusters = _clusters(url, config)
    if as_json:
        found = {"url": canonical, "clusters": [[asdict(m) for m in each] for each in clusters]}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for cluster in clusters:
        _print(cluster)
    if len(clusters) == 1 and len(clusters[0]) == 1:
        typer.echo("no copy of it is known")


def _clusters(url: str, config: Config) -> tuple[str, list[list[ClusterMember]]]:
    sites = sites_of(config)
    owner = None if sites is None else sites.owner(url)
    canonical = canonical_url(url, owner)
    with ledger_to_read(config) as ledger:
        clusters = clusters_of(ledger, canonical)
    if not any(member.kept for cluster in clusters for member in cluster):
        raise NewsbotError(f"{canonical}: neither it nor a copy of it has landed")
    return canonical, clusters


def _print(cluster: list[ClusterMember]) -> None:
    table(
        ("role", "similarity", "site", "url", "title", "how it is known"),
        [
            (
                member.role,
                "" if member.similarity is None else f"{member.similarity:.0%}",
                member.site or "not kept",
                member.url,
                member.title or "",
                f"{member.method}: {member.evidence}" if member.method else "",
            )
            for member in cluster
        ],
    )


def _finder(config: Config, store: Store) -> ArticleFinder:
    return ArticleFinder(store, sites_of(config), config.ledger_url)
