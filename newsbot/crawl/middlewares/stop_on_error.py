"""A spool or ledger that cannot be written stops the crawl: nothing is fetched unrecorded."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.crawl.run import Run, run_of
from newsbot.errors import NewsbotError


class StopOnFatalMiddleware:
    """A spider middleware: a ``NewsbotError`` in a callback ends the crawl."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the component for the crawl's run; called by Scrapy."""
        return cls(run_of(crawler))

    async def process_spider_output(
        self,
        response: Response,  # noqa: ARG002 - Scrapy's names
        result: AsyncIterator[Any],
    ) -> AsyncIterator[Any]:
        """Yield the callback's results; stop the crawl if it fails."""
        try:
            async for one in result:
                yield one
        except NewsbotError as error:
            self._run.stop(error)
