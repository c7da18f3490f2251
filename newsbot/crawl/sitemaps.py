"""Sitemaps in a crawl: which further ones to fetch, and which articles they say have changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from newsbot.crawl.known_urls import KnownUrls
from newsbot.crawl.options import Options
from newsbot.ledger.frontier import Seen
from newsbot.models import Extraction, Link
from newsbot.sites.site import Site

_MOST_SITEMAPS: Final = 1000  # in one crawl
_DEEPEST: Final = 3  # robots.txt, an index, a sitemap
# A sitemap that its index says is unmodified is read after this time all the same: some indexes
# keep old dates.
_TRUSTED: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)  # a date without a time may mean any moment of the day
_FEW: Final = 5


class Sitemaps:
    """Decides what a crawl fetches because a sitemap names it."""

    def __init__(self, site: Site, options: Options, known: KnownUrls, started: datetime) -> None:
        self._zone = ZoneInfo(site.time_zone)
        self._options = options
        self._known = known
        self._started = started
        self._requested: set[str] = set(site.sitemaps)
        self._is_capped = False
        self._have_articles = False
        self._others: tuple[str, ...] = ()

    def further(self, extraction: Extraction, depth: int) -> list[str]:
        """Return the sitemaps to fetch that an index names, each once in a crawl.

        Args:
            depth: of the index: 1 for one in the seed.
        """
        self._have_articles = self._have_articles or bool(extraction.links)
        self._others = self._others or extraction.other_links
        dates = {link.modified_at for link in extraction.sitemaps}
        wanted = [
            link.url
            for link in extraction.sitemaps
            if link.url not in self._requested and self._is_wanted(link, are_dated=len(dates) > 1)
        ]
        room = 0 if depth >= _DEEPEST else _MOST_SITEMAPS - len(self._requested)
        self._is_capped = self._is_capped or len(wanted) > room
        self._requested.update(wanted[:room])
        return wanted[:room]

    def problems(self) -> Iterator[str]:
        """Yield the problems of all sitemaps that were read; once, as each is reported."""
        if self._is_capped:
            yield f"sitemaps-capped: more than {_MOST_SITEMAPS}, or nested deeper than {_DEEPEST}"
        if self._others and not self._have_articles:
            others = ", ".join(self._others)
            yield f"sitemap-without-articles: no link matches hosts and urls.article: {others}"
        self._is_capped, self._others = False, ()

    def changed(self, links: tuple[Link, ...]) -> list[Seen]:
        """Return the known articles that were modified after their last fetch.

        Dates that are the same for all articles are those of the sitemap, and no evidence.
        """
        if self._options.recheck == "none" or self._options.backfill:
            return []
        dates = [link.modified_at for link in links if link.modified_at is not None]
        if len(dates) >= _FEW and len(set(dates)) == 1:
            return []
        return self._known.modified_since_fetch(links)

    def _is_wanted(self, link: Link, *, are_dated: bool) -> bool:
        """Return whether a sitemap can have something new; in a backfill, something of its days.

        Args:
            are_dated: the dates of the index differ, and so are not that of the index itself.
        """
        at = link.modified_at
        if at is None:
            return True
        if self._options.backfill:
            since = self._options.since
            return since is None or at.astimezone(self._zone).date() >= since
        last = self._known.last_walk(link.url)
        if last is None or not are_dated:
            return True
        return at + _DAY > last or last + _TRUSTED < self._started
