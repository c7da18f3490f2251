"""Last: the article goes into the spool."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsbot.crawl.run import Run, run_of
from newsbot.errors import NewsbotError
from newsbot.models import Article


class ArchivePipeline:
    """Writes each article to the run's spool, from where it lands in the store."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, for the crawl's run."""
        return cls(run_of(crawler))

    async def process_item(self, item: Article) -> Article:
        """Return the article, written down.

        Raises:
            DropItem: it could not be written; the crawl stops.
        """
        try:
            await self._run.outcomes.keep(item)
        except NewsbotError as error:
            self._run.stop(error)
            raise DropItem("not written") from error
        return item
