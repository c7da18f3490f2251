"""``scrapy crawl antara``: the publisher that is crawled where no site is named."""

from spiders.publisher import PublisherSpider


class AntaraSpider(PublisherSpider):
    """Crawls ANTARA, or another publisher's site that is asked for."""

    name = "antara"
