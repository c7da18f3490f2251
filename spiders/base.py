"""The base of the spiders of news sites: from feeds, sitemaps and lists to articles.

A spider decides what to fetch next. Pages are read by the extractor; their outcomes are recorded by
``newsbot.crawl``.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.capture.recorder import HINTS
from newsbot.crawl.middlewares.conditional import CONDITIONAL, not_modified
from newsbot.crawl.outcomes import SEEN, record_of
from newsbot.errors import CrawlStopped
from newsbot.extract.pages import PagedArticle
from newsbot.ledger.frontier import Seen
from newsbot.ledger.landed import Validators
from newsbot.models import Article
from spiders.finding import FindingSpider

_ARTICLES, _RECHECKS = 0, -10  # priorities: new articles before known ones


class NewsSpider(FindingSpider):
    """Crawls one site: feeds, lists back to the last completed walk, new and due articles."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider, connected to the signal that nothing is left to fetch."""
        batch = crawler.settings.getint("ARTICLE_BATCH")
        spider = super().from_crawler(crawler, *args, batch=batch, **kwargs)
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        return spider

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        """Yield the article on a page, or a request for its next page."""
        self._schedule(self._queue.mark_arrived())
        confirmed = not_modified(response)
        if confirmed:
            self._recheck_pictures(response, confirmed)
            for request in self._check_following(response, response, confirmed.following):
                yield request
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        if not extraction.articles and (led := self._led_elsewhere(response)) is not None:
            if isinstance(led, Request):
                yield led
            else:
                self.run.outcomes.record_led_elsewhere(response, led)
            return
        is_refused = extraction.kind in ("soft-404", "wall")
        if not extraction.articles and not is_refused and self._is_worth_rendering(response):
            yield self._rendering_request(response)
            return
        if not extraction.articles:
            self.run.outcomes.record_without_article(response, extraction)
            return
        self.run.stats.count_article_page(has_article=True)
        self.run.outcomes.record_reappearance(response.meta[SEEN])
        for one in self._next_page_or_article(response, PagedArticle(extraction)):
            yield one

    async def parse_next_page(
        self, response: Response, first: Response, paged: PagedArticle
    ) -> AsyncIterator[Any]:
        """Yield the article that this page continues, or a request for its next page."""
        found = await self.run.outcomes.read(response)
        if found is None:  # part of an article would pass for all of it; the next run retries
            why = f"{response.url} could not be extracted"
            record, key = record_of(first).record_id, first.meta[SEEN].url
            self.run.recording.journal.write_outcome(record, "extraction-failed", key=key, why=why)
            return
        paged.add(str(paged.next_page), found)
        for one in self._next_page_or_article(first, paged):
            yield one

    async def on_next_page_failure(self, failure: Failure) -> AsyncIterator[Any]:
        """Yield the article without the page that could not be fetched and those after it.

        Part of an article whose rest a stopped crawl has not fetched would pass for all of it.
        """
        self.on_failure(failure)
        if isinstance(failure.value, CrawlStopped):
            return
        arguments = failure.request.cb_kwargs  # type: ignore[attr-defined]
        for item in self.on_article(arguments["first"], arguments["paged"].article()):
            yield item

    def _next_page_or_article(self, first: Response, paged: PagedArticle) -> Iterator[Any]:
        if paged.next_page is None:
            yield from self.on_article(first, paged.article())
            return
        arguments = {"first": first, "paged": paged}
        request = self.request(
            paged.next_page, self.parse_next_page, "next_page", priority=_ARTICLES,
            cb_kwargs=arguments, **{SEEN: first.meta[SEEN]},
        )  # fmt: skip
        yield request.replace(errback=self.on_next_page_failure)

    def _check_following(
        self, response: Response, first: Response, following: tuple[str, ...]
    ) -> Iterator[Request]:
        """Yield a request for the next following page; record "unchanged" after the last."""
        self.run.stats.count_answer()
        seen: Seen = first.meta[SEEN]
        if response is not first:
            record = record_of(response).record_id
            self.run.recording.journal.write_outcome(record, "next_page", key=seen.url)
        if following:
            arguments = {"first": first, "following": following[1:]}
            yield self.request(
                following[0], self.parse_following, "next_page", priority=_RECHECKS,
                cb_kwargs=arguments, **{SEEN: seen, CONDITIONAL: True},
            )  # fmt: skip
        else:
            self.run.outcomes.record_reappearance(seen)
            self.run.outcomes.record_fetch(first, "unchanged")

    async def parse_following(
        self, response: Response, first: Response, following: tuple[str, ...]
    ) -> AsyncIterator[Any]:
        """Yield requests after a following page of an article whose first page is unmodified."""
        confirmed = not_modified(response)
        if confirmed:
            self._recheck_pictures(response, confirmed)
            for request in self._check_following(response, first, following):
                yield request
            return
        seen: Seen = first.meta[SEEN]
        record = record_of(response).record_id
        self.run.recording.journal.write_outcome(record, "next_page", key=seen.url)
        whole = self._article_request(seen)
        whole.meta[CONDITIONAL] = False  # the text of all pages is needed
        yield whole

    def _recheck_pictures(self, response: Response, confirmed: Validators) -> None:
        """Have the pictures of an unmodified page asked for: they may have changed under it."""
        record = record_of(response).record_id
        self.run.requisites.add_confirmed(record, response.url, confirmed.pictures)

    def on_article(self, response: Response, article: Article) -> Iterator[Any]:
        """Yield the article to the pipelines; subclasses may do more.

        One that a backfill fetched, and that is of another day, stays pending.
        """
        if not self._walks.covers(article):
            record = record_of(response).record_id
            self.run.recording.journal.write_outcome(record, "outside-span")
            return
        self.run.known.expect(article, response.meta[SEEN].url)
        yield article.model_copy(update={"discovered_from": response.meta.get("discovered_from")})

    def _article_request(self, seen: Seen) -> Request:
        is_new = seen.state == "pending"
        meta: dict[str, Any] = {
            SEEN: seen, CONDITIONAL: not is_new, HINTS: seen.hints,
            "discovered_from": seen.discovered_from,
        }  # fmt: skip
        priority = _ARTICLES if is_new else _RECHECKS
        return self.request(
            seen.fetched_as, self.parse_article, "article", priority=priority, **meta
        )

    def on_idle(self) -> None:
        """Schedule the next batch: Scrapy may have dropped requests without a callback.

        At last come feeds that only add to the others: slow ones then delay nothing.
        """
        waiting: list[Request] = list(map(self._article_request, self._queue.refill()))
        if not waiting and not self._queue.is_exhausted:
            waiting = list(map(self._feed_request, self._later_feeds))
            self._later_feeds = []
        if not waiting:
            waiting = list(self.requisite_requests())
        if not waiting:
            self._report_sitemaps()
            return
        for request in waiting:
            self.crawler.engine.crawl(request)
        raise DontCloseSpider

    def _report_sitemaps(self) -> None:
        for problem in self._sitemaps.problems():
            self.run.stats.count_problem(problem)

    def _schedule(self, waiting: list[Seen]) -> None:
        for seen in waiting:
            self.crawler.engine.crawl(self._article_request(seen))

    def on_failure(self, failure: Failure) -> None:
        """Record a failed request; an article's makes room for the next one."""
        super().on_failure(failure)
        is_article = failure.request.callback == self.parse_article  # type: ignore[attr-defined]
        if is_article and not isinstance(failure.value, CrawlStopped):
            self._schedule(self._queue.mark_arrived())
