"""What the spiders share: the way from feeds and lists to articles.

A spider decides what to fetch next; what a page says is the extractor's to tell, what is known the
ledger's.
"""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any, Self
from zoneinfo import ZoneInfo

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.capture.recorder import CAPTURED
from newsbot.crawl.middlewares.conditional import CONDITIONAL, WALK, not_modified
from newsbot.crawl.run import SEEN, Run
from newsbot.extract import canonical_url, merge
from newsbot.ledger.frontier import Seen
from newsbot.models import Article, Extraction, Link
from newsbot.sites.seed import ListPage
from spiders.pages import PageSpider, cause_of, record_of

MOST_PAGES = 30  # of one article: more is a pager that runs in circles
# Priorities: what there is is written down before it is fetched; what is new goes before the known.
_DISCOVERY, _ARTICLES, _RECHECKS = 10, 0, -10


class NewsSpider(PageSpider):
    """Walks one site: pending articles, feeds, lists back to the last completed walk, articles."""

    def __init__(self, run: Run, **kwargs: Any) -> None:
        super().__init__(run, **kwargs)
        self._zone = ZoneInfo(run.site.time_zone)
        self._asked: set[int] = set()  # hashes of URLs: a list may name 20,000
        self._walked: defaultdict[str, set[int]] = defaultdict(set)  # by list, those of this walk
        self._left = run.options.limit
        self._handed = 0  # articles that Scrapy has been given and that have not come yet
        self._new: deque[str] = deque()  # URLs that wait: Seen of them all would fill the memory
        self._known: deque[str] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's own, and what is to be done when it has nothing left to fetch."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """The first requests: one page if one was asked for, else all ways to find articles."""
        if self.run.options.url is not None:
            url = canonical_url(self.run.options.url, self.site)
            for request in self._wanted(self.run.see([url], None).values()):
                yield request
            return
        for feed in self.site.feeds:
            yield self._feed_request(feed)
        for walk in self.site.lists:
            yield self._list_request(walk.url, walk, number=1)
        if not self.run.options.backfill:
            for request in self._wanted([*self._pending(), *self._to_recheck()]):
                yield request

    def _pending(self) -> list[Seen]:
        due = None if self.run.options.recheck == "all" else self.run.started
        return self.run.ledger.pending(self.site.name, due)

    def _to_recheck(self) -> list[Seen]:
        if self.run.options.recheck == "none":
            return []
        due = None if self.run.options.recheck == "all" else self.run.started
        return self.run.ledger.to_recheck(self.site.name, due)

    # -- feeds and lists -----------------------------------------------------------------------

    async def parse_feed(self, response: Response) -> AsyncIterator[Any]:
        """The articles that a feed names; one that is not modified names nothing new."""
        if not_modified(response):
            self.run.answered += 1
            self.run.note(record_of(response).record_id, "feed")
            return
        extraction = await self.extract(response, "feed")
        if extraction is None:
            return
        for note in extraction.notes:
            self.run.problem(f"{note}: {response.url}")
            self.logger.warning("%s: %s", response.url, note)
        for request in self._articles(extraction.links, response.url):
            yield request
        if not self.run.options.backfill and not extraction.notes:  # a broken feed is asked again
            self.run.complete_walk(response.meta[WALK])

    async def parse_list(
        self, response: Response, walk: ListPage, number: int
    ) -> AsyncIterator[Any]:
        """The articles that a page of a list names, and the list's next page if it is needed.

        A page that is as a completed walk found it names nothing that is not known.
        """
        if not_modified(response):
            self.run.answered += 1
            self.run.note(record_of(response).record_id, "list")
            self._complete(walk)
            return
        extraction = await self.extract(response, "list")
        if extraction is None:
            return
        for request in self._articles(extraction.links, response.url):
            yield request
        if not extraction.links and self.may_render(response):
            yield self.rendered(response)
            return
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
        hashes = set(map(hash, named))
        fresh = hashes - self._walked[walk.url]  # behind its end a list may repeat itself
        self._walked[walk.url] |= hashes
        if not fresh or extraction.next_page is None:
            return True
        if self.run.options.since is not None:
            days = [self._days(link)[1] for link in extraction.links if link.published_at]
            return bool(days) and max(days) < self.run.options.since
        last = self.run.ledger.last_walk(walk.url)
        if last is None or self.run.options.backfill:
            return False
        seen = self.run.ledger.states(named)
        return named <= seen.keys() and all(one.first_seen <= last for one in seen.values())

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
        if arguments["number"] > 1 and cause_of(failure) in ("http-404", "http-410"):
            captured = failure.request.meta[CAPTURED]  # type: ignore[attr-defined]
            self.run.note(captured.record_id, "list", links=0)
            self._complete(arguments["walk"])
        else:
            self.failed(failure)

    def _complete(self, walk: ListPage) -> None:
        if not self.run.options.backfill:
            self.run.complete_walk(walk.url)

    # -- articles ------------------------------------------------------------------------------

    def failed(self, failure: Failure) -> None:
        """See ``PageSpider``."""
        super().failed(failure)
        if failure.request.callback == self.parse_article:  # type: ignore[attr-defined]
            self._has_come()

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        """The article on a page, with its following pages."""
        self._has_come()
        confirmed = not_modified(response)
        if confirmed:
            for request in self._unmodified(response, response, confirmed.following):
                yield request
            return
        extraction = await self.extract(response, "article")
        if extraction is None:
            return
        if not extraction.articles and self.may_render(response):
            yield self.rendered(response)
            return
        if not extraction.articles:
            self._unread(response, extraction)
            return
        self.run.article_pages += 1
        self.run.is_there(response.meta[SEEN])
        if extraction.next_page is not None:
            yield self._next_page(extraction.next_page, response, extraction, ())
        else:
            for item in self.on_article(response, extraction):
                yield item

    def _unread(self, response: Response, extraction: Extraction) -> None:
        seen: Seen = response.meta[SEEN]
        if not seen.failures:  # one that had no article last time either says nothing new
            self.run.article_pages += 1
            self.run.no_article += 1
        became = "empty" if extraction.kind == "empty" else "no-article"
        self.run.without_article(record_of(response).record_id, seen, became)
        self.logger.warning("%s: %s", response.url, became)

    def _unmodified(
        self, response: Response, first: Response, following: tuple[str, ...]
    ) -> Iterator[Request]:
        """A page of an article is as it was: the article is, if its following pages are too."""
        self.run.answered += 1
        seen: Seen = first.meta[SEEN]
        if response is not first:
            self.run.note(record_of(response).record_id, "next_page", key=seen.url)
        if following:
            arguments = {"first": first, "following": following[1:]}
            yield self.request(
                following[0], self.parse_following, "next_page", priority=_RECHECKS,
                cb_kwargs=arguments, **{SEEN: seen, CONDITIONAL: True},
            )  # fmt: skip
        else:
            self.run.is_there(seen)
            self.run.looked_at(record_of(first).record_id, seen, "unchanged")

    async def parse_following(
        self, response: Response, first: Response, following: tuple[str, ...]
    ) -> AsyncIterator[Any]:
        """A following page of an article whose first page is as it was."""
        if not_modified(response):
            for request in self._unmodified(response, first, following):
                yield request
            return
        seen: Seen = first.meta[SEEN]
        self.run.note(record_of(response).record_id, "next_page", key=seen.url)
        whole = self._article_request(seen).replace(dont_filter=True)
        whole.meta[CONDITIONAL] = False  # the text of all pages is needed
        yield whole

    async def parse_next_page(
        self,
        response: Response,
        first: Response,
        extraction: Extraction,
        pages: tuple[Article, ...],
    ) -> AsyncIterator[Any]:
        """A following page of an article."""
        found = await self.extract(response, "next_page")
        if found is None:  # half an article would pass for the whole one: the next run takes all
            why = f"{response.url} could not be read"
            record = record_of(first).record_id
            self.run.note(record, "extraction-failed", key=first.meta[SEEN].url, why=why)
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
        """Requests for those articles that were never fetched; all are written down first."""
        seen = self.run.see(self._urls(links), origin)
        now = self.run.started
        return self._wanted(
            one for one in seen.values()
            if one.state == "pending" and (one.next_check is None or one.next_check <= now)
        )  # fmt: skip

    def _urls(self, links: Iterable[Link]) -> list[str]:
        """Canonical URLs of the links to articles of this site within the span asked for."""
        return [
            canonical_url(link.url, self.site)
            for link in links
            if self.site.is_article(link.url)
            and (link.published_at is None or any(map(self.run.options.wants, self._days(link))))
        ]

    def _wanted(self, urls: Iterable[Seen]) -> Iterator[Request]:
        """Requests for the articles, each once a run, up to the limit."""
        for seen in urls:
            if hash(seen.url) in self._asked:
                continue
            if self._left is not None:
                if self._left == 0:
                    self.run.limited = True
                    return
                self._left -= 1
            self._asked.add(hash(seen.url))
            if self._handed < self.settings.getint("ARTICLE_BATCH"):
                self._handed += 1
                yield self._article_request(seen)
            else:
                (self._new if seen.state == "pending" else self._known).append(seen.url)

    def _has_come(self) -> None:
        """Where a tenth of the articles that Scrapy is given has come, it is given more."""
        self._handed -= 1
        most = self.settings.getint("ARTICLE_BATCH")
        if self._handed <= most - most / 10:
            self._hand_out(most - self._handed)

    def idle(self) -> None:
        """Give Scrapy more, if articles that it left out were the last that it was given."""
        self._handed = 0
        if self._hand_out(self.settings.getint("ARTICLE_BATCH")):
            raise DontCloseSpider

    def _hand_out(self, most: int) -> bool:
        """Ask for the next articles that wait, the new ones before those to be looked at again."""
        waiting = chain(_drained(self._new), _drained(self._known))
        urls = list(islice(waiting, most))
        states = self.run.ledger.states(urls) if urls else {}
        self._handed += len(urls)
        for url in urls:
            self.crawler.engine.crawl(self._article_request(states[url]))
        return bool(urls)

    def _article_request(self, seen: Seen) -> Request:
        is_new = seen.state == "pending"
        meta: dict[str, Any] = {
            SEEN: seen, CONDITIONAL: not is_new, "discovered_from": seen.discovered_from,
        }  # fmt: skip
        priority = _ARTICLES if is_new else _RECHECKS
        return self.request(seen.url, self.parse_article, "article", priority=priority, **meta)

    def _feed_request(self, url: str) -> Request:
        meta: dict[str, Any] = {WALK: url, CONDITIONAL: not self.run.options.backfill}
        return self.request(url, self.parse_feed, "feed", priority=_DISCOVERY, **meta)

    def _list_request(self, url: str, walk: ListPage, number: int) -> Request:
        arguments = {"walk": walk, "number": number}
        meta: dict[str, Any] = {WALK: walk.url, CONDITIONAL: not self.run.options.backfill}
        request = self.request(
            url, self.parse_list, "list", priority=_DISCOVERY, cb_kwargs=arguments, **meta
        )
        return request.replace(errback=self.list_failed)

    def _next_page(
        self, url: str, first: Response, extraction: Extraction, pages: tuple[Article, ...]
    ) -> Request:
        arguments = {"first": first, "extraction": extraction, "pages": pages}
        request = self.request(
            url, self.parse_next_page, "next_page", priority=_ARTICLES, cb_kwargs=arguments,
            **{SEEN: first.meta[SEEN]},
        )  # fmt: skip
        return request.replace(errback=self.next_page_failed)

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


def _drained(waiting: deque[str]) -> Iterator[str]:
    while waiting:
        yield waiting.popleft()


def _merged(extraction: Extraction, pages: tuple[Article, ...]) -> Extraction:
    return _with_article(extraction, merge(extraction.articles[0], pages))


def _with_article(extraction: Extraction, article: Article) -> Extraction:
    return replace(extraction, articles=(article,))
