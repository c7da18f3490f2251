"""Walks of lists: page after page, back to what was known when the last walk ended."""

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

Verdict = Literal["over", "capped", "go-on"]


class Walks:
    """Tells of each page of a list whether the walk goes on behind it."""

    def __init__(self, site: Site, options: Options, known: KnownUrls) -> None:
        self._zone = ZoneInfo(site.time_zone)
        self._options = options
        self._known = known
        self._walked: defaultdict[str, set[int]] = defaultdict(set)  # by list, hashes of URLs

    def judge(
        self, walk: ListPage, number: int, named: set[str], extraction: Extraction
    ) -> Verdict:
        """Return whether the walk has come to its end, or to the most pages the seed allows.

        Args:
            number: of the list's page, from 1.
            named: canonical URLs of the articles on it.
        """
        if self._is_over(walk, named, extraction):
            return "over"
        return "capped" if number >= walk.max_pages else "go-on"

    def complete(self, walk_url: str) -> None:
        """Write down that the walk has reached its end; a backfill is none."""
        if not self._options.backfill:
            self._known.complete_walk(walk_url)

    def has_a_gap(self, walk: ListPage) -> bool:
        """Return whether a capped walk may have missed stories: one before it saw older ones."""
        return not self._options.backfill and self._known.last_walk(walk.url) is not None

    def wants(self, link: Link) -> bool:
        """Return whether the article may be of the span of days that was asked for."""
        if link.hints.published_at is None:
            return True
        return any(map(self._options.wants, self._days(link.hints)))

    def _is_over(self, walk: ListPage, named: set[str], extraction: Extraction) -> bool:
        """Return whether the list ends here, or all behind this page lies before what is wanted.

        A page ends the walk when every article on it was first seen before the last completed walk
        ended; one that a later, interrupted walk saw first does not count, so nothing behind it is
        hidden. In a backfill it does when every dated article on it is older than the span.
        """
        hashes = set(map(hash, named))
        fresh = hashes - self._walked[walk.url]  # behind its end a list may repeat itself
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
        """Return the first and last day that a date may mean: "3 hours ago" is not exact."""
        if hints.published_at is None:
            raise ValueError("the link has no date")
        at = hints.published_at.astimezone(self._zone)
        slack = timedelta(0) if hints.date_only else timedelta(hours=1)
        return (at - slack).date(), (at + slack).date()
