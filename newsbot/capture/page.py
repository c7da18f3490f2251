"""One page in a browser: what it loads is recorded as it comes, and nothing is left behind.

The page is watched before it goes anywhere. Its responses are read in tasks of their own, and the
page is closed only after the last of them has ended.
"""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request

from newsbot.capture import loaded
from newsbot.capture.guard import check_url
from newsbot.capture.proxy import FilteringProxy
from newsbot.capture.recorder import PURPOSE, ROLE, Recorder
from newsbot.errors import AddressRefused, NewsbotError
from newsbot.sites.seed import Browser
from newsbot.warc.records import Captured

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, ConsoleMessage, Page, Response
    from playwright.async_api import Request as Asked

logger = logging.getLogger(__name__)

QUIET = 0.5  # seconds without a request that count as "loads no more" (Playwright's networkidle)
LAST_STEPS = 15.0  # seconds for each of: the DOM, the screenshot, the bodies still under way
TALLEST = 16_384  # pixels of a screenshot: more, and Chromium gives a blank one
_MOST_MESSAGES = 200  # of a kind: a busy page has no end of them

_NEXT_SCREEN = """() => {
  const page = document.scrollingElement || document.documentElement;
  window.scrollBy(0, window.innerHeight);
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
    done(window.scrollY + window.innerHeight >= page.scrollHeight - 2 ? page.scrollHeight : 0))));
}"""

RESOURCE = {ROLE: "resource"}  # what a page itself asks for


class PageCapture:
    """The capture of one page; ``attach`` before the page goes anywhere, ``finish`` at the end."""

    def __init__(
        self, recorder: Recorder, request: Request, rules: Browser, proxy: FilteringProxy
    ) -> None:
        self.page: Page | None = None
        self.crashed = asyncio.Event()
        self.denied: str | None = None  # why the page was not let go where it wanted to
        self.main: tuple[Response, Captured] | None = None
        self.plain: bytes = b""  # the main document as it came, before any script
        self._recorder = recorder
        self._request = request
        self._rules = rules
        self._proxy = proxy
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: set[Asked] = set()
        self._changed = asyncio.Event()
        self._ended = False  # no more requests
        self._closed = False  # no more responses
        self._last = request.url  # where the page itself went last
        self._seen: dict[str, list[Any]] = {
            "consoleErrors": [], "failedLoads": [], "refused": [], "popups": [], "dialogs": [],
            "notes": [],
        }  # fmt: skip

    # -- before ------------------------------------------------------------------------------

    async def attach(self, page: "Page") -> None:
        """Watch the page; scripts may not read or set cookies, pop-ups close at once."""
        self.page = page
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfinished", self._done)
        page.on("requestfailed", self._failed)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note("consoleErrors", str(error)))
        page.context.on("page", lambda popup: self._spawn(self._close_popup(popup)))
        await page.context.route("**", lambda route: route.abort())  # of any page but this one
        page.on("dialog", lambda dialog: self._spawn(self._dismiss(dialog)))
        page.on("crash", lambda _page: self.crashed.set())
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
        tree = await session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        session.on(
            "Fetch.requestPaused",
            lambda event: self._spawn(self._navigates(session, event, frame)),
        )
        # Playwright's own hook does not see the hops of a redirect; this one does.
        documents = [{"urlPattern": "*", "resourceType": "Document"}]
        await session.send("Fetch.enable", {"patterns": documents})

    def blocks(self, asked: "Asked") -> bool:
        """Return whether a request of the page is not to be made."""
        if self._ended:
            return True
        host = urlsplit(asked.url).hostname or ""
        if not self._rules.blocks(host):
            return False
        self._note("refused", asked.url)
        self._recorder.record_refusal(asked.url, "resource", "blocked-host")
        return True

    # -- while it loads ------------------------------------------------------------------------

    async def settle(self) -> None:
        """Wait for what the seed asks for, scroll down, and wait until nothing is loaded any more.

        A page that never settles is taken as it is then.
        """
        page = self._page()
        for selector in self._rules.wait_for:
            try:
                limit = self._rules.settle * 1000
                await page.wait_for_selector(selector, state="attached", timeout=limit)
            except PlaywrightTimeout:
                self._note("notes", f"wait_for: {selector} did not come")
        await self._quiet()
        height = -1
        for _ in range(self._rules.scrolls):
            bottom = await page.evaluate(_NEXT_SCREEN)
            await self._quiet()
            if bottom and bottom == height:
                break  # at the end, and nothing was added to it
            height = bottom
        await page.evaluate("() => window.scrollTo(0, 0)")

    async def _quiet(self) -> None:
        """Until no request was under way for a while; at the most as long as the seed says."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.settle):
                while True:
                    self._changed.clear()
                    try:
                        async with asyncio.timeout(None if self._under_way else QUIET):
                            await self._changed.wait()
                    except TimeoutError:
                        if not self._under_way:
                            return
                        raise
            return
        if "never settled" not in self._seen["notes"]:
            self._note("notes", "never settled")

    # -- at the end ----------------------------------------------------------------------------

    async def finish(self) -> tuple[bytes, Captured]:
        """Return the DOM in UTF-8 and its record; everything else is recorded as well by then.

        Raises:
            TimeoutError: the page does not answer.
            playwright.async_api.Error: it has gone.
        """
        page = self._page()
        async with asyncio.timeout(LAST_STEPS):
            dom = (await page.content()).encode("utf-8", "replace")
        picture = await self._picture(page)
        await self.drain()
        if self.main is None:
            raise TimeoutError("the page itself was not loaded")
        response, captured = self.main
        url, of = response.url.partition("#")[0], captured.record_id
        kept = await self._recorder.record_resource(
            f"urn:dom:{url}", "text/html; charset=utf-8", dom, of
        )
        if picture is not None:
            await self._recorder.record_resource(f"urn:view:{url}", "image/jpeg", picture, of)
        seen = {name: values for name, values in self._seen.items() if values}
        # Not under the page's own URL: replay would take it for a later capture of the page.
        await self._recorder.record_details(f"urn:pageinfo:{url}", seen, of)
        return dom, kept

    async def drain(self) -> None:
        """Let the page ask for no more, and wait for what it has asked for and is being read."""
        self._ended = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.settle):
                while self._under_way and not self._closed and not self.crashed.is_set():
                    self._changed.clear()
                    await self._changed.wait()
        self._closed = True
        while self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_STEPS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.gather(*late, return_exceptions=True)
        for asked in self._under_way:
            self._note("failedLoads", [asked.url, "not finished"])

    async def _picture(self, page: "Page") -> bytes | None:
        try:
            size = await page.evaluate(
                "() => [document.documentElement.scrollWidth, "
                "document.documentElement.scrollHeight]"
            )
            clip = {
                "x": 0,
                "y": 0,
                "width": max(1, size[0]),
                "height": max(1, min(size[1], TALLEST)),
            }
            return await page.screenshot(
                full_page=True,
                type="jpeg",
                quality=80,
                animations="disabled",
                clip=clip,  # type: ignore[arg-type]
                timeout=LAST_STEPS * 1000,
            )
        except Error as error:
            self._note("notes", f"no screenshot: {error.message.splitlines()[0]}")
            return None

    def navigation_refusal(self) -> AddressRefused | None:
        """Return the refusal of a host that the page itself, or a redirect of it, went to."""
        return self._proxy.refused.get(urlsplit(self._last).hostname or "")

    # -- what the browser tells ----------------------------------------------------------------

    def _asked(self, asked: "Asked") -> None:
        self._under_way.add(asked)
        self._changed.set()
        if asked.is_navigation_request() and self._is_main(asked):
            self._last = asked.url

    def _done(self, asked: "Asked") -> None:
        self._under_way.discard(asked)
        self._changed.set()

    def _failed(self, asked: "Asked") -> None:
        self._done(asked)
        if self._ended:
            return
        host = urlsplit(asked.url).hostname or ""
        if self._rules.blocks(host):
            return  # it is noted
        if host in self._proxy.refused:
            self._note("refused", asked.url)
            if not asked.is_navigation_request():
                self._recorder.record_refusal(asked.url, "resource", "address-refused")
        else:
            self._note("failedLoads", [asked.url, asked.failure or "failed"])

    def _answered(self, response: "Response") -> None:
        if 300 <= response.status < 400:
            self._done(response.request)  # the browser goes on with another request
        if not self._closed and urlsplit(response.url).scheme in ("http", "https"):
            self._spawn(self._keep(response))

    async def _keep(self, response: "Response") -> None:
        """Record a response."""
        asked = response.request
        is_main = asked.is_navigation_request() and self._is_main(asked)
        try:
            told = await loaded.read(response)
        except Error as error:
            self._note("failedLoads", [response.url, error.message.splitlines()[0]])
            return
        meta = self._request.meta
        purpose = {key: meta[key] for key in PURPOSE if key in meta} if is_main else RESOURCE
        referrer = next((v for k, v in told.request_headers if k.lower() == "referer"), None)
        exchange = self._recorder.exchange(
            Request(told.url, meta=purpose, headers={"Referer": referrer} if referrer else {})
        )
        exchange.ip_address = self._proxy.addresses.get(urlsplit(told.url).hostname or "")
        try:
            captured = await self._recorder.record(loaded.fill(exchange, told))
        except NewsbotError as error:
            self._recorder.stop(error)
            return
        if is_main and not 300 <= response.status < 400:
            self.main, self.plain = (response, captured), told.body or b""

    async def _navigates(self, session: "CDPSession", event: dict[str, Any], frame: str) -> None:
        """Let a document load, unless it would take the page where it may not go."""
        url = event["request"]["url"]
        why = None
        if event["frameId"] == frame and urlsplit(url).scheme in ("http", "https"):
            self._last = url
            why = self._leads_away(url) or await self._recorder.navigation_refusal(url)
        asked = {"requestId": event["requestId"]}
        with suppress(Error):  # the page has gone on, or away
            if why is None:
                await session.send("Fetch.continueRequest", asked)
            else:
                self.denied = why
                self._note("refused", url)
                self._recorder.record_refusal(url, "page", why)
                await session.send("Fetch.failRequest", {**asked, "errorReason": "BlockedByClient"})

    def _leads_away(self, url: str) -> str | None:
        """Return why a page may not go to an address, as far as its name alone tells."""
        if not self._proxy.guarded:
            return None
        try:
            check_url(url)
        except AddressRefused as error:
            self._proxy.refused[urlsplit(url).hostname or ""] = error
            return "address-refused"
        return None

    def _console(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self._note("consoleErrors", message.text)

    async def _close_popup(self, popup: "Page") -> None:
        self._note("popups", popup.url)
        with suppress(Error):
            await popup.close()

    async def _dismiss(self, dialog: Any) -> None:
        self._note("dialogs", f"{dialog.type}: {dialog.message}")
        with suppress(Error):
            await dialog.dismiss()

    # -- small things --------------------------------------------------------------------------

    def _page(self) -> "Page":
        if self.page is None:
            raise RuntimeError("the page was not attached")
        return self.page

    def _is_main(self, asked: "Asked") -> bool:
        return asked.frame == self._page().main_frame

    def _note(self, what: str, value: Any) -> None:
        if len(self._seen[what]) < _MOST_MESSAGES:
            self._seen[what].append(value[:1000] if isinstance(value, str) else value)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
