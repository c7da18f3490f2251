"""``scrapy crawl saved``: single pages, which ``newsbot save`` names."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import HtmlResponse, Response
from twisted.python.failure import Failure

from newsbot.crawl.middlewares.conditional import CONDITIONAL, not_modified
from newsbot.crawl.outcomes import cause_of, record_of
from newsbot.crawl.saving import ASKED, HOPS, SavedPages, hops_of
from newsbot.errors import CaptureError, CrawlStopped
from spiders.requisites import RequisiteSpider


class SavedSpider(RequisiteSpider):
    """Saves the pages of ``-a pages=``, whatever they are and on whatever host."""

    name = "saved"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages = SavedPages(self.run)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider, connected to the signal that nothing is left to fetch."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        return spider

    def on_idle(self) -> None:
        """Request what the pages need to look as they do."""
        waiting = list(self.requisite_requests())
        for request in waiting:
            self.crawler.engine.crawl(request)
        if waiting:
            raise DontCloseSpider

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each page."""
        for url in self.run.options.pages:
            meta: dict[str, Any] = {ASKED: url, CONDITIONAL: True}
            yield self.request(url, self.parse_page, "page", priority=0, **meta)

    async def parse_page(self, response: Response) -> AsyncIterator[Any]:
        """Record the page, and yield the article on it if it has one."""
        journal, record = self.run.recording.journal, record_of(response).record_id
        if not_modified(response):
            self.run.stats.count_answer()
            journal.write_outcome(record, "unchanged")
            self._pages.record(response, None)
            return
        if not isinstance(response, HtmlResponse):
            self.run.stats.count_answer()
            journal.write_outcome(record, "file")
            self._pages.record(response, None)
            return
        extraction = await self.run.outcomes.read(response)
        articles = () if extraction is None else extraction.articles
        following = None if articles else self._led_elsewhere(response)
        if isinstance(following, Request):
            following.meta[HOPS] = [*hops_of(response.meta), response.url]
            yield following
            return
        declared = None if extraction is None else extraction.title
        self._pages.record(response, articles[0].title if articles else declared)
        for article in articles:
            yield article

    def request(self, *args: Any, **kwargs: Any) -> Request:
        """Return a request like any; the failure of a page is recorded for it."""
        return super().request(*args, **kwargs).replace(errback=self.on_page_failure)

    def on_page_failure(self, failure: Failure) -> None:
        """Record a page that could not be saved."""
        self.on_failure(failure)
        # After the latter nothing can be written any more.
        if not isinstance(failure.value, CrawlStopped | CaptureError):
            request: Request = failure.request  # type: ignore[attr-defined]
            self._pages.record_failure(request, cause_of(failure))
