"""Redirects that are followed as a browser follows them, or refused with a reason.

Scrapy drops a redirect to an address that was requested before, and one off the site's hosts,
without a callback or an errback: the page is lost and nothing says so.
"""

import logging
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from newsbot.addresses import resolve
from newsbot.capture.recorder import ROLE
from newsbot.crawl.destinations import Destinations
from newsbot.crawl.run import Run, run_of
from newsbot.errors import RequestRefused
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

_REDIRECTS: Final = "redirect_urls"  # key in request.meta, Scrapy's: the addresses before this one
_COOKIES: Final = "redirect_cookies"  # key in request.meta: those that the hops set, by host
_SENT: Final = "redirect_cookies_sent"  # key in request.meta: the names of those that were sent
_REDIRECTED: Final = (301, 302, 303, 307, 308)
_MOST_ROBOTS_HOPS: Final = 5  # RFC 9309, 2.3.1.2
_MOST_COOKIES: Final = 5  # names that gates set one after the other


class RedirectsMiddleware(RedirectMiddleware):
    """Follows redirects on the site's hosts, to addresses that the request has not been at.

    A redirect back to where the request was is often a gate that sets a cookie: the request is then
    repeated once for each new cookie, with all that its hops have set, which no other request gets.
    """

    _destinations: Destinations | None = None  # as in `scrapy shell`: then all is followed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; called by Scrapy."""
        made = super().from_crawler(crawler)
        if isinstance(getattr(crawler.spider, "run", None), Run):
            made.use(run_of(crawler).site)
        return made

    def use(self, site: Site) -> None:
        """Hold requests to the hosts of a site."""
        self._destinations = Destinations(site)

    def process_request(self, request: Request) -> None:
        """Refuse a request off the site's hosts, such as that of a host the seed had once.

        Raises:
            RequestRefused: the host is not in the seed.
        """
        role, judge = request.meta.get(ROLE), self._destinations
        if judge is not None and judge.is_off_site(role, request.url):
            raise RequestRefused("off-site")

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without the deprecated argument
        """Return the request that a redirect leads to; other responses as they are.

        Raises:
            RequestRefused: it leads in a circle, off the site, or from an article to a list.
        """
        location = response.headers.get("Location")
        if response.status not in _REDIRECTED:
            return response
        url = None if location is None else resolve(request.url, _text(location))
        if url is None:
            raise RequestRefused("redirect-to-no-address")
        target = self._build_redirect_request(request, response, url=url.partition("#")[0])
        try:
            found = self._redirect(target, request, response.status)
        except IgnoreRequest as error:
            raise RequestRefused("too-many-redirects") from error
        found.meta.pop("download_slot", None)  # of the host that redirects
        found.dont_filter = True  # by the whole address, below; Scrapy's filter takes %28 for (
        _collect_cookies(found, response)
        try:
            return self._judged(found, request)
        except RequestRefused as error:
            logger.warning("%s: its redirect to %s: %s", request.url, found.url, error)
            raise

    def _judged(self, target: Request, request: Request) -> Request:
        role, before = request.meta.get(ROLE), [*request.meta.get(_REDIRECTS, ()), request.url]
        if role == "robots":
            if len(before) > _MOST_ROBOTS_HOPS:
                raise RequestRefused("too-many-redirects")
            return target
        refusal = self._destinations and self._destinations.refusal(role, target.url)
        if refusal:
            raise RequestRefused(refusal)
        if target.url not in before:
            return target
        cookies = target.meta[_COOKIES].get(urlsplit(target.url).hostname, {})
        sent = request.meta.get(_SENT, frozenset())
        if cookies.keys() <= sent or len(sent) >= _MOST_COOKIES:
            raise RequestRefused("redirect-loop")
        target.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        target.meta.update({_SENT: frozenset(cookies), _REDIRECTS: []})
        return target


def _text(header: bytes) -> str:
    """Return a header's text: browsers send UTF-8, old servers Latin-1."""
    try:
        return header.decode()
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _collect_cookies(target: Request, response: Response) -> None:
    """Add what the response sets to the cookies of this request's hops."""
    host = urlsplit(response.url).hostname or ""
    by_host: dict[str, dict[str, str]] = {
        name: dict(cookies) for name, cookies in target.meta.get(_COOKIES, {}).items()
    }
    found = dict(_cookies(response.headers.getlist("Set-Cookie")))
    if found:
        by_host.setdefault(host, {}).update(found)
    target.meta[_COOKIES] = by_host


def _cookies(headers: Iterable[bytes]) -> Iterable[tuple[str, str]]:
    """Yield the names and values that Set-Cookie headers set; attributes do not matter here."""
    for header in headers:
        try:
            parsed = SimpleCookie(header.decode("latin-1"))
        except CookieError:
            continue  # no cookie that could be sent back
        for name, morsel in parsed.items():
            yield name, morsel.coded_value
