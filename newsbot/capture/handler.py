"""The download handler: fetches as Scrapy does, and records every exchange before returning it.

A response reaches the spider only after its record is in the WARC file. So an article's sources are
exact, and a full disk stops the crawl instead of losing pages.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _RequestBodyProducer,
    _ScrapyAgent,
    _TunnelingAgent,
)
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
)
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import make_response, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.web.iweb import UNKNOWN_LENGTH

from newsbot.capture.guard import check_url
from newsbot.capture.recorder import CAPTURED, RENDER, RENDERED, STOPPING, Recorder
from newsbot.capture.resolver import GuardedResolver, guard_endpoints
from newsbot.capture.trust import SitePolicy
from newsbot.capture.wire import BodyReceiver, ExchangeHeaders, RecordingFactory
from newsbot.errors import CrawlStopped
from newsbot.warc.exchange import Exchange

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.web.client import Agent

    from newsbot.capture.browser import BrowserHandler

logger = logging.getLogger(__name__)

_STOP_SECONDS = 3.0  # that requests in progress have to end by themselves when the crawl stops
_MAX_AGENTS = 64  # cached; one for each proxy, scheme and time-out


class RecordingHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler with connections that record.

    The recorder is that of the spider's run. Where the spider has no run (``scrapy shell``),
    requests are made in the same way, within the same guard, and nothing is recorded.
    """

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._pool._factory = RecordingFactory  # noqa: SLF001 - Scrapy sets it so too
        run = getattr(crawler.spider, "run", None)
        self._recorder: Recorder | None = None if run is None else run.recording
        self._guarded = not crawler.settings.getbool("PRIVATE_ADDRESSES")
        self._resolver = GuardedResolver()
        verifies = crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        if self._recorder is not None and self._recorder.access.ca_file is not None and verifies:
            policy = SitePolicy(self._contextFactory, self._recorder.access)
            self._contextFactory = cast("Any", policy)
        self._agents: dict[tuple[object, ...], Agent] = {}
        self._fail_on_loss = crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._browser: BrowserHandler | None = None  # made by the first request that needs it
        self._in_progress: set[Callable[[], None]] = set()  # what gives each request up
        self._cutting: asyncio.TimerHandle | None = None
        self._is_stopped = False
        crawler.signals.connect(self._stop, STOPPING)

    async def download_request(self, request: Request) -> Response:
        """Fetch and record; an error is recorded too, then raised as Scrapy raises it."""
        if self._recorder is None:
            return await self._fetch_unrecorded(request)
        request.meta.pop(CAPTURED, None)
        request.meta.pop(RENDERED, None)
        if request.meta.get(RENDER):
            return await self._render(request, self._recorder)
        exchange = self._recorder.new_exchange(request)
        try:
            response = await self._fetch(request, exchange)
        except Exception as error:
            exchange.error = f"{type(error).__name__}: {error}".rstrip(": ")
            if exchange.received and not exchange.complete and exchange.truncated is None:
                timed_out = isinstance(error, DownloadTimeoutError | CrawlStopped)
                exchange.truncated = "time" if timed_out else "disconnect"
            request.meta[CAPTURED] = await self._recorder.record(exchange)
            if exchange.truncated == "length":
                limit = f"{request.url}: longer than {exchange.limit} bytes; the rest was cut off"
                raise DownloadCancelledError(limit) from error
            raise
        if "dataloss" in response.flags:
            exchange.truncated = exchange.truncated or "disconnect"
        request.meta[CAPTURED] = await self._recorder.record(exchange)
        return response

    async def close(self) -> None:
        """Close the browser, if one was started, and all connections."""
        if self._cutting is not None:
            self._cutting.cancel()
        if self._browser is not None:
            await self._browser.close()
        await super().close()

    async def _fetch_unrecorded(self, request: Request) -> Response:
        exchange = Exchange(request.url, request.method, limit=self._default_maxsize)
        try:
            return await self._fetch(request, exchange)
        finally:
            exchange.close()

    def _stop(self) -> None:
        """Let requests in progress end, but not for long: the crawl stops."""
        if self._cutting is None:
            loop = asyncio.get_running_loop()
            self._cutting = loop.call_later(_STOP_SECONDS, self._cut)

    def _cut(self) -> None:
        self._is_stopped = True
        for give_up in list(self._in_progress):
            give_up()
        if self._browser is not None:
            self._browser.give_up()

    async def _render(self, request: Request, recorder: "Recorder") -> Response:
        """Fetch with the browser; an error before the page's response is recorded too."""
        if self._browser is None:
            from newsbot.capture.browser import BrowserHandler  # noqa: PLC0415 - Playwright, for rendered pages

            self._browser = BrowserHandler(self._crawler, recorder)
        try:
            return await self._browser.render(request)
        except Exception as error:
            if CAPTURED not in request.meta:
                exchange = recorder.new_exchange(request)
                exchange.error = f"{type(error).__name__}: {error}".rstrip(": ")
                request.meta[CAPTURED] = await recorder.record(exchange)
            if self._is_stopped:
                raise CrawlStopped(f"{request.url}: given up, as the crawl was stopped") from error
            raise

    async def _fetch(self, request: Request, exchange: Exchange) -> Response:
        """Fetch as Scrapy's handler does, with its agents, but with less work for each request.

        Sends no signals for heads and pieces of bodies, which nothing here uses, and leaves
        certificate and address out of the response: its record has them.
        """
        if self._guarded:
            check_url(request.url)
        seconds = request.meta.get("download_timeout") or self._timeout
        answered = self._send(request, exchange, seconds)
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            answered.cancel()

        timer = asyncio.get_running_loop().call_later(seconds, give_up)
        self._in_progress.add(give_up)
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(answered)
        except Exception as error:
            if late and self._is_stopped:
                raise CrawlStopped(f"{request.url}: cut, as the crawl was stopped") from error
            if late:
                message = f"Getting {request.url} took longer than {seconds} seconds."
                raise DownloadTimeoutError(message) from error
            if isinstance(error, CannotResolveHostError):
                refused = self._resolver.refused.get(urlsplit(request.url).hostname or "")
                if refused is not None:
                    raise refused from error
            raise
        finally:
            timer.cancel()
            self._in_progress.discard(give_up)

    def _send(self, request: Request, exchange: Exchange, seconds: float) -> "Deferred[Response]":
        agent = self._agent(request, seconds)
        headers = ExchangeHeaders(request.headers)
        headers.exchange = exchange
        if isinstance(agent, _TunnelingAgent):  # it was sent to the proxy with CONNECT
            headers.removeHeader(b"Proxy-Authorization")
        url = request.url.partition("#")[0]
        body = _RequestBodyProducer(request.body) if request.body else None
        answered: Deferred[Any] = agent.request(
            request.method.encode("ascii"), url.encode("ascii"), headers, cast("Any", body)
        )
        sent = time.monotonic()

        def receive(answer: Any) -> "Deferred[Response]":
            request.meta["download_latency"] = time.monotonic() - sent
            fails = request.meta.get("download_fail_on_dataloss", self._fail_on_loss)
            receiver = BodyReceiver(exchange, self._default_maxsize, fail_on_loss=fails)
            receiver.receive(answer)
            return receiver.finished.addCallback(partial(_response, url, answer))

        return answered.addCallback(receive)

    def _agent(self, request: Request, seconds: float) -> "Agent":
        """Return the agent for the request; agents are cached, as making one is slow."""
        proxy, address = request.meta.get("proxy"), request.meta.get("bindaddress")
        credentials = request.headers.get("Proxy-Authorization")
        key = (proxy, credentials, request.url.startswith("https"), address, seconds)
        agent = self._agents.get(key)
        if agent is None:
            factory = _ScrapyAgent(
                contextFactory=self._contextFactory,
                bindAddress=self._bind_address,
                pool=self._pool,
                crawler=self._crawler,
            )
            agent = factory._get_agent(request, seconds)  # noqa: SLF001
            if self._guarded and not proxy:
                guard_endpoints(agent, self._resolver)
            if len(self._agents) >= _MAX_AGENTS:
                self._agents.clear()
            self._agents[key] = agent
        return agent


def _response(url: str, answer: Any, content: tuple[bytes, list[str]]) -> Response:
    """Return Scrapy's response: headers sorted by name, the body without its framing."""
    body, flags = content
    headers = Headers()
    if answer.length != UNKNOWN_LENGTH:
        headers[b"Content-Length"] = b"%d" % answer.length
    headers.update(answer.headers.getAllRawHeaders())
    protocol, major, minor = answer.version
    return make_response(
        url=url,
        status=answer.code,
        headers=headers,
        body=body,
        flags=flags,
        protocol=f"{protocol.decode('ascii')}/{major}.{minor}",
    )
