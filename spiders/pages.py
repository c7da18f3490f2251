"""One page as the spiders meet it: asked for, shown in a browser, read, written down."""

from typing import Any, cast

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsbot.capture.recorder import CAPTURED, RENDER, RENDERED
from newsbot.crawl.run import SEEN, Run
from newsbot.errors import AddressRefused, CaptureError, ExtractionFailed
from newsbot.extract.urls import kind_of
from newsbot.models import Extraction
from newsbot.warc.records import Captured

TRIES = {"feed": 2, "list": 2}  # workers that may die on a page: all that is behind it hangs on it
FIRST = TRIES.keys()  # and it is read before what waits, or nothing is left to fetch meanwhile


class PageSpider(Spider):
    """Asks for pages of a site and has them read; what becomes of each is in the run's log."""

    def __init__(self, run: Run, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.site = run.site
        self.allowed_domains = list(run.site.hosts)

    def request(
        self, url: str, callback: Any, role: str, *, priority: int,
        cb_kwargs: dict[str, Any] | None = None, **meta: Any,
    ) -> Request:  # fmt: skip
        """A request in a role (feed, list, article, next_page), for the browser where due."""
        if role != "feed" and self._is_rendered(url):
            meta[RENDER] = True
        return Request(
            url,
            callback=callback,
            errback=self.failed,
            cb_kwargs=cb_kwargs or {},
            priority=priority,
            meta={"role": role, **meta},
            headers={"Referer": meta["discovered_from"]} if meta.get("discovered_from") else None,
            dont_filter=role != "article",
        )

    async def extract(self, response: Response, role: str) -> Extraction | None:
        """What the page says; None if it could not be read, which is written down."""
        at, rendering = record_of(response), response.meta.get(RENDERED)
        kind = response.headers.get("Content-Type")
        page = self.run.page(
            response.url, response.status, response.body, kind.decode("latin-1") if kind else None,
            at, rendering.dom if rendering else None,
        )  # fmt: skip
        self.run.answered += 1
        try:
            extraction = await self.run.extract(page, TRIES.get(role, 1), first=role in FIRST)
        except ExtractionFailed as error:
            seen = response.meta.get(SEEN)
            self.run.unread(at, seen and seen.url, error)
            return None
        more = await self._weighed(response, extraction)
        if role == "article":
            notes: dict[str, Any] = {"notes": extraction.notes} if extraction.notes else {}
            if extraction.unmatched is not None:
                notes["unmatched"] = extraction.unmatched
                notes["kind"] = kind_of(response.meta[SEEN].url, self.site)
            self.run.looked_at(at.record_id, response.meta[SEEN], "fetched", **notes, **more)
        elif role == "next_page":
            self.run.note(at.record_id, role, key=response.meta[SEEN].url, **more)
        else:
            self.run.note(at.record_id, role, links=len(extraction.links), **more)
        return extraction

    def failed(self, failure: Failure) -> None:
        """A request that came to nothing, after its retries; it stays in the record."""
        if isinstance(failure.value, CaptureError):
            self.run.stop(failure.value)
            return
        request = failure.request  # type: ignore[attr-defined]
        self.run.failed(request, cause_of(failure))
        self.logger.warning("%s: %s", request.url, cause_of(failure))

    # -- pages that need a browser -------------------------------------------------------------

    def _is_rendered(self, url: str) -> bool:
        """Whether the page is shown in a browser at once."""
        mode = self.site.render_of(url)
        known = self.site.pattern_of(url) in self.run.browser_patterns
        return self.run.can_render and (mode == "always" or (mode == "auto" and known))

    def may_render(self, response: Response) -> bool:
        """Whether a page that gave nothing is worth showing in a browser."""
        if response.meta.get(RENDER) or self.site.render_of(response.url) != "auto":
            return False
        if not self.run.can_render:
            self.run.problem("needs-browser: pages without an article, and no browser to show them")
        return self.run.can_render

    def rendered(self, response: Response) -> Request:
        """The same request once more, for the browser."""
        asked = cast("Request", response.request)
        self.run.note(record_of(response).record_id, "shell")
        return asked.replace(url=response.url, meta={**asked.meta, RENDER: True}, dont_filter=True)

    async def _weighed(self, response: Response, found: Extraction) -> dict[str, Any]:
        """In auto: whether the browser made a difference, for the next page of its pattern."""
        rendering = response.meta.get(RENDERED)
        if rendering is None or self.site.render_of(response.url) != "auto":
            return {}
        at, kind = record_of(response), "text/html"
        page = self.run.page(response.url, response.status, rendering.plain, kind, at)
        try:
            plain = await self.run.extract(page)
        except ExtractionFailed:
            return {}  # of the plain page nothing can be said
        has_something = bool(found.articles or found.links)
        needed = has_something and not (plain.articles or plain.links)
        pattern = self.site.pattern_of(response.url)
        (self.run.browser_patterns.add if needed else self.run.browser_patterns.discard)(pattern)
        return {"rendering": {"pattern": pattern, "needed": needed}}


def record_of(response: Response) -> Captured:
    """Where the response was recorded."""
    captured = response.meta.get(CAPTURED)
    if not isinstance(captured, Captured):
        raise TypeError(f"{response.url} was not recorded; is its download handler ours?")
    return captured


def cause_of(failure: Failure) -> str:
    """What a request came to, as the log and the ledger name it."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    if isinstance(error, AddressRefused):
        return "address-refused"
    if isinstance(error, IgnoreRequest):
        return "robots-forbidden" if "robots.txt" in str(error) else f"refused: {error}"
    return type(error).__name__
