"""A spool or ledger that cannot be written stops the crawl: what cannot be kept is not fetched."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.crawl.run import Run, run_of
from newsbot.errors import NewsbotError


class StopOnFatalMiddleware:
    """A spider middleware: errors of ours in a callback end the crawl with one line."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, for the crawl's run."""
        return cls(run_of(crawler))

    async def process_spider_output(
        self,
        response: Response,  # noqa: ARG002 - Scrapy's names
        result: AsyncIterator[Any],
    ) -> AsyncIterator[Any]:
        """Hand everything on until the callback fails."""
        try:
            async for one in result:
                yield one
        except NewsbotError as error:
            self._run.stop(error)
