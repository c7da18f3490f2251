"""The base of the spiders: from feeds and lists to articles.

A spider decides what to fetch next. Pages are read by the extractor; their outcomes are recorded by
``newsbot.crawl``.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Self, cast

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.addresses import resolve
from newsbot.capture.recorder import CAPTURED, HINTS, POSITION, RENDER, ROLE
from newsbot.crawl.article_queue import ArticleQueue, LimitReached
from newsbot.crawl.destinations import Destinations
from newsbot.crawl.middlewares.conditional import CONDITIONAL, WALK, not_modified
from newsbot.crawl.outcomes import SEEN, cause_of, record_of
from newsbot.crawl.refresh import refresh_of, why_not_followed
from newsbot.crawl.run import Run
from newsbot.crawl.sitemaps import Sitemaps
from newsbot.crawl.walks import Walks
from newsbot.errors import CaptureError, CrawlStopped
from newsbot.extract import canonical_url, explain
from newsbot.extract.pages import PagedArticle
from newsbot.ledger.frontier import Seen
from newsbot.models import Article, Extraction, Link, ListPosition, PageRole
from newsbot.sites.finders import Feed, ListPage

# Priorities: URLs are discovered before articles are fetched, and new articles before known ones.
_DISCOVERY, _ARTICLES, _RECHECKS = 10, 0, -10
_REFRESHES = "refreshes"  # key in request.meta


class NewsSpider(Spider):
    """Crawls one site: feeds, lists back to the last completed walk, new and due articles."""

    def __init__(self, run: Run, batch: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.site = run.site
        self.allowed_domains = list(run.site.hosts)
        self._destinations = Destinations(run.site)
        self._walks = Walks(run.site, run.options, run.known, run.started)
        self._sitemaps = Sitemaps(run.site, run.options, run.known, run.started)
        self._queue = ArticleQueue(batch, run.options.limit, run.known.states)
        self._later_feeds: list[Feed] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider, connected to the signal that nothing is left to fetch."""
        batch = crawler.settings.getint("ARTICLE_BATCH")
        spider = super().from_crawler(crawler, *args, batch=batch, **kwargs)
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first requests: for the one page of ``-a url=``, else for the whole site."""
        options, known = self.run.options, self.run.known
        if options.url is not None:
            for request in self._enqueue(known.record_links([Link(options.url)], None).values()):
                yield request
            return
        self._later_feeds = [feed for feed in self.site.feeds if self._walks.is_read_later(feed)]
        for feed in self.site.feeds:
            if feed.every is None:
                yield self._feed_request(feed)
        for sitemap in self.site.sitemaps:
            yield self._sitemap_request(sitemap, depth=1)
        for listing in self.site.lists:
            for walk in self._walks.start_pages(listing):
                yield self._list_request(walk.url, walk, number=1)
        if not options.backfill:
            waiting = [*known.pending(options.recheck), *known.to_recheck(options.recheck)]
            for request in self._enqueue(waiting):
                yield request

    # -- feeds and lists -----------------------------------------------------------------------

    async def parse_feed(self, response: Response, feed: Feed) -> AsyncIterator[Any]:
        """Yield requests for a feed's new articles; an unmodified feed has none."""
        if self._is_unmodified(response):
            if feed.every is not None:
                self._walks.complete(feed.url)
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        self._report_notes(response, extraction)
        if extraction.other_links:
            self.run.stats.count_problem(
                f"feed-without-articles: no link of {response.url} matches hosts and urls.article: "
                f"{', '.join(extraction.other_links)}"
            )
        for request in self._new_articles(extraction.links, response):
            yield request
        if not extraction.notes:  # a broken feed is fetched again
            self._walks.complete(feed.url)

    async def parse_sitemap(self, response: Response, depth: int) -> AsyncIterator[Any]:
        """Yield requests for a sitemap's new and changed articles, and for those it names.

        A walk of an index is never completed, so that it is always sent: unmodified, it would not
        name the sitemaps that failed the last time.
        """
        if self._is_unmodified(response):
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        self._report_notes(response, extraction)
        for url in self._sitemaps.further(extraction, depth):
            yield self._sitemap_request(url, depth + 1)
        for request in self._new_articles(extraction.links, response):
            yield request
        for request in self._enqueue(self._sitemaps.changed(extraction.links)):
            yield request
        if not extraction.notes and not extraction.sitemaps:
            self._walks.complete(response.meta[WALK])

    async def parse_list(
        self, response: Response, walk: ListPage, number: int
    ) -> AsyncIterator[Any]:
        """Yield requests for the new articles on a list's page, and for its next page if needed.

        A page that is unmodified since a completed walk has only known articles.
        """
        if self._is_unmodified(response):
            self._walks.complete(walk.url)
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        for request in self._new_articles(extraction.links, response):
            yield request
        if not extraction.links and (led := self._led_elsewhere(response)) is not None:
            if isinstance(led, Request):
                yield led
            else:  # the walk is not complete: the next run walks the list again
                self.run.outcomes.record_led_elsewhere(response, led)
            return
        if not extraction.links and self._is_worth_rendering(response):
            yield self._rendering_request(response)
            return
        links = {canonical_url(link.url, self.site): link for link in extraction.links}
        next_page = extraction.next_page
        if self._is_no_list(response, extraction, number):
            return  # the next run walks the list again
        if not links and number == 1 and walk in self.site.lists:
            self.run.stats.count_problem(f"list-without-articles: {walk.url}")
            self.logger.warning("%s: no article found on this list page", response.url)
        elif self._queue.is_exhausted:
            return  # the walk is interrupted; the next run walks the list again
        elif (decision := self._walks.decide(walk, number, links, next_page)) == "continue":
            yield self._list_request(str(next_page), walk, number + 1)
        else:
            if decision == "capped":
                self._report_cap(walk, number)
            self._walks.complete(walk.url)

    def on_list_failure(self, failure: Failure) -> None:
        """Record a failed page; a missing page behind a list's last one is the list's end."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        walk: ListPage = arguments["walk"]
        may_end = arguments["number"] > 1 or walk not in self.site.lists  # a day without stories
        if may_end and cause_of(failure) in walk.end_answers:
            self.run.outcomes.accounts.settle(request)
            record = request.meta[CAPTURED].record_id
            self.run.recording.journal.write_outcome(record, "list", links=0)
            self._walks.complete(walk.url)
        else:
            self.on_failure(failure)

    def _is_unmodified(self, response: Response) -> bool:
        """Return whether a feed or list is unmodified; record that outcome."""
        if not not_modified(response):
            return False
        self.run.stats.count_answer()
        record = record_of(response).record_id
        self.run.recording.journal.write_outcome(record, response.meta[ROLE])
        return True

    def _report_notes(self, response: Response, extraction: Extraction) -> None:
        for note in extraction.notes:
            self.run.stats.count_problem(f"{explain(note)}: {response.url}")
            self.logger.warning("%s: %s", response.url, explain(note))

    def _is_no_list(self, response: Response, extraction: Extraction, number: int) -> bool:
        """Return whether a list's page cannot be read as the seed says; report it.

        Behind its last page, the answer of an API may have no items.
        """
        notes, has_links = extraction.notes, bool(extraction.links)
        is_none = not has_links and bool(notes) and (number == 1 or "list-not-json" in notes)
        if is_none or "list-too-long" in notes:
            self._report_notes(response, extraction)
        return is_none

    def _report_cap(self, walk: ListPage, number: int) -> None:
        """Report a walk that ended at ``max_pages``: stories may be missing."""
        if self.run.options.backfill:
            text = "did not reach the first day wanted: raise max_pages in the seed"
        elif self._walks.is_first(walk):
            text = "are not the whole list: older stories need a backfill, or more max_pages"
        else:
            text = "did not reach the last walk: raise max_pages in the seed, or crawl more often"
        self.run.stats.count_problem(f"list-capped: {number} pages of {walk.url} {text}")
        self.logger.warning("%s: %d pages %s", walk.url, number, text)

    # -- articles ------------------------------------------------------------------------------

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        """Yield the article on a page, or a request for its next page."""
        self._schedule(self._queue.mark_arrived())
        confirmed = not_modified(response)
        if confirmed:
            for request in self._check_following(response, response, confirmed.following):
                yield request
            return
        extraction = await self.run.outcomes.read(response)
        if extraction is None:
            return
        if not extraction.articles and (led := self._led_elsewhere(response)) is not None:
            if isinstance(led, Request):
                yield led
            else:
                self.run.outcomes.record_led_elsewhere(response, led)
            return
        if not extraction.articles and self._is_worth_rendering(response):
            yield self._rendering_request(response)
            return
        if not extraction.articles:
            outcome = "empty" if extraction.kind == "empty" else "no-article"
            self.run.outcomes.record_without_article(response, outcome)
            return
        self.run.stats.count_article_page(has_article=True)
        self.run.outcomes.record_reappearance(response.meta[SEEN])
        for one in self._next_page_or_article(response, PagedArticle(extraction)):
            yield one

    async def parse_next_page(
        self, response: Response, first: Response, paged: PagedArticle
    ) -> AsyncIterator[Any]:
        """Yield the article that this page continues, or a request for its next page."""
        found = await self.run.outcomes.read(response)
        if found is None:  # part of an article would pass for all of it; the next run retries
            why = f"{response.url} could not be extracted"
            record, key = record_of(first).record_id, first.meta[SEEN].url
            self.run.recording.journal.write_outcome(record, "extraction-failed", key=key, why=why)
            return
        paged.add(str(paged.next_page), found)
        for one in self._next_page_or_article(first, paged):
            yield one

    async def on_next_page_failure(self, failure: Failure) -> AsyncIterator[Any]:
        """Yield the article without the page that could not be fetched and those after it.

        Part of an article whose rest a stopped crawl has not fetched would pass for all of it.
        """
        self.on_failure(failure)
        if isinstance(failure.value, CrawlStopped):
            return
        arguments = failure.request.cb_kwargs  # type: ignore[attr-defined]
        for item in self.on_article(arguments["first"], arguments["paged"].article()):
            yield item

    def _next_page_or_article(self, first: Response, paged: PagedArticle) -> Iterator[Any]:
        if paged.next_page is None:
            yield from self.on_article(first, paged.article())
            return
        arguments = {"first": first, "paged": paged}
        request = self.request(
            paged.next_page, self.parse_next_page, "next_page", priority=_ARTICLES,
            cb_kwargs=arguments, **{SEEN: first.meta[SEEN]},
        )  # fmt: skip
        yield request.replace(errback=self.on_next_page_failure)

    def _check_following(
        self, response: Response, first: Response, following: tuple[str, ...]
    ) -> Iterator[Request]:
        """Yield a request for the next following page; record "unchanged" after the last."""
        self.run.stats.count_answer()
        seen: Seen = first.meta[SEEN]
        if response is not first:
            record = record_of(response).record_id
            self.run.recording.journal.write_outcome(record, "next_page", key=seen.url)
        if following:
            arguments = {"first": first, "following": following[1:]}
            yield self.request(
                following[0], self.parse_following, "next_page", priority=_RECHECKS,
                cb_kwargs=arguments, **{SEEN: seen, CONDITIONAL: True},
            )  # fmt: skip
        else:
            self.run.outcomes.record_reappearance(seen)
            self.run.outcomes.record_fetch(first, "unchanged")

    async def parse_following(
        self, response: Response, first: Response, following: tuple[str, ...]
    ) -> AsyncIterator[Any]:
        """Yield requests after a following page of an article whose first page is unmodified."""
        if not_modified(response):
            for request in self._check_following(response, first, following):
                yield request
            return
        seen: Seen = first.meta[SEEN]
        record = record_of(response).record_id
        self.run.recording.journal.write_outcome(record, "next_page", key=seen.url)
        whole = self._article_request(seen)
        whole.meta[CONDITIONAL] = False  # the text of all pages is needed
        yield whole

    def on_article(self, response: Response, article: Article) -> Iterator[Any]:
        """Yield the article to the pipelines; subclasses may do more.

        One that a backfill fetched, and that is of another day, stays pending.
        """
        if not self._walks.covers(article):
            record = record_of(response).record_id
            self.run.recording.journal.write_outcome(record, "outside-span")
            return
        if (seen := response.meta.get(SEEN)) is not None:  # a saved page has no entry
            self.run.known.expect(article, seen.url)
        yield article.model_copy(update={"discovered_from": response.meta.get("discovered_from")})

    def on_failure(self, failure: Failure) -> None:
        """Record a failed request; one that a stopped crawl has given up stays open."""
        if isinstance(failure.value, CrawlStopped):
            return
        if isinstance(failure.value, CaptureError):
            self.run.outcomes.accounts.settle(failure.request)  # type: ignore[attr-defined]
            self.run.stop(failure.value)
        else:
            why = self.run.outcomes.record_failure(failure)
            self.logger.warning("%s: %s", failure.request.url, why)  # type: ignore[attr-defined]
        if failure.request.callback == self.parse_article:  # type: ignore[attr-defined]
            self._schedule(self._queue.mark_arrived())

    # -- requests ------------------------------------------------------------------------------

    def request(
        self, url: str, callback: Any, role: PageRole, *, priority: int,
        cb_kwargs: dict[str, Any] | None = None, **meta: Any,
    ) -> Request:  # fmt: skip
        """Return a request for a page in a role, for the browser where the site needs it."""
        if role not in ("feed", "sitemap") and self._needs_rendering(url):
            meta[RENDER] = True
        address = (resolve(url, url) or url).partition("#")[0]
        made = Request(
            address,
            callback=callback,
            errback=self.on_failure,
            cb_kwargs=cb_kwargs or {},
            priority=priority,
            meta={ROLE: role, "verbatim_url": True, **meta},  # as a browser sends it
            headers={"Referer": meta["discovered_from"]} if meta.get("discovered_from") else None,
            dont_filter=True,  # the queue gives each article once, whatever its address looks like
        )
        self.run.outcomes.accounts.open(made)
        return made

    def _feed_request(self, feed: Feed) -> Request:
        meta: dict[str, Any] = {WALK: feed.url, CONDITIONAL: not self.run.options.backfill}
        if feed.every is not None:
            meta["max_retry_times"] = 0  # the next crawl is the next try
        return self.request(
            feed.url, self.parse_feed, "feed", priority=_DISCOVERY, cb_kwargs={"feed": feed}, **meta
        )

    def _sitemap_request(self, url: str, depth: int) -> Request:
        meta: dict[str, Any] = {WALK: url, CONDITIONAL: not self.run.options.backfill}
        return self.request(
            url, self.parse_sitemap, "sitemap", priority=_DISCOVERY,
            cb_kwargs={"depth": depth}, **meta,
        )  # fmt: skip

    def _list_request(self, url: str, walk: ListPage, number: int) -> Request:
        arguments = {"walk": walk, "number": number}
        meta: dict[str, Any] = {
            WALK: walk.url, CONDITIONAL: not self.run.options.backfill,
            POSITION: ListPosition(walk.url, number),
        }  # fmt: skip
        request = self.request(
            url, self.parse_list, "list", priority=_DISCOVERY, cb_kwargs=arguments, **meta
        )
        return request.replace(errback=self.on_list_failure)

    def _article_request(self, seen: Seen) -> Request:
        is_new = seen.state == "pending"
        meta: dict[str, Any] = {
            SEEN: seen, CONDITIONAL: not is_new, HINTS: seen.hints,
            "discovered_from": seen.discovered_from,
        }  # fmt: skip
        priority = _ARTICLES if is_new else _RECHECKS
        return self.request(
            seen.fetched_as, self.parse_article, "article", priority=priority, **meta
        )

    def _new_articles(self, links: tuple[Link, ...], response: Response) -> Iterator[Request]:
        """Record all linked articles; return requests for those never fetched."""
        section = self.site.section_of(response.meta[WALK])
        wanted = (
            link.in_section(section) for link in links
            if self.site.is_article(link.url) and self._walks.wants(link)
        )  # fmt: skip
        seen = self.run.known.record_links(wanted, response.url)
        now = self.run.started
        return self._enqueue(
            one for one in seen.values()
            if one.state == "pending" and (one.next_check is None or one.next_check <= now)
        )  # fmt: skip

    def _enqueue(self, articles: Iterable[Seen]) -> Iterator[Request]:
        """Queue the articles, up to the limit; yield requests for those that Scrapy can take."""
        try:
            for seen in self._queue.enqueue(articles):
                yield self._article_request(seen)
        except LimitReached:
            self.run.stats.mark_limited()

    def on_idle(self) -> None:
        """Schedule the next batch: Scrapy may have dropped requests without a callback.

        At last come feeds that only add to the others: slow ones then delay nothing.
        """
        waiting: list[Request] = list(map(self._article_request, self._queue.refill()))
        if not waiting and not self._queue.is_exhausted:
            waiting = list(map(self._feed_request, self._later_feeds))
            self._later_feeds = []
        if not waiting:
            self._report_sitemaps()
            return
        for request in waiting:
            self.crawler.engine.crawl(request)
        raise DontCloseSpider

    def _report_sitemaps(self) -> None:
        for problem in self._sitemaps.problems():
            self.run.stats.count_problem(problem)

    def _schedule(self, waiting: list[Seen]) -> None:
        for seen in waiting:
            self.crawler.engine.crawl(self._article_request(seen))

    # -- pages that need a browser -------------------------------------------------------------

    def _needs_rendering(self, url: str) -> bool:
        """Return whether the page is rendered in a browser from the start."""
        mode = self.site.render_of(url)
        known = self.site.pattern_of(url) in self.run.outcomes.browser_patterns
        return self._can_render and (mode == "always" or (mode == "auto" and known))

    @property
    def _can_render(self) -> bool:
        return bool(self.settings.get("CHROMIUM"))

    def _is_worth_rendering(self, response: Response) -> bool:
        """Return whether a page without content should be rendered in a browser."""
        if response.meta.get(RENDER) or self.site.render_of(response.url) != "auto":
            return False
        if not self._can_render:
            self.run.stats.count_problem(
                "needs-browser: pages had no article, and no browser was found to render them"
            )
        return self._can_render

    def _rendering_request(self, response: Response) -> Request:
        """Return the same request for the browser; record the first response as a shell."""
        request = cast("Request", response.request)
        self.run.recording.journal.write_outcome(record_of(response).record_id, "shell")
        self.run.stats.discount_answer(response.meta[ROLE])
        again = request.replace(url=response.url, meta={**request.meta, RENDER: True})
        self.run.outcomes.accounts.open(again)
        return again

    # -- pages that lead elsewhere -------------------------------------------------------------

    def _led_elsewhere(self, response: Response) -> Request | str | None:
        """Return where a page without content sends its reader: the request, or why there is none.

        None if it sends nobody anywhere. Refreshes of pages with content are for readers who stay.
        """
        role, hops = response.meta[ROLE], response.meta.get(_REFRESHES, 0)
        refresh = refresh_of(response)
        if refresh is not None:
            why = why_not_followed(refresh, response, role, hops, self._destinations)
            return why or self._refresh_request(response, str(refresh.url), hops)
        was_led = hops > 0 or bool(response.meta.get("redirect_urls"))
        is_other = role == "article" and was_led and not self.site.is_article(response.url)
        return "redirect-to-no-article" if is_other else None

    def _refresh_request(self, response: Response, url: str, hops: int) -> Request:
        self.run.recording.journal.write_outcome(record_of(response).record_id, "redirect")
        self.run.stats.discount_answer(response.meta[ROLE])  # the page that follows is counted
        request = cast("Request", response.request)
        following = request.replace(url=url, meta={**request.meta, _REFRESHES: hops + 1})
        following.headers.pop("Cookie", None)  # of a gate that the request before has passed
        self.run.outcomes.accounts.open(following)
        return following
