"""Commands about single articles: show, diff."""

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from newsbot.archive.articles import ArticleFinder, ArticleHistory, raw_record
from newsbot.cli.app import Json, commands
from newsbot.cli.captures import show_captures, write_raw
from newsbot.cli.diffs import RevisionDiff, as_fields, as_lines, as_page
from newsbot.cli.opening import config_of, ledger_to_read, open_to_read, sites_of
from newsbot.cli.screen import table
from newsbot.config import Config
from newsbot.errors import NewsbotError
from newsbot.extract import canonical_url
from newsbot.ledger.copies.links import ClusterMember, clusters_of
from newsbot.stores.store import Store

ArticleUrl = Annotated[str, typer.Argument(help="URL of an article, as printed or canonical.")]


@commands.command()
def show(
    url: ArticleUrl,
    raw: Annotated[bool, typer.Option("--raw", help="The WARC record, as it is stored.")] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="Its original and copies, and how that is known.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is kept of an article, and its history. Example: `newsbot show URL --raw`

    Of a page without an article, such as a saved PDF, it shows the captures.
    """
    if copies:
        print_copies(url, config_of(None), as_json=as_json)
        return
    config = config_of(None)
    store = open_to_read(config)
    finder = _finder(config, store)
    found = finder.find(url)
    if found is None:
        show_captures(url, store, list(finder.captures(url)), raw=raw, as_json=as_json)
        return
    if raw:
        write_raw(raw_record(store, found))
        return
    history = finder.history(url)
    if as_json:
        fields = found.article | {"history": _fields(history)}
        typer.echo(json.dumps(fields, ensure_ascii=False, indent=2))
        return
    typer.echo(describe_article(found.article))
    typer.echo()
    _draw(history)


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


def describe_article(article: dict[str, Any]) -> str:
    """Return an article for reading: its fields, then the first paragraphs."""
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
        "record": f"{article['sources'][0]['file']} @ {article['sources'][0]['offset']}",
    }
    lines = [f"  {name:<10} {value}" for name, value in fields.items() if value]
    paragraphs = article["text"].split("\n\n")
    lines += ["", *(f"  {paragraph}" for paragraph in paragraphs[:2])]
    if len(paragraphs) > 2:
        lines.append(f"  … {len(paragraphs) - 2} more paragraphs")
    return "\n".join(lines)


def _fields(history: ArticleHistory) -> dict[str, object]:
    return {
        "revisions": [
            {
                "number": version.number,
                "fetched_at": version.article["fetched_at"],
                "run": version.ref.run,
                "changed": version.changed,
                "title": version.title,
                "content_sha256": version.article["content_sha256"],
            }
            for version in history.versions
        ],
        "events": [
            {"time": event.time, "event": event.event, "run": event.run} for event in history.events
        ],
    }


def _draw(history: ArticleHistory) -> None:
    rows = [
        (
            version.article["fetched_at"][:19] + "Z",
            f"revision {version.number}",
            ", ".join(version.changed) or "first seen",
            version.ref.run,
        )
        for version in history.versions
    ]
    rows += [(one.time[:19] + "Z", one.event, "", one.run) for one in history.events]
    table(("time", "what", "changed", "run"), sorted(rows))


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
