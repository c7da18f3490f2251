"""``scrapy crawl aggregator``: a site that re-publishes others' stories."""

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from newsbot.models import Article, Link
from spiders.base import NewsSpider


class AggregatorSpider(NewsSpider):
    """Crawls a site of copies; records each original for the next crawl of its own site."""

    name = "aggregator"

    def on_article(self, response: Response, article: Article) -> Iterator[Any]:
        """Record the URL of the original for its own site, then yield the article."""
        original = article.original_url
        owner = None if original is None else self.run.known.owner(original)
        if original is not None and owner is not None and owner.is_article(original):
            self.run.known.record_links([Link(original)], response.url, site=owner)
        yield from super().on_article(response, article)
