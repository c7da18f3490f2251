"""What ``newsbot show URL --copies`` prints: the clusters that an article is in."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from newsbot.cli.app import ledger_to_read, sites_of
from newsbot.errors import NewsbotError

if TYPE_CHECKING:
    from newsbot.config import Config
    from newsbot.ledger.copies.links import Member


def print_copies(url: str, config: "Config", *, as_json: bool) -> None:
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


def _clusters(url: str, config: "Config") -> tuple[str, "list[list[Member]]"]:
    from newsbot.extract import canonical_url
    from newsbot.ledger.copies.links import clusters_of

    sites = sites_of(config)
    owner = None if sites is None else sites.owner(url)
    canonical = canonical_url(url, owner)
    with ledger_to_read(config) as ledger:
        clusters = clusters_of(ledger, canonical)
    if not any(member.kept for cluster in clusters for member in cluster):
        raise NewsbotError(f"{canonical}: neither it nor a copy of it has landed")
    return canonical, clusters


def _print(cluster: "list[Member]") -> None:
    from newsbot.cli.screen import table

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
