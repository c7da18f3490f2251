"""robots.txt as RFC 9309 requires: a host whose robots.txt is unreachable is not crawled."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from newsbot.capture.recorder import ROLE, UNCOUNTED
from newsbot.crawl.middlewares.retry_after import RetryAfterMiddleware
from newsbot.crawl.run import Run
from newsbot.crawl.stats import UNRESOLVED
from newsbot.errors import AddressRefused, CrawlStopped

logger = logging.getLogger(__name__)


class _DisallowAll(RobotParser):
    """Allows nothing: the host's robots.txt could not be fetched."""

    @classmethod
    def from_crawler(cls, crawler: Any, robotstxt_body: bytes) -> "_DisallowAll":  # noqa: ARG003
        return cls()

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:  # noqa: ARG002
        return False

    def crawl_delay(self, user_agent: str | bytes) -> float | None:  # noqa: ARG002
        return None


class StrictRobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware with its own fetching: 5xx, 429 and errors disallow (RFC 9309, 2.3.1).

    Requests to a host wait for its robots.txt under a lock: in Scrapy they share a Deferred, of
    which the second waiter gets None, which means "allowed".
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        run = getattr(crawler.spider, "run", None)
        if isinstance(run, Run):
            run.recording.robots_allow = self.allows  # for navigations of the browser
        self._rules: dict[str, RobotParser] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._unresolved: dict[str, str] = {}  # hosts to the error; a name is resolved once a crawl

    async def allows(self, url: str) -> bool:
        """Return whether the page may be fetched with the crawl's User-Agent."""
        agent = self._robotstxt_useragent or self._default_useragent
        return (await self.robot_parser(Request(url))).allowed(url, agent)

    async def robot_parser(self, request: Request) -> RobotParser:
        """Return the rules of the request's host, fetched once in a crawl.

        Raises:
            CannotResolveHostError: the host's name has no address; the request is not retried.
            AddressRefused: it leads to an address that a crawl may not reach.
        """
        address = urlsplit(request.url)
        async with self._locks.setdefault(address.netloc, asyncio.Lock()):
            if address.netloc not in self._rules.keys() | self._unresolved.keys():
                url = f"{address.scheme}://{address.netloc}/robots.txt"
                try:
                    rules = self._rules[address.netloc] = await self._fetch(url, request)
                    self._keep_delay(address.hostname or "", rules)
                except CannotResolveHostError as error:
                    self._unresolved[address.netloc] = str(error)
                    if request.meta.get(ROLE) != "requisite":
                        self._stats.set_value(f"{UNRESOLVED}{address.hostname}", 1)
        if address.netloc in self._unresolved:
            request.meta["dont_retry"] = True  # the request for robots.txt was retried
            raise CannotResolveHostError(self._unresolved[address.netloc])
        return self._rules[address.netloc]

    def _keep_delay(self, host: str, rules: RobotParser) -> None:
        """Hold requests to the Crawl-delay of the host's robots.txt."""
        delay = rules.crawl_delay(self._robotstxt_useragent or self._default_useragent)
        retries = self.crawler.get_downloader_middleware(RetryAfterMiddleware)
        if delay and retries is not None:
            retries.pace.slow_down(host, delay)

    async def _fetch(self, url: str, page: Request) -> RobotParser:
        is_counted = page.meta.get(ROLE) != "requisite"
        request = Request(
            url,
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, ROLE: "robots", UNCOUNTED: not is_counted},
            callback=NO_CALLBACK,
        )
        engine: Any = self.crawler.engine
        try:
            response: Response = await engine.download_async(request)
        except (AddressRefused, CannotResolveHostError, CrawlStopped):
            raise  # so that the crawl log has this reason for the page
        except Exception as error:  # noqa: BLE001 - any error means disallow
            return self._disallow_all(url, f"{type(error).__name__}: {error}", counts=is_counted)
        refused = response.status == HTTPStatus.TOO_MANY_REQUESTS
        if refused or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._disallow_all(url, f"it answered {response.status}", counts=is_counted)
        exists = response.status < HTTPStatus.BAD_REQUEST  # 4xx: no robots.txt, no rules
        rules: RobotParser = build_from_crawler(
            self._parserimpl, self.crawler, response.body if exists else b""
        )
        return rules

    def _disallow_all(self, url: str, why: str, *, counts: bool) -> RobotParser:
        level = logging.ERROR if counts else logging.INFO
        logger.log(level, "%s could not be fetched (%s): the host is not asked", url, why)
        if counts:
            self._stats.inc_value("robotstxt/unreachable")
        return _DisallowAll()
