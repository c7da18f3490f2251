"""The second pipeline: is the article new, changed, unchanged or a duplicate?"""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsbot.crawl.run import Run, run_of
from newsbot.errors import NewsbotError
from newsbot.models import Article


class DedupePipeline:
    """Classifies each article against the ledger; known ones are not stored again."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the component for the crawl's run; called by Scrapy."""
        return cls(run_of(crawler))

    async def process_item(self, item: Article) -> Article:
        """Return the article with revision and origins.

        Raises:
            DropItem: it is unchanged, or was fetched twice (its WARC record is kept), or the ledger
                failed, which stops the crawl.
        """
        try:
            classified = await self._run.outcomes.classify(item)
            self._run.known.learn_aliases(classified.article)
        except NewsbotError as error:
            self._run.stop(error)
            raise DropItem("could not be classified") from error
        if classified.classification in ("unchanged", "duplicate"):
            raise DropItem(classified.classification)
        return classified.article
