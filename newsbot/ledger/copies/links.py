"""The known links from copies to originals, and the clusters that they form.

A cluster is an original and its copies, by direct links only: a copy of a copy is a member only if
it is a copy of the original too, and a text joined from two stories is in both clusters without
merging them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
)

from newsbot.ledger.database import Database, batches, upsert
from newsbot.ledger.schema import articles, copies, replaced, runs

CopyRole = Literal["original", "copy"]
_IS_LIVE = ~exists().where(  # no later link replaced it
    replaced.c.copy == copies.c.copy, replaced.c.original == copies.c.original
)
_ORIGINALS_OF = select(copies.c.original).where(_IS_LIVE, copies.c.copy == bindparam("url"))
_COPIES_OF = select(copies.c.copy).where(_IS_LIVE, copies.c.original == bindparam("url"))
_LINKS_TO = select(copies).where(_IS_LIVE, copies.c.original == bindparam("url"))


@dataclass(frozen=True, slots=True)
class CopyLink:
    """A copy and its original, the method that found it, and their similarity.

    ``instead_of``: the origin that this link replaces.
    """

    copy: str
    original: str
    revision: int
    method: str
    similarity: float | None
    altered: bool | None
    evidence: str
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """An article in a cluster; the fields from ``similarity`` on are of copies only.

    ``kept`` is false where only copies of the article have landed, not the article itself.
    """

    url: str
    role: CopyRole
    kept: bool
    site: str | None = None
    title: str | None = None
    similarity: float | None = None
    method: str | None = None
    altered: bool | None = None
    evidence: str | None = None


def links_of_line(line: Mapping[str, Any]) -> list[CopyLink]:
    """Return the links that an article landed with."""
    number = (line.get("revision") or {"number": 1})["number"]
    return [
        CopyLink(
            copy=line["canonical_url"],
            original=origin["url"],
            revision=number,
            method=origin["method"],
            similarity=origin["similarity"],
            altered=origin["altered"],
            evidence=origin["evidence"],
        )
        for origin in line.get("origins", ())
        if origin["url"]
    ]


def link_of_event(event: Mapping[str, Any]) -> CopyLink:
    """Return the link that an ``original-found`` event describes."""
    return CopyLink(
        copy=event["copy"],
        original=event["original"],
        revision=event.get("revision", 1),
        method=event.get("method", "link"),
        similarity=event.get("similarity"),
        altered=event.get("altered"),
        evidence=event.get("evidence", "the page links to it as its original"),
        instead_of=event.get("instead_of"),
    )


def add_links(connection: Connection, run: str, links: Iterable[CopyLink]) -> None:
    """Write links: those of a copy's newest revision, as the latest run has them.

    The order of runs does not matter: a replaced link stays replaced if its run is ingested later.
    """
    found = list(links)
    rows = [
        {
            "copy": link.copy, "original": link.original, "revision": link.revision, "run": run,
            "method": link.method, "similarity": link.similarity, "altered": link.altered,
            "evidence": link.evidence,
        }
        for link in found
    ]  # fmt: skip
    upsert(connection, copies, rows, keep=_is_newer_link)
    superseded = [
        {"copy": link.copy, "original": link.instead_of, "run": run}
        for link in found
        if link.instead_of is not None
    ]
    upsert(connection, replaced, superseded, keep=_is_earlier_run)


def _is_newer_link(new: Any) -> ColumnElement[bool]:
    same = new.revision == copies.c.revision
    return or_(new.revision > copies.c.revision, and_(same, new.run > copies.c.run))


def _is_earlier_run(new: Any) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", new.run < replaced.c.run)


def forget_older(connection: Connection, urls: Iterable[str]) -> None:
    """Delete links of revisions older than the newest landed one; imported ones may be older."""
    newest = (
        select(func.max(articles.c.revision))
        .outerjoin(runs, runs.c.run == articles.c.run)
        .where(
            articles.c.canonical_url == copies.c.copy,
            runs.c.outcome.is_distinct_from("imported"),
        )
    )
    older = copies.c.revision < newest.scalar_subquery()
    for some in batches(sorted(set(urls))):
        connection.execute(delete(copies).where(copies.c.copy.in_(some), older))


def originals_of(database: Database, url: str) -> list[str]:
    """Return the URLs of the originals, if the article is a copy."""
    return [original for (original,) in database.fetch_raw(_ORIGINALS_OF, url=url)]


def copies_of(database: Database, url: str) -> list[str]:
    """Return the URLs of the original's copies."""
    return [copy for (copy,) in database.fetch_raw(_COPIES_OF, url=url)]


def clusters_of(database: Database, url: str) -> list[list[ClusterMember]]:
    """Return the clusters that the article is in, each with its original first.

    A text joined from several stories is in several; an article without copies is alone in one.
    """
    heads = originals_of(database, url) or [url]
    with database.reading() as connection:
        return [_cluster(connection, head) for head in sorted(heads)]


def _cluster(connection: Connection, head: str) -> list[ClusterMember]:
    found = list(connection.execute(_LINKS_TO.order_by(copies.c.copy), {"url": head}))
    known = _sites_and_titles(connection, [head, *(row.copy for row in found)])
    site, title = known.get(head, (None, None))
    members = [ClusterMember(head, "original", head in known, site, title)]
    for row in found:
        site, title = known.get(row.copy, (None, None))
        members.append(
            ClusterMember(
                url=row.copy,
                role="copy",
                kept=row.copy in known,
                site=site,
                title=title,
                similarity=row.similarity,
                method=row.method,
                altered=row.altered,
                evidence=row.evidence,
            )
        )
    return members


def _sites_and_titles(connection: Connection, urls: list[str]) -> dict[str, tuple[str, str | None]]:
    """Return site and newest title of those articles that have landed."""
    query = select(articles.c.canonical_url, articles.c.site, articles.c.title)
    rows = connection.execute(
        query.where(articles.c.canonical_url.in_(urls)).order_by(articles.c.revision)
    )
    return {row.canonical_url: (row.site, row.title) for row in rows}
