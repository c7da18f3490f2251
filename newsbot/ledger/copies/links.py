"""Which article is a copy of which, as known now: what landed, and what was learned since.

A cluster is an original and its copies. It is made of strong links alone: a copy of a copy counts
as one only if it is a copy of the original too, and a text that was joined from two stories is in
the clusters of both without making them one.
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
from newsbot.ledger.schema import articles, copies, replaced

Role = Literal["original", "copy"]
_IS_LIVE = ~exists().where(  # no later link took the place of it
    replaced.c.copy == copies.c.copy, replaced.c.original == copies.c.original
)
_ORIGINALS_OF = select(copies.c.original).where(_IS_LIVE, copies.c.copy == bindparam("url"))
_COPIES_OF = select(copies.c.copy).where(_IS_LIVE, copies.c.original == bindparam("url"))
_LINKS_TO = select(copies).where(_IS_LIVE, copies.c.original == bindparam("url"))


@dataclass(frozen=True, slots=True)
class Link:
    """A copy and its original, how that was found and how alike they are.

    ``instead_of``: the origin that this one takes the place of.
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
class Member:
    """An article in a cluster; what was found out about a copy, nothing of an original.

    ``kept`` is false where only copies of the article have landed, not the article itself.
    """

    url: str
    role: Role
    kept: bool
    site: str | None = None
    title: str | None = None
    similarity: float | None = None
    method: str | None = None
    altered: bool | None = None
    evidence: str | None = None


def links_of_line(line: Mapping[str, Any]) -> list[Link]:
    """Return the links that an article landed with."""
    number = (line.get("revision") or {"number": 1})["number"]
    return [
        Link(
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


def link_of_event(event: Mapping[str, Any]) -> Link:
    """Return the link that an ``original-found`` event tells of."""
    return Link(
        copy=event["copy"],
        original=event["original"],
        revision=event.get("revision", 1),
        method=event.get("method", "link"),
        similarity=event.get("similarity"),
        altered=event.get("altered"),
        evidence=event.get("evidence", "the page links to it as its original"),
        instead_of=event.get("instead_of"),
    )


def add_links(connection: Connection, run: str, links: Iterable[Link]) -> None:
    """Write links down: those of a copy's newest revision, as the latest run has them.

    The order in which runs come does not matter: what was replaced stays so, though its run comes
    later.
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
    upsert(connection, copies, rows, keep=_is_later)
    gone = [
        {"copy": link.copy, "original": link.instead_of, "run": run}
        for link in found
        if link.instead_of is not None
    ]
    upsert(connection, replaced, gone, keep=_is_earlier)


def _is_later(new: Any) -> ColumnElement[bool]:
    same = new.revision == copies.c.revision
    return or_(new.revision > copies.c.revision, and_(same, new.run > copies.c.run))


def _is_earlier(new: Any) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", new.run < replaced.c.run)


def forget_older(connection: Connection, urls: Iterable[str]) -> None:
    """Drop what older revisions than the newest one that landed were copies of."""
    newest = select(func.max(articles.c.revision)).where(articles.c.canonical_url == copies.c.copy)
    older = copies.c.revision < newest.scalar_subquery()
    for some in batches(sorted(set(urls))):
        connection.execute(delete(copies).where(copies.c.copy.in_(some), older))


def originals_of(database: Database, url: str) -> list[str]:
    """Return URLs of the originals, if the article is a copy."""
    return [original for (original,) in database.ask(_ORIGINALS_OF, url=url)]


def copies_of(database: Database, url: str) -> list[str]:
    """Return URLs of the original's copies."""
    return [copy for (copy,) in database.ask(_COPIES_OF, url=url)]


def clusters_of(database: Database, url: str) -> list[list[Member]]:
    """Return the clusters that the article is in, each with its original first.

    Several for a text that was joined from several stories; one with a single member for an
    article that has no copies.
    """
    heads = originals_of(database, url) or [url]
    with database.reading() as connection:
        return [_cluster(connection, head) for head in sorted(heads)]


def _cluster(connection: Connection, head: str) -> list[Member]:
    found = list(connection.execute(_LINKS_TO.order_by(copies.c.copy), {"url": head}))
    known = _known(connection, [head, *(row.copy for row in found)])
    site, title = known.get(head, (None, None))
    members = [Member(head, "original", head in known, site, title)]
    for row in found:
        site, title = known.get(row.copy, (None, None))
        members.append(
            Member(
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


def _known(connection: Connection, urls: list[str]) -> dict[str, tuple[str, str | None]]:
    """Site and newest title of those that have landed."""
    query = select(articles.c.canonical_url, articles.c.site, articles.c.title)
    rows = connection.execute(
        query.where(articles.c.canonical_url.in_(urls)).order_by(articles.c.revision)
    )
    return {row.canonical_url: (row.site, row.title) for row in rows}
