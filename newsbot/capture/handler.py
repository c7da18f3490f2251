"""The download handler: fetches as Scrapy does and records every exchange before handing it on.

A response reaches the spider only after its record is in the WARC file, so an article's sources are
exact and a full disk stops the crawl instead of losing pages.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
)
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from newsbot.capture.exchange import Exchange
from newsbot.capture.guard import check_url
from newsbot.capture.record import Captured
from newsbot.capture.resolver import GuardedResolver, guard_endpoints
from newsbot.capture.wire import RecordingFactory, tag
from newsbot.errors import NewsbotError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.web.client import Agent

    from newsbot.capture.browser import BrowserHandler
    from newsbot.seed import Browser

logger = logging.getLogger(__name__)

CAPTURED = "captured"  # key of the Captured in request.meta
RENDER = "render"  # key in request.meta that asks for the browser
RENDERED = "rendered"  # key of the Rendering in request.meta


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a browser made of a page: the record of its DOM, and the document as it came."""

    dom: Captured
    plain: bytes


class Recorder(Protocol):
    """What the download paths need of a run: where to put exchanges, and what a page may do."""

    @property
    def browser(self) -> "Browser":
        """The seed's rules for pages that are shown in a browser."""

    def exchange(self, request: Request) -> Exchange:
        """A new exchange for the request, with its limits."""

    async def record(self, exchange: Exchange) -> Captured:
        """Write the exchange; returns where its records are.

        Raises:
            CaptureError: it could not be written; the crawl has to stop.
        """

    async def made(self, url: str, content_type: str, content: bytes, of: str) -> Captured:
        """Write what was made of a page, its DOM or its picture; ``of`` is the page's record."""

    async def details(self, url: str, content: Mapping[str, Any], of: str) -> None:
        """Write what was seen while a page was shown, as JSON."""

    async def may_show(self, url: str) -> str | None:
        """None where a page may be gone to, else why not."""

    def refused(self, url: str, role: str, why: str) -> None:
        """Write down a request that was not made."""

    def stop(self, error: NewsbotError) -> None:
        """End the crawl: nothing more can be kept."""


class RecordingHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler on recording connections.

    The spider carries the run that records; with another spider (``scrapy shell``) nothing is
    recorded and the handler is Scrapy's own.
    """

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._pool._factory = RecordingFactory  # noqa: SLF001 - Scrapy sets it so too
        self._recorder: Recorder | None = getattr(crawler.spider, "run", None)
        self._guarded = not crawler.settings.getbool("PRIVATE_ADDRESSES")
        self._browser: BrowserHandler | None = None  # made by the first request that needs it

    async def download_request(self, request: Request) -> Response:
        """Fetch and record; errors are recorded too, then raised as Scrapy raises them."""
        if self._recorder is None:
            return await super().download_request(request)
        request.meta.pop(CAPTURED, None)
        request.meta.pop(RENDERED, None)
        if request.meta.get(RENDER):
            return await self._show(request, self._recorder)
        exchange = self._recorder.exchange(request)
        try:
            response = await self._fetch(request, exchange)
        except Exception as error:
            exchange.error = f"{type(error).__name__}: {error}".rstrip(": ")
            if exchange.received and not exchange.complete and exchange.truncated is None:
                timed_out = isinstance(error, DownloadTimeoutError)
                exchange.truncated = "time" if timed_out else "disconnect"
            request.meta[CAPTURED] = await self._recorder.record(exchange)
            if exchange.truncated == "length":
                limit = f"{request.url}: longer than {exchange.limit} bytes, kept up to there"
                raise DownloadCancelledError(limit) from error
            raise
        request.meta[CAPTURED] = await self._recorder.record(exchange)
        return response

    async def close(self) -> None:
        """End the browser, if there is one, and all connections."""
        if self._browser is not None:
            await self._browser.close()
        await super().close()

    async def _show(self, request: Request, recorder: "Recorder") -> Response:
        """Have the browser show it; errors before its own response are recorded too."""
        if self._browser is None:
            from newsbot.capture.browser import BrowserHandler

            self._browser = BrowserHandler(self._crawler, recorder)
        try:
            return await self._browser.show(request)
        except Exception as error:
            if CAPTURED not in request.meta:
                exchange = recorder.exchange(request)
                exchange.error = f"{type(error).__name__}: {error}".rstrip(": ")
                request.meta[CAPTURED] = await recorder.record(exchange)
            raise

    async def _fetch(self, request: Request, exchange: Exchange) -> Response:
        agent = _RecordingAgent(
            exchange,
            self._default_maxsize,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=0,  # the exchange keeps the limit, and what came before it
            warnsize=self._default_warnsize,
            fail_on_dataloss=True,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        if self._guarded:
            check_url(request.url)
            agent.resolver = GuardedResolver()
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except CannotResolveHostError as error:
            if agent.resolver is not None and agent.resolver.refused is not None:
                raise agent.resolver.refused from error
            raise


class _BoundedBody(BytesIO):
    """What Scrapy keeps of a body for the spider: the start. The exchange has all of it."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any) -> int:
        """Keep what still fits."""
        room = self._most - self.tell() if self._most else len(data)
        super().write(data[: max(0, room)])
        return len(data)


class _RecordingAgent(_ScrapyAgent):
    """Scrapy's agent for one request, whose headers carry the exchange down to the wire."""

    def __init__(self, exchange: Exchange, most: int, **options: Any) -> None:
        super().__init__(**options)
        self._exchange = exchange
        self._most = most
        self.resolver: GuardedResolver | None = None

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        deliver = txresponse.deliverBody

        def deliver_bounded(reader: Any) -> None:
            reader._bodybuf = _BoundedBody(self._most)  # noqa: SLF001 - a body may be of any size
            deliver(reader)

        txresponse.deliverBody = deliver_bounded
        return super()._cb_bodyready(txresponse, request)

    def _get_agent(self, request: Request, timeout: float) -> "Agent":
        agent = super()._get_agent(request, timeout)
        if self.resolver is not None and not request.meta.get("proxy"):
            guard_endpoints(agent, self.resolver)
        send = agent.request

        def send_tagged(
            method: bytes,
            uri: bytes,
            headers: Any = None,
            bodyProducer: Any = None,  # noqa: N803
        ) -> Any:
            return send(method, uri, tag(headers, self._exchange), bodyProducer)

        agent.request = send_tagged  # type: ignore[method-assign]
        return agent
