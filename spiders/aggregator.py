"""``scrapy crawl aggregator``: a site that re-publishes others' stories."""

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from newsbot.extract import canonical_url
from newsbot.models import Extraction
from spiders.base import NewsSpider


class AggregatorSpider(NewsSpider):
    """Crawls a site of copies, and queues each original for the next crawl of its own site."""

    name = "aggregator"

    def on_article(self, response: Response, extraction: Extraction) -> Iterator[Any]:
        """The article; its original is written down for the site that it belongs to."""
        if extraction.original_url is not None:
            owner = self.run.sites.owner(extraction.original_url)
            if owner is not None and owner.is_article(extraction.original_url):
                original = canonical_url(extraction.original_url, owner)
                self.run.see([original], response.url, owner)
        yield from super().on_article(response, extraction)
