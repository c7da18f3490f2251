"""A crawl that is stopped: it fetches nothing more, and what has come lands within seconds.

Scrapy first fetches whatever its downloader holds. That is up to 16 requests, each after the delay
of its host, or the end of a pause that the host asked for: minutes.
"""

from typing import Any

from scrapy.core.downloader import Downloader, Slot
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from newsbot.capture.recorder import STOPPING
from newsbot.errors import CrawlStopped


class StoppableCrawler(Crawler):
    """Sends the signal ``STOPPING`` when it begins to stop, for whatever reason."""

    def _create_engine(self) -> ExecutionEngine:
        return _Engine(self, lambda _: self.stop_async())


class _Engine(ExecutionEngine):
    async def close_spider_async(self, *, reason: str = "cancelled") -> None:
        self.signals.send_catch_log(STOPPING)
        await super().close_spider_async(reason=reason)


class StoppableDownloader(Downloader):
    """Gives up the requests that wait for their turn when the crawl stops, and later ones."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._is_stopped = False
        crawler.signals.connect(self._stop, STOPPING)

    def _stop(self) -> None:
        self._is_stopped = True
        for slot in list(self.slots.values()):
            self._process_queue(slot)

    def _process_queue(self, slot: Slot) -> None:
        if not self._is_stopped:
            super()._process_queue(slot)
            return
        while slot.queue:
            waiting: Any = slot.queue.popleft()[1]
            stopped = CrawlStopped("the crawl was stopped before this request")
            waiting.errback(Failure(stopped))  # type: ignore[no-untyped-call]
