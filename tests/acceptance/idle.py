"""A Scrapy extension that says how often a crawl had nothing left to fetch."""

from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler


class CountIdle:
    """Writes the number of ``spider_idle`` signals to the file of the setting IDLE_FILE."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._count = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawl."""
        found = cls(Path(crawler.settings["IDLE_FILE"]))
        crawler.signals.connect(found._idle, signals.spider_idle)
        return found

    def _idle(self) -> None:
        self._count += 1
        self._file.write_text(str(self._count))
