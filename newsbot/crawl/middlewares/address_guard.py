"""The address guard's early check, before robots.txt is fetched and offsite requests are dropped.

The download handler checks again what it connects to; this check comes first so that the crawl log
has this reason.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from newsbot.capture.guard import check_url
from newsbot.capture.recorder import CAPTURED


class AddressGuardMiddleware:
    """A downloader middleware that refuses hosts which are private addresses."""

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; called by Scrapy."""
        return cls(guarded=not crawler.settings.getbool("PRIVATE_ADDRESSES"))

    def process_request(self, request: Request) -> None:
        """Check the request's host.

        Raises:
            AddressRefused: it is a forbidden address.
        """
        request.meta.pop(CAPTURED, None)  # of the previous hop or attempt; this one may have none
        if self._guarded:
            check_url(request.url)
