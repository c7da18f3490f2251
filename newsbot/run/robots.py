"""robots.txt as RFC 9309 has it: unreachable means no."""

import logging
from http import HTTPStatus
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

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

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        refused = response.status == HTTPStatus.TOO_MANY_REQUESTS
        if refused or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._disallow(netloc, f"it answered {response.status}")
        elif response.status >= HTTPStatus.BAD_REQUEST:  # no robots.txt: no rules
            await super()._parse_robots(response.replace(body=b""), netloc, request)
        else:
            await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._stats.inc_value(f"robotstxt/exception_count/{type(exc)}")
        self._disallow(netloc, f"{type(exc).__name__}: {exc}")

    def _disallow(self, netloc: str, why: str) -> None:
        logger.error("%s: robots.txt could not be read (%s): nothing there is fetched", netloc, why)
        self._stats.inc_value("robotstxt/unreachable")
        waiting: Any = self._parsers[netloc]
        self._parsers[netloc] = _Nothing()
        waiting.callback(self._parsers[netloc])
