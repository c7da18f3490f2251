"""The last pipeline: the article is written to the spool."""

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
        """Return the component for the crawl's run; called by Scrapy."""
        return cls(run_of(crawler))

    async def process_item(self, item: Article) -> Article:
        """Write the article to the spool and return it.

        Raises:
            DropItem: it could not be written; the crawl is stopped.
        """
        try:
            await self._run.outcomes.record_article(item)
        except NewsbotError as error:
            self._run.stop(error)
            raise DropItem("could not be written to the spool") from error
        return item
