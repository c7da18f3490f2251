"""Where articles are found: feeds, sitemaps and lists of a site."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.capture.recorder import CAPTURED, POSITION, ROLE
from newsbot.crawl.article_queue import ArticleQueue, LimitReached
from newsbot.crawl.middlewares.conditional import CONDITIONAL, WALK, not_modified
from newsbot.crawl.outcomes import cause_of, record_of
from newsbot.crawl.run import Run
from newsbot.crawl.sitemaps import Sitemaps
from newsbot.crawl.walks import Walks
from newsbot.extract import canonical_url, explain
from newsbot.ledger.frontier import Seen
from newsbot.models import Extraction, Link, ListPosition
from newsbot.sites.finders import Feed, ListPage
from spiders.requisites import RequisiteSpider

_DISCOVERY = 10  # priority: URLs are discovered before articles are fetched


class FindingSpider(RequisiteSpider):
    """Reads what a seed names, lists back to their last completed walk; queues what is new."""

    def __init__(self, run: Run, batch: int, **kwargs: Any) -> None:
        super().__init__(run, **kwargs)
        self._walks = Walks(run.site, run.options, run.known, run.started)
        self._sitemaps = Sitemaps(run.site, run.options, run.known, run.started)
        self._queue = ArticleQueue(batch, run.options.limit, run.known.states)
        self._later_feeds: list[Feed] = []

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first requests: for the one page of ``-a url=``, else for the whole site."""
        options, known = self.run.options, self.run.known
        if options.url is not None:
            for request in self._enqueue(known.record_links([Link(options.url)], None).values()):
                yield request
            return
        self._later_feeds = [feed for feed in self.site.feeds if self._walks.is_read_later(feed)]
        for feed in self.site.feeds:
            if feed.every is None:
                yield self._feed_request(feed)
        for sitemap in self.site.sitemaps:
            yield self._sitemap_request(sitemap, depth=1)
        for listing in self.site.lists:
            for walk in self._walks.start_pages(listing):
                yield self._list_request(walk.url, walk, number=1)
        if not options.backfill:
            waiting = [*known.pending(options.recheck), *known.to_recheck(options.recheck)]
            for request in self._enqueue(waiting):
                yield request

    def _enqueue(self, articles: Iterable[Seen]) -> Iterator[Request]:
        """Queue the articles, up to the limit; yield requests for those that Scrapy can take."""
        try:
            for seen in self._queue.enqueue(articles):
                yield self._article_request(seen)
        except LimitReached:
            self.run.stats.mark_limited()

    @abstractmethod
    def _article_request(self, seen: Seen) -> Request:
        """Return the request for an article."""

    def _new_articles(self, links: tuple[Link, ...], response: Response) -> Iterator[Request]:
        """Record all linked articles; return requests for those never fetched."""
        section = self.site.section_of(response.meta[WALK])
        wanted = (
            link.in_section(section) for link in links
            if self.site.is_article(link.url) and self._walks.wants(link)
        )  # fmt: skip
        seen = self.run.known.record_links(wanted, response.url)
        now = self.run.started
        return self._enqueue(
            one for one in seen.values()
            if one.state == "pending" and (one.next_check is None or one.next_check <= now)
        )  # fmt: skip

    # -- feeds and sitemaps --------------------------------------------------------------------

    async def parse_feed(self, response: Response, feed: Feed) -> AsyncIterator[Any]:
        """Yield requests for a feed's new articles; an unmodified feed has none."""
        if self._is_unmodified(response):
            if feed.every is not None:
                self._walks.complete(feed.url)
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        self._report_notes(response, extraction)
        if extraction.other_links:
            self.run.stats.count_problem(
                f"feed-without-articles: no link of {response.url} matches hosts and urls.article: "
                f"{', '.join(extraction.other_links)}"
            )
        for request in self._new_articles(extraction.links, response):
            yield request
        if not extraction.notes:  # a broken feed is fetched again
            self._walks.complete(feed.url)

    async def parse_sitemap(self, response: Response, depth: int) -> AsyncIterator[Any]:
        """Yield requests for a sitemap's new and changed articles, and for those it names.

        A walk of an index is never completed, so that it is always sent: unmodified, it would not
        name the sitemaps that failed the last time.
        """
        if self._is_unmodified(response):
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        self._report_notes(response, extraction)
        for url in self._sitemaps.further(extraction, depth):
            yield self._sitemap_request(url, depth + 1)
        for request in self._new_articles(extraction.links, response):
            yield request
        for request in self._enqueue(self._sitemaps.changed(extraction.links)):
            yield request
        if not extraction.notes and not extraction.sitemaps:
            self._walks.complete(response.meta[WALK])

    def _is_unmodified(self, response: Response) -> bool:
        """Return whether a feed or list is unmodified; record that outcome."""
        if not not_modified(response):
            return False
        self.run.stats.count_answer()
        record = record_of(response).record_id
        self.run.recording.journal.write_outcome(record, response.meta[ROLE])
        return True

    def _report_notes(self, response: Response, extraction: Extraction) -> None:
        for note in extraction.notes:
            self.run.stats.count_problem(f"{explain(note)}: {response.url}")
            self.logger.warning("%s: %s", response.url, explain(note))

    # -- lists ---------------------------------------------------------------------------------

    async def parse_list(
        self, response: Response, walk: ListPage, number: int
    ) -> AsyncIterator[Any]:
        """Yield requests for the new articles on a list's page, and for its next page if needed.

        A page that is unmodified since a completed walk has only known articles.
        """
        if self._is_unmodified(response):
            self._walks.complete(walk.url)
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        for request in self._new_articles(extraction.links, response):
            yield request
        if not extraction.links and (led := self._led_elsewhere(response)) is not None:
            if isinstance(led, Request):
                yield led
            else:  # the walk is not complete: the next run walks the list again
                self.run.outcomes.record_led_elsewhere(response, led)
            return
        if not extraction.links and self._is_worth_rendering(response):
            yield self._rendering_request(response)
            return
        links = {canonical_url(link.url, self.site): link for link in extraction.links}
        next_page = extraction.next_page
        if self._is_no_list(response, extraction, number):
            return  # the next run walks the list again
        if not links and number == 1 and walk in self.site.lists:
            self.run.stats.count_problem(f"list-without-articles: {walk.url}")
            self.logger.warning("%s: no article found on this list page", response.url)
        elif self._queue.is_exhausted:
            return  # the walk is interrupted; the next run walks the list again
        elif (decision := self._walks.decide(walk, number, links, next_page)) == "continue":
            yield self._list_request(str(next_page), walk, number + 1)
        else:
            if decision == "capped":
                self._report_cap(walk, number)
            self._walks.complete(walk.url)

    def on_list_failure(self, failure: Failure) -> None:
        """Record a failed page; a missing page behind a list's last one is the list's end."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        walk: ListPage = arguments["walk"]
        may_end = arguments["number"] > 1 or walk not in self.site.lists  # a day without stories
        if may_end and cause_of(failure) in walk.end_answers:
            self.run.outcomes.accounts.settle(request)
            record = request.meta[CAPTURED].record_id
            self.run.recording.journal.write_outcome(record, "list", links=0)
            self._walks.complete(walk.url)
        else:
            self.on_failure(failure)

    def _is_no_list(self, response: Response, extraction: Extraction, number: int) -> bool:
        """Return whether a list's page cannot be read as the seed says; report it.

        Behind its last page, the answer of an API may have no items.
        """
        notes, has_links = extraction.notes, bool(extraction.links)
        is_none = not has_links and bool(notes) and (number == 1 or "list-not-json" in notes)
        if is_none or "list-too-long" in notes:
            self._report_notes(response, extraction)
        return is_none

    def _report_cap(self, walk: ListPage, number: int) -> None:
        """Report a walk that ended at ``max_pages``: stories may be missing."""
        if self.run.options.backfill:
            text = "did not reach the first day wanted: raise max_pages in the seed"
        elif self._walks.is_first(walk):
            text = "are not the whole list: older stories need a backfill, or more max_pages"
        else:
            text = "did not reach the last walk: raise max_pages in the seed, or crawl more often"
        self.run.stats.count_problem(f"list-capped: {number} pages of {walk.url} {text}")
        self.logger.warning("%s: %d pages %s", walk.url, number, text)

    # -- requests ------------------------------------------------------------------------------

    def _feed_request(self, feed: Feed) -> Request:
        meta: dict[str, Any] = {WALK: feed.url, CONDITIONAL: not self.run.options.backfill}
        if feed.every is not None:
            meta["max_retry_times"] = 0  # the next crawl is the next try
        return self.request(
            feed.url, self.parse_feed, "feed", priority=_DISCOVERY, cb_kwargs={"feed": feed}, **meta
        )

    def _sitemap_request(self, url: str, depth: int) -> Request:
        meta: dict[str, Any] = {WALK: url, CONDITIONAL: not self.run.options.backfill}
        return self.request(
            url, self.parse_sitemap, "sitemap", priority=_DISCOVERY,
            cb_kwargs={"depth": depth}, **meta,
        )  # fmt: skip

    def _list_request(self, url: str, walk: ListPage, number: int) -> Request:
        arguments = {"walk": walk, "number": number}
        meta: dict[str, Any] = {
            WALK: walk.url, CONDITIONAL: not self.run.options.backfill,
            POSITION: ListPosition(walk.url, number),
        }  # fmt: skip
        request = self.request(
            url, self.parse_list, "list", priority=_DISCOVERY, cb_kwargs=arguments, **meta
        )
        return request.replace(errback=self.on_list_failure)
