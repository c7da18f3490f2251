"""What a page has asked for and what does not end: recorded as far as it came."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from playwright.async_api import async_playwright
from scrapy import Request

from newsbot.capture import chromium, page
from newsbot.capture.page import PageCapture
from newsbot.capture.proxy import FilteringProxy
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import site_of
from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured
from tests.webserver import reply, serving

pytestmark = pytest.mark.browser

SEED = """
name = "lambat"
title = "A site that does not answer in time"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["http://127.0.0.1/rss"]
[urls]
article = "^/berita"
[browser]
settle = 0.5
"""
PAGE = "<html><body>Berita<script>fetch('/separuh'); fetch('/diam')</script></body></html>"


class Slow(BaseHTTPRequestHandler):
    """Holds one answer back, and the end of another, until ``over`` is set."""

    over: threading.Event
    asked: threading.Event  # for the one that it does not answer

    def do_GET(self) -> None:
        if self.path == "/diam":
            self.asked.set()
        if self.path == "/separuh":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"separuh")
        if self.path != "/berita":
            self.over.wait()
        else:
            reply(self, 200, PAGE)


class Records:
    """The recorder of a run, as far as a page needs it; keeps what it is given."""

    def __init__(self) -> None:
        self.access = SiteAccess.of(site_of(SEED, "the test's seed"), {})
        self.kept: dict[str, Exchange] = {}

    def new_exchange(self, request: Request) -> Exchange:
        return Exchange(request.url, request.method)

    async def record(self, exchange: Exchange) -> Captured:
        self.kept[exchange.url] = exchange
        exchange.close()
        at = exchange.started
        return Captured(exchange.url, "response", "file", 0, 0, at, 200, None, None, 0, at)

    async def record_resource(self, url: str, kind: str, content: bytes, of: str) -> Captured:
        return await self.record(Exchange(url, "GET"))

    async def record_details(self, url: str, content: Mapping[str, Any], of: str) -> None:
        """Nothing of it is looked at."""

    async def navigation_refusal(self, url: str) -> str | None:
        return None


@pytest.fixture
def slow() -> Iterator[tuple[str, threading.Event]]:
    made: Any = type("Made", (Slow,), {"over": threading.Event(), "asked": threading.Event()})
    with serving(made) as port:
        yield f"http://127.0.0.1:{port}", made.asked
        made.over.set()


async def captured(url: str, asked: threading.Event) -> dict[str, Exchange]:
    """What is recorded of the page, which is ended when both answers are awaited."""
    records = Records()
    made = PageCapture(
        records,  # type: ignore[arg-type]  # as far as it is needed
        Request(url), records.access.site.browser, FilteringProxy(guarded=False),
    )  # fmt: skip
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(chromium.find_browser(None)), args=["--no-sandbox"]
        )
        opened = await browser.new_page()
        await opened.route("**", lambda route: route.continue_())  # as scrapy-playwright does
        await made.attach(opened)
        async with opened.expect_response("**/separuh"):
            await opened.goto(url, wait_until="commit")
        await asyncio.to_thread(asked.wait)
        await made.finish()
        await browser.close()
    return records.kept


def test_what_the_server_was_asked_is_recorded_also_if_it_does_not_end(
    slow: tuple[str, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, asked = slow
    monkeypatch.setattr(page, "LAST_STEPS", 2.0)
    kept = asyncio.run(captured(f"{base}/berita", asked))
    assert kept[f"{base}/berita"].complete
    half, silent = kept[f"{base}/separuh"], kept[f"{base}/diam"]
    assert half.received
    assert half.truncated is not None
    assert silent.error == "NotFinished: no response until the page was closed"
    assert silent.request.startswith(b"GET /diam HTTP/1.1\r\n")
    assert silent.received == 0
