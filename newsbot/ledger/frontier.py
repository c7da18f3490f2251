"""The frontier: URLs seen, still to be fetched, and due for a recheck; completed walks."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, and_, bindparam, case, func, or_, select, update

from newsbot.hints import NO_HINTS, Hints
from newsbot.ledger.database import Database, batches, upsert
from newsbot.ledger.schema import renderings, urls, walks
from newsbot.models import Link

UrlState = Literal["pending", "known", "gone", "failed"]

_HINTS_OF: Final = select(urls.c.hints).where(urls.c.url == bindparam("url"))
_HINTS_OF_MANY: Final = select(urls.c.url, urls.c.hints).where(
    urls.c.url.in_(bindparam("wanted", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A URL that was seen, and its state.

    ``state``: pending (never fetched, or not yet with success), known, gone (404 or 410), failed
    (given up). ``failures`` counts consecutive failures, ``failure`` is the class of the last. It
    is not fetched before ``next_check``; without one, a pending URL is due now and others never.
    ``hints`` are those of all pages that name it, ``address`` is the URL as the page on which it
    was first seen links to it.
    """

    url: str
    site: str
    state: UrlState
    first_seen: datetime
    discovered_from: str | None = None
    failures: int = 0
    failure: str | None = None
    next_check: datetime | None = None
    hints: Hints = NO_HINTS
    address: str = ""  # empty: as ``url``

    @property
    def fetched_as(self) -> str:
        """The URL to request: as it was linked, not the canonical one, which nobody may serve."""
        return self.address or self.url


class Frontier(Database):
    """Queries about URLs and walks."""

    def add_urls(
        self,
        site: str,
        links: Mapping[str, Link],
        origin: str | None,
        now: datetime,
    ) -> dict[str, Seen]:
        """Insert URLs before they are fetched and return them all; existing ones are kept.

        Args:
            links: by canonical URL, the link as it was seen.
            origin: the page it was seen on.
        """
        rows = [
            sighting(url, site, now, origin, link.hints, link.url) for url, link in links.items()
        ]
        with self.transaction() as connection:
            record_sightings(connection, rows)
        return self.states(row["url"] for row in rows)

    def add_hints(self, hints: Mapping[str, Hints]) -> None:
        """Complete the hints of known URLs, as ``Hints.completed`` does."""
        with self.transaction() as connection:
            complete_hints(connection, hints)

    def hints(self, url: str) -> Hints:
        """Return what is known of the URL from the feeds, sitemaps and lists that name it."""
        rows = self.fetch_raw(_HINTS_OF, url=url)
        return _hints(rows[0][0]) if rows else NO_HINTS

    def states(self, wanted: Iterable[str]) -> dict[str, Seen]:
        """Return those of the URLs that are in the ledger."""
        found: dict[str, Seen] = {}
        with self.reading() as connection:
            for batch in batches(list(wanted)):
                query = select(urls).where(urls.c.url.in_(batch))
                for row in connection.execute(query).mappings():
                    found[row["url"]] = _seen(row)
        return found

    def pending(self, site: str | None = None, due: datetime | None = None) -> list[Seen]:
        """Return URLs not yet fetched successfully, oldest first.

        Args:
            site: of this site only.
            due: only those that may be fetched at that time; without it also those that wait.
        """
        query = select(urls).where(urls.c.state == "pending")
        if due is not None:
            query = query.where(or_(urls.c.next_check.is_(None), urls.c.next_check <= due))
        if site is not None:
            query = query.where(urls.c.site == site)
        return self._seen(query.order_by(urls.c.first_seen, urls.c.url))

    def failing(self, site: str, since: datetime) -> tuple[int, int]:
        """Return how many URLs of the site first seen since then failed, and of how many.

        They failed in a landed run, were not fetched since, and wait for another try.
        """
        is_failing = case((and_(urls.c.state == "pending", urls.c.failures > 0), 1), else_=0)
        query = select(func.sum(is_failing), func.count()).where(
            urls.c.site == site, urls.c.first_seen >= since
        )
        with self.reading() as connection:
            failing, seen = connection.execute(query).one()
        return int(failing or 0), int(seen)

    def to_recheck(self, site: str, due: datetime | None = None) -> list[Seen]:
        """Return URLs fetched before that are due for a recheck, the longest due first.

        Args:
            due: the time; without it all URLs of the site that were fetched or given up.
        """
        query = select(urls).where(
            urls.c.site == site, urls.c.state.in_(("known", "gone", "failed"))
        )
        if due is not None:
            query = query.where(urls.c.next_check <= due)
        return self._seen(query.order_by(urls.c.next_check, urls.c.url))

    def _seen(self, query: Any) -> list[Seen]:
        with self.reading() as connection:
            return [_seen(row) for row in connection.execute(query).mappings()]

    def last_walk(self, list_url: str) -> datetime | None:
        """Return when a walk of the list (or a reading of the feed) last reached its end."""
        with self.reading() as connection:
            return connection.execute(
                select(walks.c.completed).where(walks.c.list_url == list_url)
            ).scalar()

    def browser_patterns(self, site: str) -> set[str]:
        """Return the patterns of the site's URLs whose pages had an article only in a browser."""
        query = select(renderings.c.pattern).where(
            renderings.c.site == site, renderings.c.needed.is_(True)
        )
        with self.reading() as connection:
            return set(connection.execute(query).scalars())

    def complete_walk(self, list_url: str, site: str, completed: datetime) -> None:
        """Record when a walk of the list, or a reading of the feed, reached its end."""
        row = {"list_url": list_url, "site": site, "completed": completed}
        with self.transaction() as connection:
            upsert(connection, walks, [row], keep=is_later_walk)


def _seen(row: RowMapping) -> Seen:
    return Seen(**{**row, "hints": _hints(row["hints"]), "address": row["address"] or ""})


def _hints(value: str | None) -> Hints:
    return NO_HINTS if value is None else Hints.from_fields(json.loads(value))


def sighting(
    url: str, site: str, now: datetime, origin: str | None, hints: Hints, address: str
) -> dict[str, Any]:
    """Return the row of a URL that was never fetched.

    Args:
        url: the canonical one.
        address: the URL as it was linked.
    """
    return {
        "url": url,
        "site": site,
        "state": "pending",
        "first_seen": now,
        "discovered_from": origin,
        "failures": 0,
        "failure": None,
        "next_check": None,
        "hints": _dump(hints),
        "address": address if address != url else None,
    }


def record_sightings(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert the rows.

    Of an existing URL change only the first sighting, if it is earlier, and complete the hints.
    """
    upsert(
        connection,
        urls,
        rows,
        keep=_is_earlier_sighting,
        columns=("first_seen", "discovered_from", "address"),
    )
    complete_hints(connection, {row["url"]: _hints(row["hints"]) for row in rows if row["hints"]})


def complete_hints(connection: Connection, hints: Mapping[str, Hints]) -> None:
    """Complete the hints of URLs that are in the ledger by others, within a transaction."""
    better: list[dict[str, Any]] = []
    for batch in batches(sorted(hints)):
        for url, value in connection.execute(_HINTS_OF_MANY, {"wanted": batch}):
            known = _hints(value)
            if (completed := known.completed(hints[url])) != known:
                better.append({"key": url, "better": _dump(completed)})
    if better:
        of_url = update(urls).where(urls.c.url == bindparam("key"))
        connection.execute(of_url.values(hints=bindparam("better")), better)


def _dump(hints: Hints) -> str | None:
    fields = hints.to_fields()
    return json.dumps(fields, ensure_ascii=False) if fields else None


def is_later_walk(new: Any) -> Any:
    """Return the condition that a walk's row replaces another: it reached its end later."""
    return new.completed >= walks.c.completed


def _is_earlier_sighting(new: Any) -> Any:
    return new.first_seen < urls.c.first_seen
