"""What the ledger knows of URLs, and what a crawl adds to it while it runs."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from newsbot.addresses import LONGEST
from newsbot.crawl.journal_lines import CrawlJournal
from newsbot.crawl.options import Recheck
from newsbot.crawl.stats import CrawlStats
from newsbot.extract import canonical_url
from newsbot.ledger import Ledger
from newsbot.ledger.frontier import Seen
from newsbot.ledger.landed import Validators
from newsbot.ledger.requisites import WaitingRequisite
from newsbot.models import Article, Link
from newsbot.sites.loading import Sites
from newsbot.sites.site import Site
from newsbot.warc.records import timestamp

logger = logging.getLogger(__name__)


class KnownUrls:
    """The ledger's URLs, walks and validators, for one crawl of one site.

    Everything new is written to the run's events first, then to the ledger: so the ledger can be
    rebuilt from landed runs.
    """

    def __init__(
        self,
        ledger: Ledger,
        site: Site,
        sites: Sites,
        started: datetime,
        journal: CrawlJournal,
        stats: CrawlStats,
    ) -> None:
        self._ledger = ledger
        self._site = site
        self._sites = sites
        self._started = started
        self._journal = journal
        self._stats = stats
        self._expected: dict[str, str] = {}  # by record of its page

    def owner(self, url: str) -> Site | None:
        """Return the configured site on whose hosts the URL is, if any."""
        return self._sites.owner(url)

    def states(self, urls: list[str], owner: Site | None = None) -> dict[str, Seen]:
        """Return the ledger's entries for those canonical URLs that it has.

        An article that was found at another address has its entry under that one: it is not fetched
        again from its canonical address.

        Args:
            owner: the site of the URLs, if not the one that is crawled.
        """
        found = self._ledger.states(urls) if urls else {}
        aliases = self._ledger.aliases_of(url for url in urls if url not in found)
        entries = self._ledger.states([one for names in aliases.values() for one in names])
        site = (owner or self._site).name
        for url, names in aliases.items():
            named = (entries[alias] for alias in names if alias in entries)
            entry = next((one for one in named if _stands_in(one, site)), None)
            if entry is not None:
                found[url] = entry
        return found

    def pending(self, recheck: Recheck) -> list[Seen]:
        """Return URLs seen and not yet fetched; with ``all`` also those not due yet."""
        return self._ledger.pending(self._site.name, None if recheck == "all" else self._started)

    def to_recheck(self, recheck: Recheck) -> list[Seen]:
        """Return fetched URLs to check again: all, those due, or none."""
        if recheck == "none":
            return []
        return self._ledger.to_recheck(self._site.name, None if recheck == "all" else self._started)

    def record_links(
        self, links: Iterable[Link], origin: str | None, site: Site | None = None
    ) -> dict[str, Seen]:
        """Record the URLs of links before they are fetched; return the ledger's entry for each.

        Of known ones, the hints are completed.

        Args:
            links: as they were found; the first of those to the same article counts.
            origin: the page that has them.
            site: the site of the URLs, if not the one that is crawled.
        """
        owner = site or self._site
        wanted: dict[str, Link] = {}
        for link in links:
            wanted.setdefault(canonical_url(link.url, owner), link)
        wanted = {url: link for url, link in wanted.items() if self._is_usable(url, link)}
        found = self.states(list(wanted), owner)
        new = {url: link for url, link in wanted.items() if url not in found}
        if new:
            now = datetime.now(UTC)
            self._journal.write_seen(now, owner.name, origin, new)
            found |= self._ledger.add_urls(owner.name, new, origin, now)
        return found | self._completed(found, wanted, origin, owner)

    def expect(self, article: Article, url: str) -> None:
        """Note the ledger's URL of an article that is on its way through the pipelines."""
        self._expected[article.sources[0].record_id] = url

    def learn_aliases(self, article: Article) -> None:
        """Record the URLs that led to the article, where the ledger says otherwise.

        They are those that it was linked and answered at: its identity is settled by now.
        """
        asked = self._expected.pop(article.sources[0].record_id, None)
        if asked is None:
            return
        canonical = article.canonical_url
        for url in sorted({asked, canonical_url(article.url, self._site)}):
            if self._ledger.canonical_of(url) != canonical:
                now = datetime.now(UTC)
                self._journal.write_event("alias", now, url=url, canonical=canonical)
                self._ledger.add_alias(url, canonical, now)

    def _completed(
        self, found: dict[str, Seen], links: dict[str, Link], origin: str | None, owner: Site
    ) -> dict[str, Seen]:
        """Record the hints that complete those of known URLs; return the entries that change."""
        completed = {
            url: replace(seen, hints=hints)
            for url, seen in found.items()
            if (hints := seen.hints.completed(links[url].hints)) != seen.hints
        }
        if completed:
            hints_found = {seen.url: links[url].hints for url, seen in completed.items()}
            self._journal.write_hints(owner.name, origin, hints_found)
            self._ledger.add_hints(hints_found)
        return completed

    def modified_since_fetch(self, links: Iterable[Link]) -> list[Seen]:
        """Return the fetched articles whose link says that they were modified since."""
        named = {
            canonical_url(link.url, self._site): link
            for link in links
            if link.modified_at is not None
        }
        entries = self.states(list(named)).items()
        found = [(one, named[url]) for url, one in entries if one.state == "known"]
        addresses = {url for one, link in found for url in (one.fetched_as, link.url)}
        fetched = self._ledger.fetched_at(sorted(addresses))
        return [one for one, link in found if _is_later(link, (one.fetched_as, link.url), fetched)]

    def last_walk(self, list_url: str) -> datetime | None:
        """Return when a walk of the list, or a reading of the feed, was last completed."""
        return self._ledger.last_walk(list_url)

    def complete_walk(self, list_url: str) -> None:
        """Record that a walk of the list, or a reading of the feed, was completed."""
        now = datetime.now(UTC)
        self._journal.write_event("walk-completed", list=list_url, completed=timestamp(now))
        self._ledger.complete_walk(list_url, self._site.name, now)

    def requisite_validators(self, url: str) -> Validators | None:
        """Return the validators of the last landed capture of a requisite, by whatever site."""
        return self._ledger.validators(url, None)

    def knows_style_sheet(self, url: str) -> bool:
        """Return whether it is known what the last landed capture of a style sheet names."""
        found = self.requisite_validators(url)
        return found is not None and found.requisites is not None

    def waiting_requisites(self, most: int) -> list[WaitingRequisite]:
        """Return the site's requisites that earlier runs have left."""
        return self._ledger.waiting_requisites(self._site.name, most)

    def fetched_at(self, urls: list[str]) -> dict[str, datetime]:
        """Return when each of the URLs was last sent, or confirmed as unmodified; if ever."""
        return self._ledger.fetched_at(urls)

    def validators(self, url: str, walk: str | None) -> Validators | None:
        """Return the validators of the site's last landed capture, for a conditional request.

        Args:
            url: as it will be requested.
            walk: the feed or list that the page belongs to: a capture that no completed walk has
                read may have links that were not recorded, so it must be fetched again.
        """
        found = self._ledger.validators(url, self._site.name)
        if found is None or walk is None:
            return found
        last = self._ledger.last_walk(walk)
        return found if last is not None and found.fetched_at <= last else None

    def last_capture(self, url: str) -> datetime | None:
        """Return when a landed run of any site last captured the URL, or found it unchanged."""
        return self._ledger.fetched_at([url]).get(url)

    def _is_usable(self, url: str, link: Link) -> bool:
        if max(len(url), len(link.url)) <= LONGEST:
            return True
        logger.warning("%s…: longer than %d characters, skipped", url[:80], LONGEST)
        self._stats.count_problem(f"url longer than {LONGEST} characters")
        return False


def _is_later(link: Link, addresses: Iterable[str], fetched: Mapping[str, datetime]) -> bool:
    """Return whether the link's date is later than a fetch of the article at these addresses."""
    at = link.modified_at
    return at is not None and any(at > fetched[url] for url in addresses if url in fetched)


def _stands_in(entry: Seen, site: str) -> bool:
    """Return whether the entry is that of an article of the site that is still there."""
    return entry.site == site and entry.state in ("pending", "known")
