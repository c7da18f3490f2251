"""``scrapy crawl aggregator``: a site that re-publishes others' stories."""

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from newsbot.extract import canonical_url
from newsbot.models import Article
from spiders.base import NewsSpider


class AggregatorSpider(NewsSpider):
    """Crawls a site of copies, and queues each original for the next crawl of its own site."""

    name = "aggregator"

    def on_article(self, response: Response, article: Article) -> Iterator[Any]:
        """Yield the article; write its original down for the site that it belongs to."""
        original = article.original_url
        owner = None if original is None else self.run.sites.owner(original)
        if original is not None and owner is not None and owner.is_article(original):
            self.run.known.see([canonical_url(original, owner)], response.url, site=owner)
        yield from super().on_article(response, article)
