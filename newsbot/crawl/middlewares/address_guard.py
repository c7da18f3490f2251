"""The address guard's first look, before robots.txt is asked for or a host is found to be foreign.

The download handler looks again at what it connects to; here it is only said early, so that the
crawl log names the reason.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from newsbot.capture.guard import check_url
from newsbot.capture.recorder import CAPTURED


class GuardMiddleware:
    """A downloader middleware that refuses hosts which are private addresses."""

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        return cls(guarded=not crawler.settings.getbool("PRIVATE_ADDRESSES"))

    def process_request(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            AddressRefused: its host is an address that may not be reached.
        """
        request.meta.pop(CAPTURED, None)  # of the hop or attempt before; this one may have none
        if self._guarded:
            check_url(request.url)
