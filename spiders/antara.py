"""``scrapy crawl antara``: a publisher's own site."""

from spiders.base import NewsSpider


class AntaraSpider(NewsSpider):
    """Crawls a site that publishes its own stories: feeds, then lists, then articles."""

    name = "antara"
