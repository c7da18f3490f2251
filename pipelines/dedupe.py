"""Second: what is this article to what is already known?"""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsbot.crawl.run import Run, run_of
from newsbot.errors import NewsbotError
from newsbot.models import Article


class DedupePipeline:
    """Hands each article to ``newsbot.ledger.dedupe``; what is there already is not kept twice."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, for the crawl's run."""
        return cls(run_of(crawler))

    async def process_item(self, item: Article) -> Article:
        """Return the article with revision and origins.

        Raises:
            DropItem: it is unchanged, or was fetched twice (its record is kept all the same), or
                the ledger failed, which stops the crawl.
        """
        try:
            placed = await self._run.outcomes.classify(item)
        except NewsbotError as error:
            self._run.stop(error)
            raise DropItem("not placed") from error
        if placed.verdict in ("unchanged", "duplicate"):
            raise DropItem(placed.verdict)
        return placed.article
