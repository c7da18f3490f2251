"""The second download path: pages that need a browser, rendered by scrapy-playwright in Chromium.

Imported by the first request that needs it, so that sites without such pages do not load
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
from newsbot.capture.terminator import TlsTerminator
from newsbot.errors import AddressRefused, BrowserError
from newsbot.sites.access import SiteAccess

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)
logging.getLogger("scrapy-playwright").setLevel(
    logging.ERROR
)  # we report the same errors, without tracebacks

Result = TypeVar("Result")

_VIEWPORT = {"width": 1280, "height": 900}


class PageCrashed(DownloadFailedError):
    """The page or its browser crashed while rendering; the request can be retried."""


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """Renders pages, a few at once, and returns their DOM as responses, with their records."""

    def __init__(self, crawler: "Crawler", recorder: Recorder) -> None:
        super().__init__(crawler)
        self._recorder = recorder
        self._rules = rules = recorder.browser
        self._guarded = not crawler.settings.getbool("PRIVATE_ADDRESSES")
        self._verify = crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        self._program = Path(crawler.settings["CHROMIUM"])
        self._terminator = self._terminator_of(recorder.access)
        self._proxy = FilteringProxy(_upstream, self._guarded, rules.blocks, self._terminator)
        self._slots = asyncio.Semaphore(rules.pages)
        self._starting = asyncio.Lock()
        self._started = False
        self._closing = asyncio.Event()
        self._memory_watch: tuple[Any, asyncio.Task[None]] | None = None  # of which browser
        self._context_numbers = count()
        self._is_given_up = False
        self._captures: dict[Page, PageCapture] = {}
        self.process_request_headers = None  # the browser sends its own, with our User-Agent
        self.abort_request = self._is_blocked

    async def render(self, request: Request) -> Response:
        """Return the page as it is after its scripts have run.

        Raises:
            AddressRefused: the page or a redirect leads to a forbidden address.
            IgnoreRequest: the page navigated to a URL that robots.txt or the seed forbids.
            DownloadTimeoutError, DownloadFailedError: as for plain requests.
        """
        if self._guarded:
            check_url(request.url)
        async with self._slots:
            if self._is_given_up:
                raise PageCrashed(f"{request.url}: the crawl was stopped before")
            await self._start()
            capture = PageCapture(self._recorder, request, self._rules, self._proxy)
            context = f"page-{next(self._context_numbers)}"
            request.meta.update(self._playwright_meta(request, context, capture))
            try:
                return await self._rendered(request, capture)
            except (PlaywrightError, TimeoutError, DownloadFailedError) as error:
                raise self._translated(error, request, capture) from error
            finally:
                await self._close_context(request, context, capture)

    def give_up(self) -> None:
        """End the pages in progress as if they had crashed, and begin no other."""
        self._is_given_up = True
        for capture in self._captures.values():
            capture.crashed.set()

    async def close(self) -> None:
        """Close the browser and its proxy."""
        self._closing.set()
        if self._memory_watch is not None:
            await self._memory_watch[1]
        if self._started:
            await super().close()
            await self._proxy.close()

    # -- the browser -------------------------------------------------------------------------

    async def _start(self) -> None:
        async with self._starting:
            if not self._started:
                await self._proxy.start()
                self._configure()
                await self._launch()
                self._started = True
            try:
                await self._maybe_launch_browser()
            except PlaywrightError as error:
                raise BrowserError(
                    f"{self._program} does not start: {error.message.splitlines()[0]}; run it "
                    "with --version in a shell to see why"
                ) from error
            if self._memory_watch is None or self._memory_watch[0] is not self.browser:
                watch = chromium.limit_memory(self.browser, self._rules.memory, self._closing)
                self._memory_watch = self.browser, asyncio.ensure_future(watch)

    def _terminator_of(self, access: SiteAccess) -> TlsTerminator | None:
        """Return what verifies hosts by the seed's CA file; None where nothing does."""
        if access.ca_file is None or not self._verify:
            return None
        return TlsTerminator(access)

    def _configure(self) -> None:
        accepted = None if self._terminator is None else self._terminator.key_hash
        self.config.launch_options = {
            "executable_path": str(self._program),
            "args": chromium.arguments(self._rules.memory, accepted),
            "env": chromium.environment(),
            "proxy": {
                "server": self._proxy.url,
                "username": self._proxy.username,
                "password": self._proxy.password,
            },
            "handle_sigint": False,  # the crawl handles signals, and closes the browser itself
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        self.config.target_closed_max_retries = 0  # Scrapy retries, and counts retries
        self.config.navigation_timeout_ms = self._rules.timeout * 1000

    def _playwright_meta(
        self, request: Request, context: str, capture: PageCapture
    ) -> dict[str, Any]:
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

    def _is_blocked(self, page_request: Any) -> bool:
        """Return whether a page's request must not be sent; called by scrapy-playwright."""
        if _is_of_new_page(page_request):
            return False
        capture = self._captures.get(page_request.frame.page)
        return capture is not None and capture.blocks(page_request)

    # -- one page ----------------------------------------------------------------------------

    async def _rendered(self, request: Request, capture: PageCapture) -> Response:
        async with asyncio.timeout(self._rules.timeout):
            await _unless_crashed(capture, self._download_request(request))
        if capture.page is None:
            raise PageCrashed(f"{request.url}: Playwright did not attach to the page")
        with suppress(TimeoutError):  # the page is taken as it is by then
            async with asyncio.timeout(self._rules.timeout):
                await _unless_crashed(capture, capture.settle())
        dom, dom_record = await _unless_crashed(capture, capture.finish())
        if capture.denied is not None:
            raise IgnoreRequest(f"the page navigated to a forbidden URL: {capture.denied}")
        if capture.main is None:
            raise PageCrashed(f"{request.url}: the browser loaded no main document")
        response, captured = capture.main
        request.meta[CAPTURED] = captured
        request.meta[RENDERED] = Rendering(dom_record, capture.unrendered)
        headers = Headers(await response.all_headers())
        for name in ("Content-Encoding", "Transfer-Encoding", "Content-Length"):
            headers.pop(name, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        url = response.url.partition("#")[0]
        return HtmlResponse(
            url, response.status, headers, dom, ["rendered"], request, encoding="utf-8"
        )

    def _translated(self, error: Exception, request: Request, capture: PageCapture) -> Exception:
        """Return the error as the type that the plain download path raises for it."""
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        refused = capture.navigation_refusal()
        if refused is not None:
            return AddressRefused(str(refused))
        if capture.denied is not None:
            return IgnoreRequest(f"the page navigated to a forbidden URL: {capture.denied}")
        if isinstance(error, PlaywrightTimeout | TimeoutError):
            return DownloadTimeoutError(f"{request.url}: {text}")
        if isinstance(error, DownloadFailedError):
            return error
        if capture.crashed.is_set() or "closed" in text or "crashed" in text:
            return PageCrashed(f"{request.url}: the page crashed or was closed: {text}")
        return DownloadFailedError(f"{request.url}: {text}")

    async def _close_context(self, request: Request, context: str, capture: PageCapture) -> None:
        """Record the page's outstanding responses, then close its context."""
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
    """Await the work; raise at once when the page crashes, as Playwright may then never return."""
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


def _is_of_new_page(page_request: Any) -> bool:
    """Return whether the request belongs to a page that Playwright does not know yet."""
    try:
        return page_request.frame is None
    except PlaywrightError:
        return True


def _upstream(scheme: str, host: str) -> str | None:
    """Return the operator's proxy for the host, found as Scrapy finds it for plain requests."""
    return None if proxy_bypass(host) else getproxies().get(scheme)
