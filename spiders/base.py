"""What the spiders share: the way from feeds and lists to articles.

A spider decides what to fetch next; what a page says is the extractor's to tell, what is known the
ledger's.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsbot.capture.handler import CAPTURED
from newsbot.capture.record import Captured
from newsbot.errors import AddressRefused, CaptureError, ExtractionFailed
from newsbot.extract import canonical_url, merge
from newsbot.models import Article, Extraction, Link
from newsbot.run.run import Run
from newsbot.sites import ListPage

MOST_PAGES = 30  # of one article: more is a pager that runs in circles
_DISCOVERY, _ARTICLES = 10, 0  # priorities: what there is is written down before it is fetched


class NewsSpider(Spider):
    """Walks one site: pending articles, feeds, lists back to the last completed walk, articles."""

    def __init__(self, run: Run, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.site = run.site
        self.allowed_domains = list(run.site.hosts)
        self._zone = ZoneInfo(run.site.time_zone)
        self._asked: set[str] = set()
        self._walked: defaultdict[str, set[str]] = defaultdict(set)  # by list, URLs of this walk
        self._left = run.options.limit

    async def start(self) -> AsyncIterator[Any]:
        """The first requests: one page if one was asked for, else all ways to find articles."""
        if self.run.options.url is not None:
            yield self._article_request(canonical_url(self.run.options.url, self.site), None)
            return
        for feed in self.site.feeds:
            yield self._request(feed, self.parse_feed, "feed", priority=_DISCOVERY)
        for walk in self.site.lists:
            yield self._list_request(walk.url, walk, number=1)
        if not self.run.options.backfill:
            for url, origin in self.run.ledger.pending(self.site.name):
                for request in self._wanted([url], origin):
                    yield request

    # -- feeds and lists -----------------------------------------------------------------------

    async def parse_feed(self, response: Response) -> AsyncIterator[Any]:
        """The articles that a feed names."""
        extraction = await self._extract(response, "feed")
        if extraction is None:
            return
        for note in extraction.notes:
            self.run.problem(f"{note}: {response.url}")
            self.logger.warning("%s: %s", response.url, note)
        for request in self._articles(extraction.links, response.url):
            yield request

    async def parse_list(
        self, response: Response, walk: ListPage, number: int
    ) -> AsyncIterator[Any]:
        """The articles that a page of a list names, and the list's next page if it is needed."""
        extraction = await self._extract(response, "list")
        if extraction is None:
            return
        for request in self._articles(extraction.links, response.url):
            yield request
        named = {canonical_url(link.url, self.site) for link in extraction.links}
        if not named and number == 1:
            self.run.problem(f"list-without-articles: {walk.url}")
            self.logger.warning("%s: no article found on this list page", response.url)
        elif self._left == 0:
            return  # interrupted: the walk is not completed, the next run walks it again
        elif self._is_over(walk, named, extraction):
            self._complete(walk)
        elif number >= walk.max_pages:
            self._capped(walk, number)
        else:
            yield self._list_request(str(extraction.next_page), walk, number + 1)

    def _is_over(self, walk: ListPage, named: set[str], extraction: Extraction) -> bool:
        """Whether the walk has come to the list's end, or to what lies before all that is wanted.

        A page ends the walk when every article on it was first seen before the last completed walk
        ended; one that a later, interrupted walk saw first does not count, so nothing behind it is
        hidden. In a backfill it does when every dated article on it is older than the span.
        """
        fresh = named - self._walked[walk.url]  # behind its end a list may repeat itself
        self._walked[walk.url] |= named
        if not fresh or extraction.next_page is None:
            return True
        if self.run.options.since is not None:
            days = [self._days(link)[1] for link in extraction.links if link.published_at]
            return bool(days) and max(days) < self.run.options.since
        last = self.run.ledger.last_walk(walk.url)
        if last is None or self.run.options.backfill:
            return False
        seen = self.run.ledger.states(named)
        return named <= seen.keys() and all(first <= last for _, first in seen.values())

    def _capped(self, walk: ListPage, number: int) -> None:
        if self.run.ledger.last_walk(walk.url) is not None and not self.run.options.backfill:
            self.run.problem(f"list-capped: {walk.url}")
            self.logger.warning(
                "%s: %d pages did not reach the last walk; stories may be missing: raise "
                "max_pages or crawl more often", walk.url, number,
            )  # fmt: skip
        self._complete(walk)

    def list_failed(self, failure: Failure) -> None:
        """A page behind a list's last one is not there: that is the list's end, not an error."""
        arguments = failure.request.cb_kwargs  # type: ignore[attr-defined]
        if arguments["number"] > 1 and _why(failure) in ("http-404", "http-410"):
            captured = failure.request.meta[CAPTURED]  # type: ignore[attr-defined]
            self.run.note(captured.record_id, "list", links=0)
            self._complete(arguments["walk"])
        else:
            self.failed(failure)

    def _complete(self, walk: ListPage) -> None:
        if not self.run.options.backfill:
            self.run.complete_walk(walk.url)

    # -- articles ------------------------------------------------------------------------------

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        """The article on a page, with its following pages."""
        extraction = await self._extract(response, "article")
        if extraction is None:
            return
        self.run.article_pages += 1
        if not extraction.articles:
            self.run.no_article += 1
            became = "empty" if extraction.kind == "empty" else "no-article"
            self.run.note(_captured(response).record_id, became)
            self.logger.warning("%s: %s", response.url, became)
        elif extraction.next_page is not None:
            yield self._next_page(extraction.next_page, response, extraction, ())
        else:
            for item in self.on_article(response, extraction):
                yield item

    async def parse_next_page(
        self,
        response: Response,
        first: Response,
        extraction: Extraction,
        pages: tuple[Article, ...],
    ) -> AsyncIterator[Any]:
        """A following page of an article."""
        found = await self._extract(response, "next_page")
        if found is None:  # half an article would pass for the whole one: the next run takes all
            why = f"{response.url} could not be read"
            record = _captured(first).record_id
            self.run.note(record, "extraction-failed", key=first.meta["key"], why=why)
            return
        pages += found.articles[:1]
        seen = {page.url for page in pages}
        if found.next_page is not None and len(pages) < MOST_PAGES and found.next_page not in seen:
            yield self._next_page(found.next_page, first, extraction, pages)
            return
        for item in self.on_article(first, _merged(extraction, pages)):
            yield item

    def on_article(self, response: Response, extraction: Extraction) -> Iterator[Any]:
        """The articles of a page, for the pipelines; a kind of spider may do more."""
        for article in extraction.articles:
            origin = response.meta.get("discovered_from")
            yield article.model_copy(update={"discovered_from": origin})

    # -- requests ------------------------------------------------------------------------------

    def _articles(self, links: tuple[Link, ...], origin: str) -> Iterator[Request]:
        return self._wanted(self._urls(links), origin)

    def _urls(self, links: Iterable[Link]) -> list[str]:
        """Canonical URLs of the links to articles of this site within the span asked for."""
        return [
            canonical_url(link.url, self.site)
            for link in links
            if self.site.is_article(link.url)
            and (link.published_at is None or any(map(self.run.options.wants, self._days(link))))
        ]

    def _wanted(self, urls: list[str], origin: str | None) -> Iterator[Request]:
        """Requests for those of the URLs that were never fetched; all are written down first."""
        states = self.run.see(urls, origin)
        for url in urls:
            if url in self._asked or states[url][0] != "pending":
                continue
            if self._left is not None:
                if self._left == 0:
                    self.run.limited = True
                    return
                self._left -= 1
            yield self._article_request(url, origin)

    def _article_request(self, url: str, origin: str | None) -> Request:
        self._asked.add(url)
        return self._request(
            url, self.parse_article, "article", key=url, discovered_from=origin, priority=_ARTICLES
        )

    def _list_request(self, url: str, walk: ListPage, number: int) -> Request:
        arguments = {"walk": walk, "number": number}
        request = self._request(
            url, self.parse_list, "list", priority=_DISCOVERY, cb_kwargs=arguments
        )
        return request.replace(errback=self.list_failed)

    def _next_page(
        self, url: str, first: Response, extraction: Extraction, pages: tuple[Article, ...]
    ) -> Request:
        arguments = {"first": first, "extraction": extraction, "pages": pages}
        request = self._request(
            url, self.parse_next_page, "next_page", priority=_ARTICLES, cb_kwargs=arguments
        )
        return request.replace(errback=self.next_page_failed)

    def _request(
        self, url: str, callback: Any, role: str, *, priority: int,
        cb_kwargs: dict[str, Any] | None = None, **meta: Any,
    ) -> Request:  # fmt: skip
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

    # -- what became of it ---------------------------------------------------------------------

    async def _extract(self, response: Response, role: str) -> Extraction | None:
        """What the page says; None if it could not be read, which is written down."""
        captured = _captured(response)
        kind = response.headers.get("Content-Type")
        page = self.run.page(
            response.url, response.status, response.body, kind.decode("latin-1") if kind else None,
            captured,
        )  # fmt: skip
        self.run.answered += 1
        try:
            extraction = await self.run.extract(page)
        except ExtractionFailed as error:
            self.run.unread(captured, response.meta.get("key"), error)
            return None
        if role == "article":
            notes = {"notes": extraction.notes} if extraction.notes else {}
            self.run.note(captured.record_id, "fetched", key=response.meta["key"], **notes)
        else:
            self.run.note(captured.record_id, role, links=len(extraction.links))
        return extraction

    def failed(self, failure: Failure) -> None:
        """A request that came to nothing, after its retries; it stays in the record."""
        if isinstance(failure.value, CaptureError):
            self.run.stop(failure.value)
            return
        request = failure.request  # type: ignore[attr-defined]
        self.run.failed(request, _why(failure))
        self.logger.warning("%s: %s", request.url, _why(failure))

    async def next_page_failed(self, failure: Failure) -> AsyncIterator[Any]:
        """A following page could not be had: the article is kept as far as it is known."""
        self.failed(failure)
        arguments = failure.request.cb_kwargs  # type: ignore[attr-defined]
        article = _merged(arguments["extraction"], arguments["pages"])
        short = article.articles[0].model_copy(
            update={"missing": (*article.articles[0].missing, "next_page")}
        )
        partial = _with_article(article, short)
        for item in self.on_article(arguments["first"], partial):
            yield item

    def _days(self, link: Link) -> tuple[date, date]:
        """The first and last day that the link's date may mean: "3 hours ago" is not exact."""
        if link.published_at is None:
            raise ValueError(f"{link.url} has no date")
        at = link.published_at.astimezone(self._zone)
        slack = timedelta(0) if link.date_only else timedelta(hours=1)
        return (at - slack).date(), (at + slack).date()


def _captured(response: Response) -> Captured:
    captured = response.meta.get(CAPTURED)
    if not isinstance(captured, Captured):
        raise TypeError(f"{response.url} was not recorded; is its download handler ours?")
    return captured


def _why(failure: Failure) -> str:
    error = failure.value
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    if isinstance(error, AddressRefused):
        return "address-refused"
    if isinstance(error, IgnoreRequest):
        return "robots-forbidden" if "robots.txt" in str(error) else f"refused: {error}"
    return type(error).__name__


def _merged(extraction: Extraction, pages: tuple[Article, ...]) -> Extraction:
    return _with_article(extraction, merge(extraction.articles[0], pages))


def _with_article(extraction: Extraction, article: Article) -> Extraction:
    return replace(extraction, articles=(article,))
