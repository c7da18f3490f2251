"""The second download path: pages that need a browser, shown by scrapy-playwright in Chromium.

Imported by the first request that asks for it, so that sites which need no browser do without
Playwright. Each page has a context of its own: no cookie, cache or storage outlives it.
"""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.request import getproxies, proxy_bypass

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from newsbot.capture import chromium
from newsbot.capture.guard import check_url
from newsbot.capture.page import LAST_STEPS, PageCapture
from newsbot.capture.proxy import FilteringProxy
from newsbot.capture.recorder import CAPTURED, RENDERED, Recorder, Rendering
from newsbot.errors import AddressRefused, BrowserError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # its tracebacks are our errors

Result = TypeVar("Result")

_VIEWPORT = {"width": 1280, "height": 900}


class PageCrashed(DownloadFailedError):
    """The page or its browser ended while it was shown; worth another try."""


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """Shows pages, a few at once, and hands on what they became, with its records."""

    def __init__(self, crawler: "Crawler", recorder: Recorder) -> None:
        super().__init__(crawler)
        self._recorder = recorder
        self._rules = rules = recorder.browser
        self._guarded = not crawler.settings.getbool("PRIVATE_ADDRESSES")
        self._verify = crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        self._program = Path(crawler.settings["CHROMIUM"])
        self._proxy = FilteringProxy(_upstream, self._guarded, rules.blocks)
        self._slots = asyncio.Semaphore(rules.pages)
        self._starting = asyncio.Lock()
        self._started = False
        self._ending = asyncio.Event()
        self._watched: tuple[Any, asyncio.Task[None]] | None = None  # a browser, and its watch
        self._names = count()
        self._captures: dict[Page, PageCapture] = {}
        self.process_request_headers = None  # the browser's own, with our User-Agent
        self.abort_request = self._aborts

    async def show(self, request: Request) -> Response:
        """Return the page as it stands after its scripts have run.

        Raises:
            AddressRefused: it, or a redirect of it, leads to an address that may not be reached.
            IgnoreRequest: it led to where robots.txt or the seed forbid.
            DownloadTimeoutError, DownloadFailedError: as for plain requests.
        """
        if self._guarded:
            check_url(request.url)
        async with self._slots:
            await self._start()
            capture = PageCapture(self._recorder, request, self._rules, self._proxy)
            context = f"page-{next(self._names)}"
            request.meta.update(self._asked(request, context, capture))
            try:
                return await self._shown(request, capture)
            except (PlaywrightError, TimeoutError, DownloadFailedError) as error:
                raise self._explained(error, request, capture) from error
            finally:
                await self._put_away(request, context, capture)

    async def close(self) -> None:
        """End the browser and its proxy."""
        self._ending.set()
        if self._watched is not None:
            await self._watched[1]
        if self._started:
            await super().close()
            await self._proxy.close()

    # -- the browser -------------------------------------------------------------------------

    async def _start(self) -> None:
        async with self._starting:
            if not self._started:
                await self._proxy.start()
                self._set_up()
                await self._launch()
                self._started = True
            try:
                await self._maybe_launch_browser()
            except PlaywrightError as error:
                raise BrowserError(
                    f"{self._program} does not start: {error.message.splitlines()[0]}; run it by "
                    "hand with --version to see why"
                ) from error
            if self._watched is None or self._watched[0] is not self.browser:
                work = chromium.watch(self.browser, self._rules.memory, self._ending)
                self._watched = self.browser, asyncio.ensure_future(work)

    def _set_up(self) -> None:
        self.config.launch_options = {
            "executable_path": str(self._program),
            "args": chromium.arguments(self._rules.memory),
            "env": chromium.environment(),
            "proxy": {
                "server": self._proxy.url,
                "username": self._proxy.username,
                "password": self._proxy.password,
            },
            "handle_sigint": False,  # a signal ends the crawl in order, and the crawl the browser
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        self.config.target_closed_max_retries = 0  # Scrapy's own retries do it, and count it
        self.config.navigation_timeout_ms = self._rules.timeout * 1000

    def _asked(self, request: Request, context: str, capture: PageCapture) -> dict[str, Any]:
        agent = request.headers.get("User-Agent")
        referrer = request.headers.get("Referer")

        async def attach(page: Page, _request: Request) -> None:
            await capture.attach(page)
            self._captures[page] = capture

        return {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": context,
            "playwright_context_kwargs": {
                "accept_downloads": False,
                "service_workers": "block",
                "permissions": [],
                "ignore_https_errors": not self._verify,
                "viewport": _VIEWPORT,
                **({"user_agent": agent.decode("latin-1")} if agent else {}),
            },
            "playwright_page_init_callback": attach,
            "playwright_page_goto_kwargs": {
                "wait_until": "domcontentloaded",
                **({"referer": referrer.decode("latin-1")} if referrer else {}),
            },
        }

    def _aborts(self, asked: Any) -> bool:
        """For scrapy-playwright: whether a page's request is not to be made."""
        capture = self._captures.get(asked.frame.page) if not _is_new(asked) else None
        return capture is not None and capture.blocks(asked)

    # -- one page ----------------------------------------------------------------------------

    async def _shown(self, request: Request, capture: PageCapture) -> Response:
        async with asyncio.timeout(self._rules.timeout):
            await _unless_crashed(capture, self._download_request(request))
        if capture.page is None:
            raise PageCrashed(f"{request.url}: the page could not be watched")
        with suppress(TimeoutError):  # what is there by then is the page
            async with asyncio.timeout(self._rules.timeout):
                await _unless_crashed(capture, capture.settle())
        dom, kept = await _unless_crashed(capture, capture.finish())
        if capture.denied is not None:
            raise IgnoreRequest(f"the page went where it may not: {capture.denied}")
        if capture.main is None:
            raise PageCrashed(f"{request.url}: the page itself was not loaded")
        response, captured = capture.main
        request.meta[CAPTURED] = captured
        request.meta[RENDERED] = Rendering(kept, capture.plain)
        headers = Headers(await response.all_headers())
        for name in ("Content-Encoding", "Transfer-Encoding", "Content-Length"):
            headers.pop(name, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        url = response.url.partition("#")[0]
        return HtmlResponse(
            url, response.status, headers, dom, ["rendered"], request, encoding="utf-8"
        )

    def _explained(self, error: Exception, request: Request, capture: PageCapture) -> Exception:
        """Return the error as the spider knows it from the plain path."""
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        refused = capture.navigation_refusal()
        if refused is not None:
            return AddressRefused(str(refused))
        if capture.denied is not None:
            return IgnoreRequest(f"the page went where it may not: {capture.denied}")
        if isinstance(error, PlaywrightTimeout | TimeoutError):
            return DownloadTimeoutError(f"{request.url}: {text}")
        if isinstance(error, DownloadFailedError):
            return error
        if capture.crashed.is_set() or "closed" in text or "crashed" in text:
            return PageCrashed(f"{request.url}: the browser's page ended: {text}")
        return DownloadFailedError(f"{request.url}: {text}")

    async def _put_away(self, request: Request, context: str, capture: PageCapture) -> None:
        """Close the page's context; what it still had to say is recorded before."""
        await capture.drain()
        if capture.main is not None:
            request.meta.setdefault(CAPTURED, capture.main[1])
        if capture.page is not None:
            self._captures.pop(capture.page, None)
        for name in [name for name in request.meta if name.startswith("playwright")]:
            del request.meta[name]
        wrapper = self.context_wrappers.get(context)
        if wrapper is not None:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(LAST_STEPS):
                    await wrapper.context.close()


async def _unless_crashed(capture: PageCapture, work: Awaitable[Result]) -> Result:
    """The result, or an error at once when the page crashes: Playwright may wait for ever then."""
    task = asyncio.ensure_future(work)
    crash = asyncio.ensure_future(capture.crashed.wait())
    try:
        await asyncio.wait({task, crash}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise PageCrashed("the page crashed")
    finally:
        crash.cancel()
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, PlaywrightError):
                await task


def _is_new(asked: Any) -> bool:
    """Return whether the request is that of a page which Playwright does not know yet."""
    try:
        return asked.frame is None
    except PlaywrightError:
        return True


def _upstream(scheme: str, host: str) -> str | None:
    """Return the operator's proxy, as Scrapy finds it for plain requests."""
    return None if proxy_bypass(host) else getproxies().get(scheme)
