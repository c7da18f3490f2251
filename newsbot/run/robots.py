"""robots.txt as RFC 9309 has it: unreachable means no."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)


class _Nothing(RobotParser):
    """Allows nothing: the host's robots.txt could not be had."""

    @classmethod
    def from_crawler(cls, crawler: Any, robotstxt_body: bytes) -> "_Nothing":  # noqa: ARG003
        return cls()

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:  # noqa: ARG002
        return False


class StrictRobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, but 5xx, 429 and errors disallow (RFC 9309, sections 2.3.1.3-4)."""

    async def robot_parser(self, request: Request) -> Any:
        """The rules of the request's host, fetched once a crawl."""
        address = urlsplit(request.url)
        known: Any = self._parsers.get(address.netloc)
        if known is None:
            self._parsers[address.netloc] = Deferred()
            await self._fetch(f"{address.scheme}://{address.netloc}/robots.txt", request)
            known = self._parsers[address.netloc]
        return await maybe_deferred_to_future(known) if isinstance(known, Deferred) else known

    async def _fetch(self, url: str, request: Request) -> None:
        asked = Request(
            url,
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, "role": "robots"},
            callback=NO_CALLBACK,
        )
        netloc = urlsplit(url).netloc
        engine: Any = self.crawler.engine
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await engine.download_async(asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, it means no
            self._disallow(netloc, f"{type(error).__name__}: {error}")
        else:
            await self._parse_robots(response, netloc, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        refused = response.status == HTTPStatus.TOO_MANY_REQUESTS
        if refused or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._disallow(netloc, f"it answered {response.status}")
        elif response.status >= HTTPStatus.BAD_REQUEST:  # no robots.txt: no rules
            await super()._parse_robots(response.replace(body=b""), netloc, request)
        else:
            await super()._parse_robots(response, netloc, request)

    def _disallow(self, netloc: str, why: str) -> None:
        logger.error("%s: robots.txt could not be read (%s): nothing there is fetched", netloc, why)
        self._stats.inc_value("robotstxt/unreachable")
        waiting: Any = self._parsers[netloc]
        self._parsers[netloc] = _Nothing()
        waiting.callback(self._parsers[netloc])
