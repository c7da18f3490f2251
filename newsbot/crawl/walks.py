"""Walks of lists: page by page, back to what was known at the last completed walk."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from newsbot.crawl.known_urls import KnownUrls
from newsbot.crawl.options import Options
from newsbot.models import Extraction, Hints, Link
from newsbot.sites.seed import ListPage
from newsbot.sites.site import Site

WalkDecision = Literal["complete", "capped", "continue"]


class Walks:
    """Decides for each page of a list whether the walk continues with the next."""

    def __init__(self, site: Site, options: Options, known: KnownUrls) -> None:
        self._zone = ZoneInfo(site.time_zone)
        self._options = options
        self._known = known
        self._walked: defaultdict[str, set[int]] = defaultdict(set)  # hashes of URLs, by list

    def decide(
        self, walk: ListPage, number: int, named: set[str], extraction: Extraction
    ) -> WalkDecision:
        """Return whether the walk is complete, has reached the seed's ``max_pages``, or continues.

        Args:
            number: of the list's page, from 1.
            named: canonical URLs of the articles on it.
        """
        if self._is_complete(walk, named, extraction):
            return "complete"
        return "capped" if number >= walk.max_pages else "continue"

    def complete(self, walk_url: str) -> None:
        """Record that the walk is complete; a backfill completes no walk."""
        if not self._options.backfill:
            self._known.complete_walk(walk_url)

    def has_gap(self, walk: ListPage) -> bool:
        """Return whether a capped walk may have missed stories: an earlier one was completed."""
        return not self._options.backfill and self._known.last_walk(walk.url) is not None

    def wants(self, link: Link) -> bool:
        """Return whether the article may be within the requested span of days."""
        if link.hints.published_at is None:
            return True
        return any(map(self._options.covers, self._days(link.hints)))

    def _is_complete(self, walk: ListPage, named: set[str], extraction: Extraction) -> bool:
        """Return whether the list ends here, or everything behind this page is known or too old.

        A page completes the walk when every article on it was first seen before the last completed
        walk ended; one first seen by a later, interrupted walk does not count, so nothing behind it
        is missed. A backfill is complete when every dated article on the page is before the span.
        """
        hashes = set(map(hash, named))
        fresh = hashes - self._walked[walk.url]  # some lists repeat pages behind their end
        self._walked[walk.url] |= hashes
        if not fresh or extraction.next_page is None:
            return True
        if self._options.since is not None:
            return self._is_before(self._options.since, extraction.links)
        last = self._known.last_walk(walk.url)
        if last is None or self._options.backfill:
            return False
        seen = self._known.states(list(named))
        return named <= seen.keys() and all(one.first_seen <= last for one in seen.values())

    def _is_before(self, first: date, links: Iterable[Link]) -> bool:
        days = [self._days(link.hints)[1] for link in links if link.hints.published_at]
        return bool(days) and max(days) < first

    def _days(self, hints: Hints) -> tuple[date, date]:
        """Return the first and last day that the hint's time may mean: "3 hours ago" is inexact."""
        if hints.published_at is None:
            raise ValueError("the link has no date")
        at = hints.published_at.astimezone(self._zone)
        slack = timedelta(0) if hints.date_only else timedelta(hours=1)
        return (at - slack).date(), (at + slack).date()
