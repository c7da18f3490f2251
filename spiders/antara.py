"""``scrapy crawl antara``: ANTARA, the publisher that is crawled by default."""

from spiders.publisher import PublisherSpider


class AntaraSpider(PublisherSpider):
    """Crawls ANTARA, or the publisher's site named with ``-a site=``."""

    name = "antara"
