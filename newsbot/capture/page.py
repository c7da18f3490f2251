"""One page in a browser: everything it loads is recorded, before the page is closed.

The handlers are attached before the page navigates. Its responses are read in tasks of their own,
and the page is closed only after the last of them has ended.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request

from newsbot.capture import loaded
from newsbot.capture.guard import check_url
from newsbot.capture.page_access import changed_headers, held_requests, set_cookies
from newsbot.capture.proxy import FilteringProxy
from newsbot.capture.recorder import PURPOSE, ROLE, Recorder
from newsbot.capture.screenshots import screenshot, thumbnail
from newsbot.errors import AddressRefused, NewsbotError
from newsbot.sites.seed import Browser
from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, ConsoleMessage, Page, Response
    from playwright.async_api import Request as PageRequest

logger = logging.getLogger(__name__)

QUIET = 0.5  # seconds without a request until the page counts as loaded, as in Playwright
LAST_STEPS = 15.0  # seconds for each of: the DOM, the screenshot, the bodies in progress
_MAX_OBSERVATIONS = 200  # of a kind: a busy page produces any number of them

_NEXT_SCREEN = """() => {
  const page = document.scrollingElement || document.documentElement;
  window.scrollBy(0, window.innerHeight);
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
    done(window.scrollY + window.innerHeight >= page.scrollHeight - 2 ? page.scrollHeight : 0))));
}"""

_RESOURCE = {ROLE: "resource"}  # what a page itself requests


class PageCapture:
    """The capture of one page: ``attach`` before the page navigates, ``finish`` at the end."""

    def __init__(
        self, recorder: Recorder, request: Request, rules: Browser, proxy: FilteringProxy
    ) -> None:
        self.page: Page | None = None
        self.crashed = asyncio.Event()
        self.denied: str | None = None  # why a navigation of the page was refused
        self.main: tuple[Response, Captured] | None = None
        self.unrendered: bytes = b""  # the main document as received, before any script
        self._recorder = recorder
        self._request = request
        self._rules = rules
        self._proxy = proxy
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_progress: set[PageRequest] = set()
        self._answered: set[PageRequest] = set()  # of them, those whose response has begun
        self._changed = asyncio.Event()
        self._ended = False  # no more requests are sent
        self._closed = False  # no more responses are recorded
        self._last = request.url  # of the page's last navigation
        self._observed: dict[str, list[Any]] = {
            "consoleErrors": [], "failedLoads": [], "refused": [], "popups": [], "dialogs": [],
            "notes": [],
        }  # fmt: skip

    # -- before ------------------------------------------------------------------------------

    async def attach(self, page: "Page") -> None:
        """Attach handlers to the page; close its pop-ups at once.

        Its scripts have no cookies, except where the seed gives the site some.
        """
        access = self._recorder.access
        self.page = page
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfinished", self._on_finished)
        page.on("requestfailed", self._on_failed)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._observe("consoleErrors", str(error)))
        page.context.on("page", lambda popup: self._spawn(self._close_popup(popup)))
        await page.context.route(
            "**", lambda route: route.abort()
        )  # of pop-ups: this page has handlers of its own
        page.on("dialog", lambda dialog: self._spawn(self._dismiss(dialog)))
        page.on("crash", lambda _page: self.crashed.set())
        session = await page.context.new_cdp_session(page)
        disabled = {"disabled": not access.cookies}
        await session.send("Emulation.setDocumentCookieDisabled", disabled)
        await set_cookies(page.context, access)
        tree = await session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        session.on(
            "Fetch.requestPaused",
            lambda event: self._spawn(self._continue(session, event, frame)),
        )
        # Playwright's own routes do not see the hops of a redirect; Fetch events do.
        await session.send("Fetch.enable", {"patterns": held_requests(access)})

    def blocks(self, request: "PageRequest") -> bool:
        """Return whether a request of the page must not be sent; record a blocked host."""
        if self._ended:
            return True
        host = urlsplit(request.url).hostname or ""
        if not self._rules.blocks(host):
            return False
        self._observe("refused", request.url)
        self._recorder.record_refusal(request.url, "resource", "blocked-host")
        return True

    # -- while it loads ------------------------------------------------------------------------

    async def settle(self) -> None:
        """Wait for the seed's selectors, scroll down, click its buttons, and let all of it load.

        A page that never settles is taken as it is at the time-out.
        """
        page = self._page()
        for selector in self._rules.wait_for:
            try:
                limit = self._rules.settle * 1000
                await page.wait_for_selector(selector, state="attached", timeout=limit)
            except PlaywrightTimeout:
                self._observe("notes", f"wait_for: {selector} did not appear")
        await self._wait_until_quiet()
        height = -1
        for _ in range(self._rules.scrolls):
            bottom = await page.evaluate(_NEXT_SCREEN)
            await self._wait_until_quiet()
            if bottom and bottom == height:
                break  # at the end, and nothing was added since
            height = bottom
        clicks = 0
        while clicks < self._rules.clicks and await self._click_button(page):
            clicks += 1
            await self._wait_until_quiet()
        await page.evaluate("() => window.scrollTo(0, 0)")

    async def _click_button(self, page: "Page") -> bool:
        """Click the first button of the seed that is visible; return whether there was one."""
        for selector in self._rules.click:
            button = page.locator(f"css={selector} >> visible=true").first
            if not await button.count() or await button.is_disabled():
                continue
            try:
                await button.click(timeout=self._rules.settle * 1000, no_wait_after=True)
            except PlaywrightTimeout:
                self._observe("notes", f"click: {selector} could not be clicked")
                continue
            return True
        return False

    async def _wait_until_quiet(self) -> None:
        """Wait until no request is in progress for a while, or for the seed's time at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.settle):
                while True:
                    self._changed.clear()
                    try:
                        async with asyncio.timeout(None if self._in_progress else QUIET):
                            await self._changed.wait()
                    except TimeoutError:
                        if not self._in_progress:
                            return
                        raise
            return
        if "never settled" not in self._observed["notes"]:
            self._observe("notes", "never settled")

    # -- at the end ----------------------------------------------------------------------------

    async def finish(self) -> tuple[bytes, Captured]:
        """Record DOM, screenshot and observations; return the DOM in UTF-8 and its record.

        Raises:
            TimeoutError: the page does not respond, or was not loaded.
            playwright.async_api.Error: the page was closed.
        """
        page = self._page()
        async with asyncio.timeout(LAST_STEPS):
            dom = (await page.content()).encode("utf-8", "replace")
        pictures = await self._pictures(page)
        await self.drain()
        if self.main is None:
            raise TimeoutError("the browser loaded no main document")
        response, captured = self.main
        url, of = response.url.partition("#")[0], captured.record_id
        dom_record = await self._recorder.record_resource(
            f"urn:dom:{url}", "text/html; charset=utf-8", dom, of
        )
        for name, picture in pictures.items():
            await self._recorder.record_resource(f"urn:{name}:{url}", "image/jpeg", picture, of)
        observed = {name: values for name, values in self._observed.items() if values}
        # Not under the page's own URL: replay would show it as a later capture of the page.
        await self._recorder.record_details(f"urn:pageinfo:{url}", observed, of)
        return dom, dom_record

    async def drain(self) -> None:
        """Block new requests of the page, and wait for its responses in progress.

        What does not end in time is recorded as far as it came, or as unanswered.
        """
        self._ended = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.settle):
                while self._in_progress and not self._closed and not self.crashed.is_set():
                    self._changed.clear()
                    await self._changed.wait()
        self._closed = True
        for request in self._in_progress:
            self._observe("failedLoads", [request.url, "not finished"])
            if request not in self._answered:
                self._spawn(self._record_unanswered(request))
        self._in_progress.clear()
        while self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_STEPS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.gather(*late, return_exceptions=True)

    async def _pictures(self, page: "Page") -> dict[str, bytes]:
        """Return the screenshot and the thumbnail, by their names; fewer where there is none."""
        taken: dict[str, bytes] = {}
        try:
            taken["view"] = await screenshot(page, LAST_STEPS)
            async with asyncio.timeout(LAST_STEPS):
                taken["thumbnail"] = await thumbnail(page)
        except (Error, TimeoutError) as error:
            self._observe("notes", f"no screenshot: {str(error).partition(chr(10))[0]}")
        return taken

    def navigation_refusal(self) -> AddressRefused | None:
        """Return why the host of the page's last navigation was refused; None if it was not."""
        return self._proxy.refused.get(urlsplit(self._last).hostname or "")

    # -- events of the browser -----------------------------------------------------------------

    def _on_request(self, request: "PageRequest") -> None:
        self._in_progress.add(request)
        self._changed.set()
        if request.is_navigation_request() and self._is_main(request):
            self._last = request.url

    def _on_finished(self, request: "PageRequest") -> None:
        self._in_progress.discard(request)
        self._answered.discard(request)
        self._changed.set()

    def _on_failed(self, request: "PageRequest") -> None:
        self._on_finished(request)
        if self._ended:
            return
        host = urlsplit(request.url).hostname or ""
        if self._rules.blocks(host):
            return  # recorded by ``blocks``
        if host in self._proxy.refused:
            self._observe("refused", request.url)
            if not request.is_navigation_request():
                self._recorder.record_refusal(request.url, "resource", "address-refused")
        else:
            self._observe("failedLoads", [request.url, request.failure or "failed"])

    def _on_response(self, response: "Response") -> None:
        if response.request in self._in_progress:
            self._answered.add(response.request)
        if 300 <= response.status < 400:
            self._on_finished(response.request)  # the browser follows with another request
        if not self._closed and urlsplit(response.url).scheme in ("http", "https"):
            self._spawn(self._record_response(response))

    async def _record_response(self, response: "Response") -> None:
        request = response.request
        is_main = request.is_navigation_request() and self._is_main(request)
        try:
            data = await loaded.read(response)
        except asyncio.CancelledError:  # ``drain`` waits no longer: what came is recorded
            data = loaded.read_unfinished(response)
        except Error as error:
            self._observe("failedLoads", [response.url, error.message.splitlines()[0]])
            data = loaded.read_unfinished(response)
        meta = self._request.meta
        purpose = {key: meta[key] for key in PURPOSE if key in meta} if is_main else _RESOURCE
        exchange = self._exchange(data.url, purpose, dict(data.request_headers))
        loaded.fill(exchange, data)
        exchange.tls_version = self._proxy.tls_version(_host_of(data.url)) or exchange.tls_version
        captured = await self._record(exchange)
        if captured is not None and is_main and not 300 <= response.status < 400:
            self.main, self.unrendered = (response, captured), data.body or b""

    async def _record_unanswered(self, request: "PageRequest") -> None:
        """Record a request that has no response yet; of the page itself the handler does."""
        if request.url == self._request.url and self._is_main(request):
            return
        exchange = self._exchange(request.url.partition("#")[0], _RESOURCE, request.headers)
        await self._record(loaded.fill_unanswered(exchange, request))

    def _exchange(
        self, url: str, purpose: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Exchange:
        referrer = {k: v for k, v in headers.items() if k.lower() == "referer"}
        request = Request(url, meta=dict(purpose), headers=referrer)
        exchange = self._recorder.new_exchange(request)
        exchange.ip_address = self._proxy.addresses.get(_host_of(url))
        return exchange

    async def _record(self, exchange: Exchange) -> Captured | None:
        """Write the exchange, or stop the crawl if it cannot be written."""
        try:
            return await self._recorder.record(exchange)
        except NewsbotError as error:
            self._recorder.stop(error)
            return None

    async def _continue(self, session: "CDPSession", event: dict[str, Any], frame: str) -> None:
        """Let a request go on, or fail it where the page must not navigate to its URL."""
        request, url = event["request"], event["request"]["url"]
        is_main = event["resourceType"] == "Document" and event["frameId"] == frame
        why = None
        if is_main and urlsplit(url).scheme in ("http", "https"):
            self._last = url
            why = self._address_refusal(url) or await self._recorder.navigation_refusal(url)
        paused = {"requestId": event["requestId"]}
        with suppress(Error):  # the page has navigated again, or was closed
            if why is None:
                changes = changed_headers(self._recorder.access, request)
                await session.send("Fetch.continueRequest", {**paused, **changes})
            else:
                self.denied = why
                self._observe("refused", url)
                self._recorder.record_refusal(url, "page", why)
                await session.send(
                    "Fetch.failRequest", {**paused, "errorReason": "BlockedByClient"}
                )

    def _address_refusal(self, url: str) -> str | None:
        """Return why the URL's host is forbidden, as far as its name alone shows."""
        if not self._proxy.guarded:
            return None
        try:
            check_url(url)
        except AddressRefused as error:
            self._proxy.refused[urlsplit(url).hostname or ""] = error
            return "address-refused"
        return None

    def _on_console(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self._observe("consoleErrors", message.text)

    async def _close_popup(self, popup: "Page") -> None:
        self._observe("popups", popup.url)
        with suppress(Error):
            await popup.close()

    async def _dismiss(self, dialog: Any) -> None:
        self._observe("dialogs", f"{dialog.type}: {dialog.message}")
        with suppress(Error):
            await dialog.dismiss()

    # -- shared by the above -------------------------------------------------------------------

    def _page(self) -> "Page":
        if self.page is None:
            raise RuntimeError("PageCapture.attach was not called")
        return self.page

    def _is_main(self, request: "PageRequest") -> bool:
        return request.frame == self._page().main_frame

    def _observe(self, kind: str, value: Any) -> None:
        if len(self._observed[kind]) < _MAX_OBSERVATIONS:
            self._observed[kind].append(value[:1000] if isinstance(value, str) else value)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s: %s", self._request.url, error, exc_info=error)


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""
