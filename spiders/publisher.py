"""``scrapy crawl publisher``: any publisher's own site."""

from spiders.base import NewsSpider


class PublisherSpider(NewsSpider):
    """Crawls a site that publishes its own stories: feeds, then lists, then articles."""

    name = "publisher"
