"""The seed's headers and cookies, which only requests to the site's own hosts carry."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newsbot.crawl.run import Run, run_of
from newsbot.sites.access import SiteAccess, pairs_of


class OwnHeadersMiddleware:
    """Sets the seed's headers and cookies, and removes those that a redirect has copied.

    It sees each hop of a redirect by itself. A cookie that the site has set on the way is newer
    than the seed's.
    """

    def __init__(self, access: SiteAccess) -> None:
        self._access = access

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; called by Scrapy.

        Raises:
            NotConfigured: there is no run, as in ``scrapy shell``, or the seed has none of them.
        """
        if not isinstance(getattr(crawler.spider, "run", None), Run):
            raise NotConfigured
        access = run_of(crawler).recording.access
        if not access.headers and not access.cookies:
            raise NotConfigured
        return cls(access)

    def process_request(self, request: Request) -> None:
        """Set the headers and cookies that the request's address may get, and no others."""
        allowed = self._access.headers_for(request.url)
        for name in self._access.headers:
            request.headers.pop(name, None)
        for name, value in allowed.items():
            request.headers[name] = value.encode("latin-1")
        self._set_cookies(request)

    def _set_cookies(self, request: Request) -> None:
        header = (request.headers.pop("Cookie", None) or [b""])[0].decode("latin-1")
        allowed = self._access.cookies_for(request.url)
        given = {
            name: value
            for name, value in pairs_of(header)
            if name in allowed or name not in self._access.cookies
        }
        if cookies := allowed | given:
            pairs = (f"{name}={value}" for name, value in cookies.items())
            request.headers["Cookie"] = "; ".join(pairs).encode("latin-1")
