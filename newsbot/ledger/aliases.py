"""Aliases: addresses whose page proved to be that of an article with another canonical URL.

They are learned from redirects and from canonical links that are believed. The canonical URL of an
article stays a pure function of its page; an alias only says where else the article was found.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from newsbot.ledger.database import Database, batches, upsert
from newsbot.ledger.schema import aliases

_CANONICAL = select(aliases.c.canonical_url).where(aliases.c.url == bindparam("url"))


class Aliases(Database):
    """Queries about aliases."""

    def canonical_of(self, url: str) -> str:
        """Return the canonical URL of the article last found at the URL; else the URL itself."""
        rows = self.fetch_raw(_CANONICAL, url=url)
        return str(rows[0][0]) if rows else url

    def aliases_of(self, wanted: Iterable[str]) -> dict[str, list[str]]:
        """Return the aliases of those of the canonical URLs that have any, the oldest first."""
        found: dict[str, list[str]] = {}
        with self.reading() as connection:
            for batch in batches(list(wanted)):
                query = select(aliases).where(aliases.c.canonical_url.in_(batch))
                for row in connection.execute(query.order_by(aliases.c.since, aliases.c.url)):
                    if row.url != row.canonical_url:
                        found.setdefault(row.canonical_url, []).append(row.url)
        return found

    def add_alias(self, url: str, canonical: str, since: datetime) -> None:
        """Record that the article with that canonical URL was found at the URL."""
        with self.transaction() as connection:
            upsert(connection, aliases, [alias_row(url, canonical, since)], keep=is_later_alias)


def alias_row(url: str, canonical: str, since: datetime) -> dict[str, Any]:
    """Return the row of an alias; one to itself says that the URL is no alias any more."""
    return {"url": url, "canonical_url": canonical, "since": since}


def is_later_alias(new: Any) -> Any:
    """Return the condition that an alias replaces another: it was learned later."""
    return new.since >= aliases.c.since
