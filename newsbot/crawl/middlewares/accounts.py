"""Enters in the account of requests what became of each, also where Scrapy drops it."""

from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.capture.recorder import ROLE
from newsbot.crawl.run import Run, run_of


class AccountsMiddleware:
    """A spider middleware: a response settles its request, and so does being dropped.

    Failed requests are settled where they are recorded (``PageOutcomes.record_failure``).
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the component for the crawl's run; called by Scrapy."""
        made = cls(run_of(crawler))
        crawler.signals.connect(made.on_dropped, signals.request_dropped)
        return made

    def process_spider_input(self, response: Response) -> None:
        """Settle the request: the spider now decides what its page is."""
        request = response.request
        if request is None or not self._run.outcomes.accounts.settle(request):
            return
        if request.meta.get(ROLE) == "article":
            self._run.stats.count_article_answer()

    def on_dropped(self, request: Request, spider: Spider) -> None:  # noqa: ARG002 - Scrapy's name
        """Record a request that Scrapy's duplicate filter or scheduler has dropped."""
        self._run.outcomes.record_dropped(request)
