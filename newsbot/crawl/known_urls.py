"""What is known of URLs when a crawl meets them, and what it makes known while it runs."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from newsbot.crawl.journal_lines import CrawlJournal
from newsbot.crawl.options import Recheck
from newsbot.crawl.stats import CrawlStats
from newsbot.ledger import Ledger
from newsbot.ledger.frontier import Seen
from newsbot.ledger.landed import Validators
from newsbot.models import Hints
from newsbot.sites.site import Site
from newsbot.warc.records import timestamp

logger = logging.getLogger(__name__)

LONGEST_URL: Final = (
    2000  # characters; PostgreSQL's index takes 2,704 bytes, no article's is longer
)


class KnownUrls:
    """The ledger's URLs, walks and validators, for the crawl of one site that began at a time.

    What is made known is written into the run's events first, then into the ledger: so the ledger
    holds nothing that could not be made again from what lands.
    """

    def __init__(
        self,
        ledger: Ledger,
        site: Site,
        started: datetime,
        journal: CrawlJournal,
        stats: CrawlStats,
    ) -> None:
        self._ledger = ledger
        self._site = site
        self._started = started
        self._journal = journal
        self._stats = stats

    def states(self, urls: list[str]) -> dict[str, Seen]:
        """Return those of the canonical URLs that are in the ledger."""
        return self._ledger.states(urls) if urls else {}

    def pending(self, recheck: Recheck) -> list[Seen]:
        """Return URLs seen and not yet fetched; with ``all`` also those that are to wait."""
        return self._ledger.pending(self._site.name, None if recheck == "all" else self._started)

    def to_recheck(self, recheck: Recheck) -> list[Seen]:
        """Return URLs fetched before that are to be fetched again: all, those due, or none."""
        if recheck == "none":
            return []
        return self._ledger.to_recheck(self._site.name, None if recheck == "all" else self._started)

    def see(
        self,
        urls: Iterable[str],
        origin: str | None,
        hints: Mapping[str, Hints] = MappingProxyType({}),
        site: Site | None = None,
    ) -> dict[str, Seen]:
        """Write URLs down before they are fetched; return what is known of each.

        Args:
            origin: the page that names them.
            hints: what it says of them, by URL.
            site: whose URLs they are, if not of the site that is crawled.
        """
        wanted = list(dict.fromkeys(self._usable(urls)))
        found = self._ledger.states(wanted)
        new = [url for url in wanted if url not in found]
        if new:
            name, now = (site or self._site).name, datetime.now(UTC)
            self._journal.seen(now, name, origin, new, hints)
            found |= self._ledger.see(name, ((url, origin) for url in new), now, hints)
        return found

    def last_walk(self, list_url: str) -> datetime | None:
        """Return when a walk of the list, or a reading of the feed, last reached its end."""
        return self._ledger.last_walk(list_url)

    def complete_walk(self, list_url: str) -> None:
        """Write down that a walk of the list, or a reading of the feed, has reached its end."""
        now = datetime.now(UTC)
        self._journal.event("walk-completed", list=list_url, completed=timestamp(now))
        self._ledger.complete_walk(list_url, self._site.name, now)

    def validators(self, url: str, walk: str | None) -> Validators | None:
        """Return what the URL's last landed capture lets a request ask for.

        Args:
            url: as it is asked for.
            walk: the feed or list whose page this is: a capture that no completed walk has read
                may hold links that nobody has written down, and must be sent again.
        """
        found = self._ledger.validators(url)
        if found is None or walk is None:
            return found
        last = self._ledger.last_walk(walk)
        return found if last is not None and found.fetched_at <= last else None

    def _usable(self, urls: Iterable[str]) -> Iterator[str]:
        for url in urls:
            if len(url) <= LONGEST_URL:
                yield url
            else:
                logger.warning("%s…: longer than %d characters, left out", url[:80], LONGEST_URL)
                self._stats.count_problem(f"url longer than {LONGEST_URL} characters")
