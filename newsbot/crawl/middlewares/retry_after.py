"""Hosts that ask for fewer requests are paused, asked more slowly, and then left alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware, get_retry_request
from scrapy.http import Response

from newsbot.capture.recorder import ROLE
from newsbot.crawl.pace import LONGEST_PAUSE, MOST_REFUSALS, HostPace
from newsbot.crawl.run import Run
from newsbot.errors import RequestRefused

_BUSY = (429, 503)


class RetryAfterMiddleware(RetryMiddleware):
    """Scrapy's retries, which for a busy host wait as long as it asks (RFC 9110, 10.2.3).

    A request that is told how long to wait is repeated until its host is left alone: one that stays
    busy, or asks for more time than a crawl waits, is left to the next crawl.
    """

    pace: HostPace

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; called by Scrapy."""
        made = super().from_crawler(crawler)
        made.pace = HostPace(crawler)
        crawler.signals.connect(made.on_downloaded, signals.response_downloaded)
        return made

    def process_request(self, request: Request) -> None:
        """Hold the request to the pace of its host.

        Raises:
            RequestRefused: the host is left alone.
        """
        host = _host_of(request)
        if self.pace.is_left_alone(host):
            raise RequestRefused("host-busy")
        self.pace.apply(host)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without the deprecated argument
        """Return the request to repeat, or the response when there are no tries left."""
        host = _host_of(request)
        if response.status not in _BUSY:
            self.pace.answer(host)
        elif self._leave_alone(host, request, response):
            return response
        elif _retry_after(response) is not None and self.crawler.spider is not None:
            again = get_retry_request(
                request, spider=self.crawler.spider, reason=f"busy ({response.status})",
                max_retry_times=self.max_retry_times + MOST_REFUSALS,
            )  # fmt: skip
            return again or response
        return super().process_response(request, response)

    def on_downloaded(self, response: Response, request: Request, spider: Spider) -> None:  # noqa: ARG002 - Scrapy's names
        """Set the host's pace again: AutoThrottle has just adjusted it by the latency."""
        self.pace.apply(_host_of(request))

    def _leave_alone(self, host: str, request: Request, response: Response) -> bool:
        """Pause the host; return whether it is not asked again in this run."""
        was_left_alone = self.pace.is_left_alone(host)
        wait = _retry_after(response)
        self.pace.refuse(host, wait)
        run = getattr(self.crawler.spider, "run", None)  # None in `scrapy shell`
        is_new = self.pace.is_left_alone(host) and not was_left_alone
        if is_new and isinstance(run, Run) and request.meta.get(ROLE) != "requisite":
            is_long = wait is not None and wait > LONGEST_PAUSE
            why = f"asks for {wait:.0f} s without requests" if is_long else "stays busy"
            run.stats.count_problem(
                f"{host} {why} ({response.status}): the rest is left to the next crawl"
            )
        return self.pace.is_left_alone(host)


def _host_of(request: Request) -> str:
    return urlsplit(request.url).hostname or ""


def _retry_after(response: Response) -> float | None:
    """Return the seconds of the Retry-After header, also given as a date; None if it has none."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
