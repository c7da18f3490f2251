"""Walks of lists: page by page, back to what was known at the last completed walk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from newsbot.crawl.known_urls import KnownUrls
from newsbot.crawl.options import Options
from newsbot.extract.urls import day_in_url
from newsbot.hints import Hints
from newsbot.models import Article, Link
from newsbot.sites.finders import Feed, ListPage
from newsbot.sites.site import Site

_MOST_DAYS: Final = 7
_NEARLY: Final = 0.9  # of the time between two readings of a feed: 54 minutes are an hour

WalkDecision = Literal["complete", "capped", "continue"]


class Walks:
    """Decides for each page of a list whether the walk continues with the next."""

    def __init__(self, site: Site, options: Options, known: KnownUrls, started: datetime) -> None:
        self._zone = ZoneInfo(site.time_zone)
        self._options = options
        self._known = known
        self._started = started
        self._walked: defaultdict[str, set[int]] = defaultdict(set)  # hashes of URLs, by list

    def decide(
        self, walk: ListPage, number: int, links: Mapping[str, Link], next_page: str | None
    ) -> WalkDecision:
        """Return whether the walk is complete, has reached the seed's ``max_pages``, or continues.

        Args:
            number: of the list's page, from 1.
            links: those to articles on it, by canonical URL.
            next_page: the URL of the following page.
        """
        if self._is_complete(walk, links, next_page):
            return "complete"
        return "capped" if number >= walk.max_pages else "continue"

    def complete(self, walk_url: str) -> None:
        """Record that the walk is complete; a backfill completes no walk."""
        if not self._options.backfill:
            self._known.complete_walk(walk_url)

    def is_first(self, walk: ListPage) -> bool:
        """Return whether no earlier walk of the list was completed."""
        return self._known.last_walk(walk.url) is None

    def wants(self, link: Link) -> bool:
        """Return whether the article may be within the requested span of days."""
        if link.hints.published_at is not None:
            return any(map(self._options.covers, self._days(link.hints)))
        since, modified = self._options.since, link.modified_at
        if since is not None and modified is not None and self._day(modified) < since:
            return False  # it was published even earlier
        day = day_in_url(link.url)
        return day is None or self._options.covers(day)

    def covers(self, article: Article) -> bool:
        """Return whether an article is of the requested span of days, or has no date."""
        at = article.published_at
        return at is None or self._options.covers(self._day(at))

    def is_read_later(self, feed: Feed) -> bool:
        """Return whether the feed is one that is not read in each crawl, and its time has come.

        A crawl on time begins a little less than a period after the last one has read the feed. A
        backfill reads all.
        """
        if feed.every is None:
            return False
        if self._options.backfill:
            return True
        last = self._known.last_walk(feed.url)
        return last is None or self._started - last >= _NEARLY * feed.every

    def start_pages(self, listing: ListPage) -> Iterator[ListPage]:
        """Yield the list, of a dated one those of the days to walk, the newest first.

        Outside a backfill these are today and the days back to the last one whose walk was
        completed after its end, at most a week; and of lists for backfills none.
        """
        if listing.backfill and not self._options.backfill:
            return
        if not listing.is_dated:
            yield listing
            return
        today = self._day(self._started)
        day = min(self._options.until or today, today)
        oldest = self._options.since or day - timedelta(days=_MOST_DAYS - 1)
        while day >= oldest:
            of_day = listing.on(day)
            last = None if self._options.backfill else self._known.last_walk(of_day.url)
            if last is not None and self._day(last) > day:
                return
            yield of_day
            day -= timedelta(days=1)

    def _is_complete(
        self, walk: ListPage, links: Mapping[str, Link], next_page: str | None
    ) -> bool:
        """Return whether the list ends here, or everything behind this page is known or too old.

        A page completes the walk when every article on it was first seen before the last completed
        walk ended; one first seen by a later, interrupted walk does not count, so nothing behind it
        is missed. A backfill is complete when every dated article on the page is before the span.
        """
        # What stood on an earlier page says nothing: lists repeat pages behind their end, and some
        # have a box of recent articles on every page.
        fresh = {url for url in links if hash(url) not in self._walked[walk.url]}
        self._walked[walk.url] |= set(map(hash, fresh))
        if not fresh or next_page is None:
            return True
        if self._options.since is not None:
            return self._is_before(self._options.since, [links[url] for url in fresh])
        last = self._known.last_walk(walk.url)
        if last is None or self._options.backfill:
            return False
        seen = self._known.states(list(fresh))
        return fresh <= seen.keys() and all(one.first_seen <= last for one in seen.values())

    def _is_before(self, first: date, links: Iterable[Link]) -> bool:
        days = [
            self._days(link.hints)[1] if link.hints.published_at else day_in_url(link.url)
            for link in links
        ]
        known = [day for day in days if day is not None]
        return bool(known) and max(known) < first

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _days(self, hints: Hints) -> tuple[date, date]:
        """Return the first and last day that the hint's time may mean: "3 hours ago" is inexact."""
        if hints.published_at is None:
            raise ValueError("the link has no date")
        at = hints.published_at.astimezone(self._zone)
        slack = timedelta(0) if hints.date_only else timedelta(hours=1)
        return (at - slack).date(), (at + slack).date()
